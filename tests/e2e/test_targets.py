"""Other targets than the embedded venue: an exchange that runs already, as local, staging or production."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest

from .bench import CONFIG, Bench
from .exchanges import Exchange, exchange

FIXED_BUILD = "2026.11.2"
READS = """\
id: ESC-2001
title: "The exchange tells no time"
status: open
severity: minor
component: clob
symptom: {step: time, shows: {status: 500}}
steps:
  - id: time
    rest: GET /time
    expect: {status: 200}
"""


@pytest.fixture(scope="module")
def staging() -> Iterator[Exchange]:
    """An exchange that says it is staging."""
    with exchange(FIXED_BUILD, "staging") as running:
        yield running


def configure(bench: Bench, text: str) -> None:
    (bench.root / "harness.toml").write_text(CONFIG + text, encoding="utf-8")


def records(bench: Bench, name: str = "verdicts.json") -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((bench.root / name).read_text())["records"]
    return found


@pytest.mark.parametrize("kind", ["staging", "local"])
def test_an_exchange_that_runs_already(bench: Bench, staging: Exchange, kind: str) -> None:
    """Configuration alone puts a real target in the embedded one's place; it tells at which build it is."""
    configure(bench, staging.configured("there", kind, marked="staging"))

    ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out
    (record,) = records(bench)
    assert (record["word"], record["target"], record["build"]) == ("holds", "there", FIXED_BUILD)


def test_the_build_that_was_asked_for(bench: Bench, staging: Exchange) -> None:
    """A target that is at another build is not judged: inconclusive, and it says at which it is."""
    configure(bench, staging.configured("there", "staging", marked="staging"))

    ran = bench.pytest("--target", "there", "--build", "2026.11.1")

    assert (ran.code, ran.outcomes()) == (1, {"error": 1})
    assert "target 'there' is at build 2026.11.2, and 2026.11.1 was asked for" in ran.out


def test_the_order_of_builds_is_the_target_s(bench: Bench, staging: Exchange) -> None:
    """Builds are ordered by the target's list, where names say nothing: before the fix a case is as good as
    open."""
    (case,) = (bench.root / "cases").glob("ESC-1118*")
    text = case.read_text(encoding="utf-8")
    case.write_text(text.replace(f'fixed_in: "{FIXED_BUILD}"', 'fixed_in: "thaw"'), encoding="utf-8")
    where = 'build = {host = "control", path = "/build", field = "build"}\n'
    words = {}
    for builds in (f'["harvest", "{FIXED_BUILD}", "thaw"]', f'["thaw", "{FIXED_BUILD}"]', "[]"):
        tables = staging.configured("there", "staging", marked="staging", more=f"{where}builds = {builds}\n")
        configure(bench, tables)
        ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json")
        assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out
        words[builds] = [(each["word"], each["build"]) for each in records(bench)]

    assert list(words.values()) == [[(word, FIXED_BUILD)] for word in ("verified", "holds", "holds")]


def test_a_target_that_is_not_what_was_configured(bench: Bench, staging: Exchange) -> None:
    """What calls itself otherwise is not written to: nothing was asked of it but who it is."""
    configure(bench, staging.configured("there", "staging", marked="another"))
    before = staging.control.control("/markets")

    ran = bench.pytest("--target", "there")

    assert (ran.code, ran.outcomes()) == (1, {"error": 1})
    assert "it says it is 'staging', expected 'another'" in ran.out
    assert staging.control.control("/markets") == before


