"""Accounts that a target lends, and cases that need some, for tests of whole runs."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from harness.accounts import Wallet

from .bench import CONFIG, QUIET, Bench, clean_environment
from .exchanges import Exchange

RESTS = """\
id: {id}
title: "An order that is good till cancelled does not rest"
status: open
severity: minor
component: clob
actors: {actors}
given:
  - market: {{tick: 0.01}}
    save: market
  - fund: {{alice: {{collateral: 100}}}}
steps:
  - id: buy
    rest: POST /order
    as: alice
    order: {{token: "${{market.yes}}", side: BUY, price: 0.52, size: 5, type: GTC}}
    expect: {{status: 200, body: {{success: true}}}}
{more}symptom: {{step: buy, shows: {{status: 500}}}}
"""
WAITS = """\
  - id: pause
    wait: {seconds}s
    reason: "the others want the account meanwhile"
"""


def rests(case: str, actors: str = "{alice: trader}", more: str = "") -> str:
    """A case whose order rests in the end."""
    return RESTS.format(id=case, actors=actors, more=more)


def keys(count: int) -> list[str]:
    """New private keys."""
    return ["0x" + secrets.token_hex(32) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Lent:
    """A bench whose target lends accounts; its locks are the test's own."""

    bench: Bench
    env: Mapping[str, str]

    @classmethod
    def of(
        cls,
        bench: Bench,
        there: Exchange,
        accounts: Sequence[Mapping[str, object]],
        more: str = "",
        *,
        treasury: bool = True,
    ) -> Lent:
        """Let the exchange be the target `there`, which lends these accounts, funded from a treasury."""
        configured = there.configured("there", "staging", marked="staging")
        text = f'{configured}\n[targets.there.accounts]\nlist = "env:ACCOUNTS"\n{more}'
        env = {"ACCOUNTS": json.dumps(accounts), "TMPDIR": str(bench.root / "locks")}
        if treasury:
            (bank,) = keys(1)
            asked = {"address": Wallet.of(bank).address, "collateral": "100000", "approve": False}
            there.control.control("/fund", asked)
            text += '\n[targets.there.accounts.treasury]\nkey = "env:TREASURY"\n'
            env["TREASURY"] = bank
        (bench.root / "harness.toml").write_text(CONFIG + text, encoding="utf-8")
        (bench.root / "locks").mkdir()
        return cls(bench, env)

    def only(self, **cases: str) -> None:
        """Have these cases and no others."""
        for path in (self.bench.root / "cases").iterdir():
            path.unlink()
        for name, text in cases.items():
            path = self.bench.root / "cases" / f"{name.replace('_', '-')}.yaml"
            path.write_text(text, encoding="utf-8")

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A pytest of its own, killed at the end."""
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *QUIET, "--target", "there", *arguments],
            cwd=self.bench.root,
            env={**clean_environment(), **self.env, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()


def said(process: subprocess.Popen[str], word: str) -> str:
    """What a process says until a line with this word."""
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if word in line:
            return told
    raise AssertionError(f"it ended without {word!r}:\n{told}")
