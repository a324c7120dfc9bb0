"""A target that lends accounts: no two cases ever have the same one, whatever processes they are in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest

from .bench import Bench
from .exchanges import Exchange, exchange
from .lending import WAITS, Lent, keys, rests, said

BUILD = "2026.11.2"
LONG = WAITS.format(seconds=30)


@pytest.fixture(scope="module")
def there() -> Iterator[Exchange]:
    """An exchange that says it is staging."""
    with exchange(BUILD, "staging") as running:
        yield running


def accounts(count: int, **more: object) -> list[dict[str, object]]:
    return [{"name": f"account-{at}", "key": key, **more} for at, key in enumerate(keys(count), 1)]


def words(bench: Bench) -> list[str]:
    return [each["word"] for each in json.loads((bench.root / "verdicts.json").read_text())["records"]]


def test_accounts_are_lent_again_and_again(bench: Bench, there: Exchange) -> None:
    """Two accounts do for cases that need two, one after the other; what a case leaves open is cancelled
    when it is done, and no key stands in anything that was written or said."""
    pool = accounts(2)
    before = there.open_orders()
    lent = Lent.of(bench, there, pool)
    lent.only(ESC_3001=rests("ESC-3001"), ESC_3002=rests("ESC-3002", "{alice: trader, bob: maker}"))

    ran = bench.pytest("-v", "--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2}), ran.out
    assert words(bench) == ["verified", "verified"]
    assert ran.out.count("is handed back, 1 open order cancelled: 0x") == 2
    assert there.open_orders() == before
    written = ran.out + "".join(
        path.read_text(errors="replace") for path in bench.root.rglob("*") if path.is_file()
    )
    assert not [each for each in pool if str(each["key"])[2:] in written]


def test_what_an_earlier_case_left(bench: Bench, there: Exchange) -> None:
    """A control API gives money and takes none: without a treasury the next case with the same account is
    inconclusive, and not the product's; with one the account holds what the case asks for, and no more."""
    pool = accounts(1)
    two = {"ESC_3041": rests("ESC-3041"), "ESC_3042": rests("ESC-3042")}
    lent = Lent.of(bench, there, pool, treasury=False)
    lent.only(**two)
    without = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=lent.env)
    assert sorted(words(bench)) == ["inconclusive", "verified"], without.out
    assert "holds 200 of collateral, and the case asks for 100: an earlier case left it" in without.out

    shutil.rmtree(bench.root / "locks")
    lent = Lent.of(bench, there, pool)
    ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json", env=lent.env)
    assert (ran.code, words(bench)) == (0, ["verified", "verified"]), ran.out


