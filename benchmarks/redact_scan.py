"""How long it takes to look for secrets in 10 MB: the value scan, each pattern, the whole.

python benchmarks/redact_scan.py [SECRETS]
"""

from __future__ import annotations

import base64
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from harness.redact import Redactor
from harness.redact.forms import small_letters
from harness.redact.patterns import PATTERNS

ROOT = Path(__file__).resolve().parents[1]

SIZE = 10_000_000
TRIES = 3


def secrets(count: int, dice: random.Random) -> list[str]:
    """As many as asked for, of five sorts: base64 in both alphabets, keys and words in hex, UUIDs."""
    makers: list[Callable[[], str]] = [
        lambda: base64.b64encode(dice.randbytes(32)).decode(),
        lambda: base64.urlsafe_b64encode(dice.randbytes(32)).decode(),
        lambda: "0x" + dice.randbytes(32).hex(),
        lambda: dice.randbytes(16).hex(),
        lambda: str(UUID(int=dice.getrandbits(128))),
    ]
    return [makers[number % len(makers)]() for number in range(count)]


def text() -> str:
    """Ten megabytes of the repository's own cassettes."""
    held = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "cassettes").rglob("*.jsonl")))
    return (held * (SIZE // len(held) + 1))[:SIZE]


def took_ms(work: Callable[[], object]) -> int:
    """The best of a few tries, in milliseconds of this process's own time."""
    best = []
    for _ in range(TRIES):
        began = time.process_time_ns()
        work()
        best.append(time.process_time_ns() - began)
    return min(best) // 1_000_000


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    held, redactor = text(), Redactor()
    for number, value in enumerate(secrets(count, random.Random(7))):
        redactor.register(f"s{number}", value)
    small = small_letters(held)
    print(f"{SIZE} characters, {count} secrets in every form")
    print(f"{'by value':16} {took_ms(lambda: redactor.redact_known(held)):6} ms")
    for pattern in PATTERNS:
        spent = took_ms(partial(pattern.spans, held, small))
        if spent >= 10:
            print(f"  {pattern.label:14} {spent:6} ms")
    print(f"{'all patterns':16} {took_ms(lambda: Redactor().find(held)):6} ms")
    print(f"{'find':16} {took_ms(lambda: redactor.find(held)):6} ms")


if __name__ == "__main__":
    main()
