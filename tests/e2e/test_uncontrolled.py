"""An exchange that nobody controls: markets are found, money is brought, and verdicts are the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from harness.accounts import Wallet

from .bench import CONFIG, Bench
from .exchanges import Exchange, exchange
from .lending import Lent, keys, rests

FIXED_BUILD, BROKEN_BUILD, BEHIND_BUILD = "2026.11.2", "2026.11.1", "2026.9.25"
FIX_BROKEN_BUILD, FIX_BUGS = "2026.11.0", ("ESC-1111", "ESC-1113")


@pytest.fixture(scope="module")
def there() -> Iterator[Exchange]:
    """An exchange with markets of a few kinds, as somebody listed them: more than these tests use."""
    with exchange(FIXED_BUILD, "staging") as running:
        listed(running)
        yield running


def listed(there: Exchange) -> None:
    for _ in range(30):
        there.control.control("/markets", {"tick": "0.01"})
    there.control.control("/markets", {"tick": "0.001"})
    event = there.control.control("/markets", {"tick": "0.01", "neg_risk": True})["neg_risk_market_id"]
    there.control.control("/markets", {"tick": "0.01", "neg_risk": True, "event": event})


def address_of(key: object) -> str:
    return Wallet.of(str(key)).address


def uncontrolled(bench: Bench, there: Exchange, *, treasury: str | None = "100000", more: str = "") -> Lent:
    """A target without its control address, with three accounts, and a treasury that holds so much."""
    *lent, bank = keys(4)
    accounts: list[dict[str, Any]] = [{"name": f"account-{at}", "key": key} for at, key in enumerate(lent, 1)]
    for account in accounts:
        account["fix"] = {
            kind: session(there, str(account["key"]), kind) for kind in ("order_entry", "drop_copy")
        }
    text = there.configured("there", "local", control="")
    text += '\n[targets.there.markets]\nsymbol = "{SLUG}"\n'
    text += f'\n[targets.there.accounts]\nlist = "env:ACCOUNTS"\n{more}'
    env = {"ACCOUNTS": json.dumps(accounts), "TMPDIR": str(bench.root / "locks")}
    if treasury is not None:
        there.control.control(
            "/fund", {"address": address_of(bank), "collateral": treasury, "approve": False}
        )
        text += '\n[targets.there.accounts.treasury]\nkey = "env:TREASURY"\n'
        env["TREASURY"] = bank
    (bench.root / "harness.toml").write_text(CONFIG + text, encoding="utf-8")
    (bench.root / "locks").mkdir()
    return Lent(bench, env)


def session(there: Exchange, key: str, kind: str) -> dict[str, str]:
    """The CompIDs of a FIX session that an account has for good."""
    asked = {"address": address_of(key), "kind": kind, "begin_string": "FIXT.1.1"}
    if kind == "order_entry":
        asked["private_key"] = key
    view = there.control.control("/fix-sessions", asked)
    return {"sender": view["sender"], "target": view["target"]}


def words(bench: Bench) -> dict[str, str]:
    records: list[dict[str, Any]] = json.loads((bench.root / "verdicts.json").read_text())["records"]
    return {each["id"]: each["word"] for each in records}


def held(there: Exchange, address: str) -> Decimal:
    """What an address holds of the collateral."""
    return Decimal(there.control.control("/fund", {"address": address, "approve": False})["collateral"])


CASES = ("ESC-1001", "ESC-1012", "ESC-1033", "ESC-1066", "ESC-1111", "ESC-1145")
"""Trades, refusals, streams, FIX, markets of both kinds, shares of both sides, approvals taken back."""


def test_verdicts_are_the_same(bench: Bench, there: Exchange) -> None:
    """Cases hold as they do where a control API provides what they need, with accounts and markets that they
    have one after the other."""
    lent = uncontrolled(bench, there)
    for case in CASES:
        bench.add(case)

    ran = bench.pytest(
        *("-n", "2", "--target", "there", "--verdicts", "verdicts.json"), env=lent.env, limit_s=300
    )

    assert words(bench) == dict.fromkeys(("ESC-1118", *CASES), "holds"), ran.out
    assert ran.code == 0
    assert there.open_orders() == []


def test_a_bug_is_seen(bench: Bench) -> None:
    """The customer's bug shows there, too: with the symptom, and not as trouble of the accounts."""
    with exchange(BROKEN_BUILD, "staging") as there:
        listed(there)
        lent = uncontrolled(bench, there)
        ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    assert (ran.code, words(bench)) == (1, {"ESC-1118": "regressed"}), ran.out


def test_a_bug_of_a_session_is_seen(bench: Bench) -> None:
    """A FIX bug shows, too: behind its red the account's own session answers, so the engine is no excuse."""
    bench.case.unlink()
    for case in FIX_BUGS:
        bench.add(case)
    with exchange(FIX_BROKEN_BUILD, "staging") as there:
        listed(there)
        lent = uncontrolled(bench, there)
        ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    assert words(bench) == dict.fromkeys(FIX_BUGS, "regressed"), ran.out
    assert "does not hold on there, which names no build: https://" in ran.out