@pytest.mark.parametrize("named", ["--target", "PYTEST_ADDOPTS", "addopts of the configuration"])
def test_production_is_read_and_never_written(bench: Bench, staging: Exchange, named: str) -> None:
    """A case that only reads runs on production; one that writes is refused, and its steps are named. It is
    the same whoever named the target."""
    configure(bench, staging.configured("live", "production"))
    (bench.root / "cases" / "ESC-2001.yaml").write_text(READS, encoding="utf-8")
    before, env, arguments = staging.control.control("/markets"), {}, []
    if named == "--target":
        arguments = ["--target", "live"]
    elif named == "PYTEST_ADDOPTS":
        env = {"PYTEST_ADDOPTS": "--target=live"}
    else:
        (bench.root / "pytest.ini").write_text("[pytest]\naddopts = --target live\n", encoding="utf-8")

    ran = bench.pytest(*arguments, "--verdicts", "verdicts.json", env=env)

    assert (ran.code, ran.outcomes()) == (1, {"passed": 1, "error": 1}), ran.out
    assert {each["id"]: each["word"] for each in records(bench)} == {
        "ESC-1118": "inconclusive",
        "ESC-2001": "verified",
    }
    told = (
        f"the target 'live' is production (named by {named}), where nothing is ever written; this run would: "
        "actor 'alice': an account is leased, with POST /auth/api-key writes; actor 'bob': an account is "
    )
    assert told in ran.out.replace("\n", " ")
    assert staging.control.control("/markets") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("-p", "no:escalation-harness", "--target", "live"),
        ("-p", "no:harness-cases", "--target", "live"),
        ("-p", "no:harness-collecting", "--target", "live"),
        ("--target=live", "--noconftest", "cases"),
        ("-n", "2", "--target", "live"),
    ],
    ids=" ".join,
)
def test_the_guard_cannot_be_unplugged(bench: Bench, staging: Exchange, arguments: tuple[str, ...]) -> None:
    """Without the plugin nothing runs, and with it the guard stands, in any order and in any process."""
    configure(bench, staging.configured("live", "production"))
    before = staging.control.control("/markets")

    ran = bench.pytest(*arguments)

    assert ran.code in (
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.USAGE_ERROR,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    )
    assert "passed" not in ran.out
    assert ("production" in ran.out) == (ran.code == pytest.ExitCode.TESTS_FAILED), ran.out
    assert staging.control.control("/markets") == before


def test_staging_that_is_production(bench: Bench, staging: Exchange) -> None:
    """A staging target at an address of a configured production target is refused."""
    text = staging.configured("there", "staging", marked="staging") + staging.configured("live", "production")
    configure(bench, text)

    ran = bench.pytest("--target", "there")

    assert (ran.code, ran.outcomes()) == (1, {"error": 1})
    assert "target 'there' is configured as staging, and its rest is at 127.0.0.1:" in ran.out
    assert "is production. Nothing is asked of it" in ran.out


def test_an_address_from_the_environment(bench: Bench, staging: Exchange) -> None:
    """An address that holds a secret is named by its environment variable; one that is not set is told."""
    configure(bench, staging.configured("there", "local", chain="env:THE_NODE"))
    unset = bench.pytest("--target", "there")
    ran = bench.pytest("--target", "there", env={"THE_NODE": staging.ready["chain"]})

    assert (unset.code, "U040" in unset.out) == (4, True)
    assert "takes its chain from the environment: THE_NODE is not set" in unset.out
    assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out


def test_a_secret_address_that_does_not_answer(bench: Bench, staging: Exchange) -> None:
    """Where nobody answers at an address with a secret, the secret is not told with it."""
    configure(bench, staging.configured("there", "local", chain="env:THE_NODE"))
    secret = "a-long-and-secret-key-of-a-provider"

    ran = bench.pytest(
        "--target",
        "there",
        "--verdicts",
        "verdicts.json",
        env={"THE_NODE": f"http://127.0.0.1:1/{secret}"},
    )

    assert (ran.code, ran.outcomes()) == (1, {"error": 1})
    assert "127.0.0.1:1" in ran.out
    assert secret not in ran.out + (bench.root / "verdicts.json").read_text()