def test_more_workers_than_accounts(bench: Bench, there: Exchange) -> None:
    """Four workers with two accounts between them only wait: all cases, of one actor or two, are judged."""
    before = there.open_orders()
    lent = Lent.of(bench, there, accounts(2))
    pair = "{alice: trader, bob: maker}"
    lent.only(
        **{f"ESC_30{at}": rests(f"ESC-30{at}", pair if at % 2 else "{alice: trader}") for at in range(10, 18)}
    )

    ran = bench.pytest("-n", "4", "--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    assert (ran.code, ran.outcomes()) == (0, {"passed": 8}), ran.out
    assert words(bench) == ["verified"] * 8
    assert there.open_orders() == before


def test_the_account_of_a_killed_run(bench: Bench, there: Exchange) -> None:
    """Another run waits while one has the account, and tells who; when that one is killed it has the account
    at once, and what the killed one left in the book is cancelled before anything is done."""
    before = there.open_orders()
    lent = Lent.of(bench, there, accounts(1))
    lent.only(ESC_3021=rests("ESC-3021", more=LONG), ESC_3022=rests("ESC-3022"))
    with lent.started("-v", "-k", "ESC-3021") as first:
        said(first, "buy ")
        with lent.started("-v", "-k", "ESC-3022") as second:
            waiting = said(second, "waits for 1 of the pool")
            first.kill()
            rest, _ = second.communicate()

    assert f"account-1 is held by ESC-3021 (process {first.pid}, for " in waiting
    assert second.returncode == 0, waiting + rest
    assert "alice is account-1: of an earlier run 1 open order cancelled: 0x" in rest
    assert there.open_orders() == before


def test_an_exhausted_pool(bench: Bench, there: Exchange) -> None:
    """A case that waits for longer than it may is inconclusive: it says who has the accounts, and what to
    do."""
    lent = Lent.of(bench, there, accounts(1), "wait_s = 2\n")
    lent.only(ESC_3031=rests("ESC-3031", more=LONG), ESC_3032=rests("ESC-3032"))
    with lent.started("-v", "-k", "ESC-3031") as first:
        said(first, "buy ")
        ran = bench.pytest("-k", "ESC-3032", "--target", "there", "--verdicts", "verdicts.json", env=lent.env)

    assert (ran.code, ran.outcomes()) == (1, {"error": 1}), ran.out
    assert words(bench) == ["inconclusive"]
    told = " ".join(ran.out.split())
    assert "T040 no accounts for alice of ESC-3032 within 2 s: account-1 is held by ESC-3031 (process" in told
    assert "Run fewer at once (pytest -n), name more accounts, or let `wait_s` be longer" in told


def test_two_runs_of_one_machine(bench: Bench, there: Exchange) -> None:
    """Two runs that need both accounts each, many times over, take turns: neither is starved, none stuck."""
    before = there.open_orders()
    lent = Lent.of(bench, there, accounts(2))
    pair = "{alice: trader, bob: maker}"
    lent.only(**{f"ESC_30{at}": rests(f"ESC-30{at}", pair) for at in range(40, 44)})

    with lent.started("-v") as one, lent.started("-v") as other:
        told = [each.communicate()[0] for each in (one, other)]

    assert (one.returncode, other.returncode) == (0, 0), "\n".join(told)
    assert there.open_orders() == before


def test_a_role_that_nobody_has(bench: Bench, there: Exchange) -> None:
    """Where no account of the pool can ever be an actor, nothing is waited for."""
    lent = Lent.of(bench, there, accounts(1, roles=["maker"]))
    lent.only(ESC_3051=rests("ESC-3051"))

    ran = bench.pytest("--target", "there", env=lent.env)

    told = " ".join(ran.out.split())
    assert (ran.code, ran.outcomes()) == (1, {"error": 1}), ran.out
    assert "T041 no account of the pool can be 'alice' (role trader, wallet eoa)" in told
    assert "it has account-1 (maker; eoa)" in told


def test_a_shard_without_an_account(bench: Bench, there: Exchange) -> None:
    """Machines of a sharded run cannot see each other's locks, so each lends accounts of its own: one that
    has none left for it says so."""
    lent = Lent.of(bench, there, accounts(1))
    lent.only(**{f"ESC_30{at}": rests(f"ESC-30{at}") for at in range(60, 68)})

    ran = [bench.pytest("--shard", f"{at}/2", "--target", "there", env=lent.env) for at in (1, 2)]

    assert ran[0].outcomes().keys() == {"passed"}, ran[0].out
    assert ran[1].outcomes().keys() == {"error"}, ran[1].out
    assert "no account of the pool of shard 2/2 can be 'alice'" in " ".join(ran[1].out.split())


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "U040 the target's accounts are in the environment: ACCOUNTS is not set"),
        ("{", "U041 ACCOUNTS is not a JSON list of accounts"),
        ('[{"name": "a", "key": "0x12345678"}]', "U041 the key of the account a is no private key"),
        ('[{"name": "a", "secret": 1}]', "U041 ACCOUNTS: account 1 has an unknown key 'secret'"),
    ],
)
def test_accounts_that_cannot_be_read(bench: Bench, there: Exchange, value: str | None, told: str) -> None:
    """What is wrong with the environment's accounts ends the run before it begins, and tells no value."""
    lent = Lent.of(bench, there, [])
    env = {key: text for key, text in lent.env.items() if key != "ACCOUNTS"}

    ran = bench.pytest("--target", "there", env=env if value is None else {**env, "ACCOUNTS": value})

    assert (ran.code, told in " ".join(ran.out.split())) == (4, True), ran.out
    assert "0x12345678" not in ran.out