def test_an_exchange_that_is_behind(bench: Bench) -> None:
    """An exchange that reads an old state of the chain is waited for while it is funded; that the case itself
    waits for it in vain is the bug."""
    bench.case.unlink()
    bench.add("ESC-1142")
    with exchange(BEHIND_BUILD, "staging") as there:
        listed(there)
        lent = uncontrolled(bench, there)
        ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    assert (ran.code, words(bench)) == (1, {"ESC-1142": "regressed"}), ran.out


def test_an_account_holds_what_the_case_asks_for(bench: Bench, there: Exchange) -> None:
    """What an account has too much of goes to the treasury, so that no case lives on what another left."""
    lent = uncontrolled(bench, there)
    account, bank = json.loads(lent.env["ACCOUNTS"])[0], address_of(lent.env["TREASURY"])
    there.control.control(
        "/fund", {"address": address_of(account["key"]), "collateral": "900", "approve": False}
    )
    env = {**lent.env, "ACCOUNTS": json.dumps([account])}
    lent.only(ESC_3101=rests("ESC-3101"))

    ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=env)

    assert (ran.code, words(bench)) == (0, {"ESC-3101": "verified"}), ran.out
    assert (held(there, address_of(account["key"])), held(there, bank)) == (100, 100800)


def test_what_earlier_cases_left(bench: Bench, there: Exchange) -> None:
    """Shares that an account has of other markets go to the treasury before a case begins."""
    lent = uncontrolled(bench, there)
    account, bank = json.loads(lent.env["ACCOUNTS"])[0], address_of(lent.env["TREASURY"])
    other = there.control.control("/markets", {"tick": "0.1"})["condition"]
    left = {"address": address_of(account["key"]), "market": other, "yes": "7", "no": "3", "approve": False}
    there.control.control("/fund", left)
    lent.only(ESC_3141=rests("ESC-3141"))

    ran = bench.pytest(
        *("--target", "there", "--verdicts", "verdicts.json"),
        env={**lent.env, "ACCOUNTS": json.dumps([account])},
    )

    assert (ran.code, words(bench)) == (0, {"ESC-3141": "verified"}), ran.out
    for address, shares in ((address_of(account["key"]), ("0", "0")), (bank, ("7", "3"))):
        found = there.control.control("/fund", {"address": address, "market": other, "approve": False})
        assert (Decimal(found["yes"]), Decimal(found["no"])) == tuple(map(Decimal, shares))


def test_a_recording_is_replayed(bench: Bench, there: Exchange) -> None:
    """What was recorded there proves the case in replay, with the market that was found and the money."""
    lent = uncontrolled(bench, there)

    recorded = bench.pytest("--target", "there", "--record", "fixed", env=lent.env)
    replayed = bench.pytest()

    assert (recorded.code, recorded.outcomes()) == (0, {"passed": 1}), recorded.out
    assert (replayed.code, replayed.outcomes()) == (0, {"passed": 2}), replayed.out
    assert '"origin":"live"' in bench.cassette("fixed").read_text(encoding="utf-8")


@pytest.mark.parametrize("treasury", [None, "30"])
def test_what_is_missing_is_told(bench: Bench, there: Exchange, treasury: str | None) -> None:
    """Where there is no money for a case it is inconclusive: whose account lacks how much of what, where."""
    lent = uncontrolled(bench, there, treasury=treasury)
    lent.only(ESC_3111=rests("ESC-3111"))

    ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    told = " ".join(ran.out.split())
    assert (ran.code, words(bench)) == (1, {"ESC-3111": "inconclusive"}), ran.out
    coin = f"the collateral 0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB on chain {there.ready['chain_id']}"
    if treasury is None:
        assert f"holds 0 of {coin}, and the case needs 100: send it 100 more, or name a `treasury`" in told
        assert "has 0.0000 of the coin of chain" in told
    else:
        assert f"holds 30 of {coin}, and 100 is needed: send it 70 more" in told
    assert "T045" in told


def test_no_market_that_fits(bench: Bench, there: Exchange) -> None:
    """Where no market is as the case wants it, it is inconclusive, and why each will not do is told."""
    lent = uncontrolled(bench, there)
    text = rests("ESC-3121").replace("{tick: 0.01}", "{tick: 0.1, neg_risk: true}")
    lent.only(ESC_3121=text)

    ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    told = " ".join(ran.out.split())
    assert (ran.code, words(bench)) == (1, {"ESC-3121": "inconclusive"}), ran.out
    assert "T044 the exchange has no market for this case (tick: 0.1, neg_risk: true):" in told
    assert "× has another tick than 0.1" in told


def test_a_verb_of_the_target(bench: Bench, there: Exchange) -> None:
    """What only an exchange for tests can be told to makes the case inconclusive, and nothing else."""
    lent = uncontrolled(bench, there)
    more = "  - id: halt\n    target: pause\n    for: 1s\n"
    lent.only(ESC_3131=rests("ESC-3131", more=more))

    ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    assert (ran.code, words(bench)) == (1, {"ESC-3131": "inconclusive"}), ran.out
    told = " ".join(ran.out.split())
    assert "T006 cases/ESC-3131.yaml:" in told
    assert (
        "step 'halt': this target has no control API, so it cannot pause: only an exchange for tests" in told
    )
    assert (
        "Nothing was sent to 'there': run it on the embedded venue (pytest -k ESC-3131 --target venue)"
        in told
    )