def test_proxies_of_the_environment_change_nothing(bench: Bench, staging: Exchange) -> None:
    """Whatever the environment says of proxies and targets, what is connected to is what was judged."""
    configure(bench, staging.configured("there", "staging", marked="staging"))
    nowhere = "http://127.0.0.1:1"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    env = dict.fromkeys(names, nowhere) | {"NO_PROXY": "", "HARNESS_TARGET": "live", "HARNESS_GUARD": "off"}

    ran = bench.pytest("--target", "there", env=env)

    assert (ran.code, ran.outcomes()) == (0, {"passed": 1}), ran.out


def test_another_exchange_s_conventions(bench: Bench, staging: Exchange) -> None:
    """A case in another exchange's conventions is refused before anything is sent, with where it says so and
    where it runs: could not tell, and nobody is suspected."""
    bench.case.unlink()
    bench.add("ESC-1043")
    configure(bench, staging.configured("there", "staging", marked="staging"))
    opened = len(staging.control.control("/fix-sessions"))

    ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json")

    assert (ran.code, ran.outcomes()) == (1, {"error": 1}), ran.out
    (record,) = records(bench)
    place, needs, has, do = (
        "-prices-in-dollars-come-as-zero.yaml:46:5: channel 'kalshi' follows another exchange's conventions",
        "(exchange: kalshi), and this target opens no FIX session or API key of that kind",
        "Nothing was sent to 'there'",
        "run it on the embedded venue (pytest -k ESC-1043 --target venue)",
    )
    assert (record["word"], record["code"]) == ("inconclusive", "T006")
    assert all(each in record["why"] for each in (place, needs, has, do)), record["why"]
    assert len(staging.control.control("/fix-sessions")) == opened
    gate = bench.harness("gate", "verdicts.json")
    assert (gate.code, gate.out.splitlines()[-1]) == (3, "gate: 3 – could not tell: ESC-1043")


def test_a_host_that_is_not_there(bench: Bench, staging: Exchange) -> None:
    """A case that asks a host that the target has not is refused before anything is sent, with the key of the
    configuration that would name it."""
    bench.case.unlink()
    text = READS.replace("rest: GET /time", "rest: GET /positions?user=0x0\n    on: data")
    text = text.replace("steps:", "channels:\n  data: {kind: rest}\nsteps:")
    (bench.root / "cases" / "ESC-2001.yaml").write_text(text, encoding="utf-8")
    configure(bench, staging.configured("there", "staging", marked="staging", data=""))

    ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json")

    (record,) = records(bench)
    assert (ran.code, record["word"], record["code"]) == (1, "inconclusive", "T006"), ran.out
    assert ".yaml:10:5: channel 'data' needs a data host, and this target has none" in record["why"]
    assert "or name the target's `data`" in record["why"]


@pytest.mark.parametrize(("off_s", "side"), [(600, "ahead of"), (-600, "behind")])
def test_a_clock_that_is_off(bench: Bench, off_s: int, side: str) -> None:
    """Where the exchange's clock is far from this machine's, a case that signs is inconclusive before it
    sends anything, with how far and what to do; one that only reads is judged."""
    (bench.root / "cases" / "ESC-2001.yaml").write_text(READS, encoding="utf-8")
    with exchange(FIXED_BUILD, "staging", "--clock", str(int(time.time()) + off_s)) as there:
        configure(bench, there.configured("there", "staging", marked="staging"))

        ran = bench.pytest("--target", "there", "--verdicts", "verdicts.json")

    told = {each["id"]: (each["word"], each["code"]) for each in records(bench)}
    assert ran.code == 1, ran.out
    assert told == {"ESC-1118": ("inconclusive", "T047"), "ESC-2001": ("verified", None)}
    why = next(each["why"] for each in records(bench) if each["id"] == "ESC-1118")
    assert re.search(
        rf"is \d+ s {side} this machine's: what is signed here may be refused\. Nothing was", why
    )
    assert "set this machine's clock (NTP), or tell who runs the exchange" in why
