"""Session scripts: read from `scripts/*.txt`, one rule each, and run for both versions of FIX.

    == <the rule in one sentence>
    [only FIX.4.4 | only FIXT.1.1]  [slow]  [raw]        words that may stand on a line of their own
    heart 1                          our HeartBtInt in seconds (30)
    judge Name=Value …               settings of quickfix's session
    with 553=…|                      fields of our Logon

Then what happens, one line each:

    connect | drop                   open the socket; close it from our side
    logon | logon reset | logout     our session does so
    I 35=D|…                         our session sends, with its own header
    R 35=…|…                         raw: a message with the right header, 9 and 10, except for what is given
    B …                              raw: bytes exactly as written (9=? and 10=? are computed)
    set out=5 in=9                   our numbers, moved by hand
    J send 3 | J next_out 9 | …      what the judge does by itself
    E 35=…|…                         the next message from the judge has at least these; `58~text` contains
    O 35=…|…                         the next message that our session sent by itself has at least these
    event Name field=value …         our session said so (after the last event that was asked for)
    state active                     our session's state
    numbers out=3 in=3               our numbers, and the judge's the other way round
    quiet                            nothing else is on its way, shown by a TestRequest and its answer
    quiet?                           only the TestRequest of it, where more is expected before the answer
    closed                           the judge closes the connection
    over                             our session asks to close it

`<now>` is the time, `<old>` five minutes before, `<begin>` the BeginString, `<me>` and `<judge>` the CompIDs,
`<version>` what only FIXT.1.1's Logon needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

VERSIONS = ("FIX.4.4", "FIXT.1.1")
HEADS = frozenset({"only", "slow", "raw", "heart", "judge", "with"})


@dataclass(frozen=True, slots=True)
class Script:
    """One rule as steps, for one version of FIX."""

    rule: str
    begin_string: str
    comp_id: str
    steps: tuple[str, ...]
    slow: bool = False
    raw: bool = False
    heart_s: int = 30
    judge: dict[str, str] = field(default_factory=dict)
    logon: str = ""

    def __str__(self) -> str:
        return f"{self.begin_string} {self.rule}"


def _script(rule: str, begin: str, comp_id: str, lines: list[str]) -> Script | None:
    heads = [line for line in lines if line.split()[0] in HEADS]
    steps = tuple(line for line in lines if line.split()[0] not in HEADS)
    values = {line.split()[0]: line.split()[1:] for line in heads}
    if values.get("only", [begin]) != [begin]:
        return None
    if not steps:
        raise ValueError(f"{rule}: a script without a step")
    judge = dict(pair.split("=", 1) for pair in values.get("judge", []))
    heart_s = int(values.get("heart", ["30"])[0])
    logon = " ".join(values.get("with", []))
    return Script(rule, begin, comp_id, steps, "slow" in values, "raw" in values, heart_s, judge, logon)


def read_all(folder: Path) -> list[Script]:
    """All scripts of a folder, for each version that they are meant for."""
    scripts: list[Script] = []
    rules: set[str] = set()
    for path in sorted(folder.glob("*.txt")):
        for part in path.read_text().split("\n== ")[1:]:
            rule, *lines = (line.strip() for line in part.splitlines())
            lines = [line for line in lines if line and not line.startswith("#")]
            if rule in rules:
                raise ValueError(f"two scripts are called {rule!r}")
            rules.add(rule)
            for begin in VERSIONS:
                script = _script(rule, begin, f"S{len(scripts) + 1}", lines)
                if script:
                    scripts.append(script)
    return scripts


SCRIPTS = read_all(Path(__file__).with_name("scripts"))
