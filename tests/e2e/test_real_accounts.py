"""A target whose accounts are real, played by the venue: what is recorded there names nobody and proves."""

from __future__ import annotations

from harness.cassette import read
from harness.wire import wallets

from .bench import Bench
from .witness import CONFTEST

REAL = """
from harness.targets import Target
Target.has_real_accounts = property(lambda target: True)
"""


def test_a_recording_of_real_accounts_proves_its_case(bench: Bench) -> None:
    """Recorded live with every name replaced, its replay passes, and no wallet follows from its owner; judged
    in memory with names and without, the run comes to the same."""
    (bench.root / "conftest.py").write_text(CONFTEST + REAL, encoding="utf-8")
    ran = bench.pytest("--target", "venue", "--build", "2026.11.2", "--record", "fixed", "-k", "ESC-1118")
    assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out

    assert (bench.root / "witnessed.txt").read_text(encoding="utf-8") == "ESC-1118 alike\n"
    header = read(bench.cassette("fixed"), "ESC-1118").header
    assert {"identity.address", "identity.hash", "identity.uuid"} <= header.redaction.keys()
    for facts in header.inputs["actors"].values():
        assert facts["safe"] != wallets.safe_wallet(facts["address"])
    assert header.inputs["chain"]["ctf"] == "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"

    replayed = bench.pytest("-k", "ESC-1118")
    assert (replayed.code, replayed.outcomes()) == (0, {"passed": 2}), replayed.out
