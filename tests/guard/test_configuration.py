"""A root's configuration says what its targets are; whatever it says wrongly is told, all at once."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from harness.configuration import KEYS, configured, resolved, told_by
from harness.errors import CaseError, HarnessError
from harness.guard import LIMITS, Caps, CompIDs, Kind
from harness.targets import Beginning, Marker, Said, Target
from harness.wire.ctf import CONTRACTS_80002, checksum_address

WHOLE = """
[targets.venue]
kind = "venue"

[targets.staging]
kind = "staging"
rest = "https://clob.staging.example/"
ws = "wss://ws.staging.example"
chain = "env:STAGING_RPC_URL"
chain_id = 80002
fix = {host = "fix.staging.example", port = 9878, order_entry = {sender = "{FIRM}_OE", target = "PMX"}}
environment = {path = "/environment", field = "service.name", is = "staging"}
build = {path = "/version", header = "x-build"}
builds = ["harvest", "frost"]
contracts = {usdce = "0x5a1b8c3f2d4e60718293a4b5c6d7e8f901234567"}
limits = {item = {orders = 5, notional = "12.50"}, run = {requests = 9}, requests_per_second = 3}

[targets.live]
kind = "production"
rest = "https://clob.example"
"""


USDCE = "0x5a1b8c3f2d4e60718293a4b5c6d7e8f901234567"


def read(tmp_path: Path, text: str) -> dict[str, Target]:
    (tmp_path / "harness.toml").write_text(text, encoding="utf-8")
    found = configured(tmp_path)
    assert found is not None
    return found


def told(tmp_path: Path, text: str) -> str:
    """What is told of a configuration, without its path."""
    with pytest.raises(CaseError) as caught:
        read(tmp_path, text)
    return "\n".join(f"{each.code} {each.text}" for each in caught.value.problems)


def test_a_whole_configuration(tmp_path: Path) -> None:
    """Each kind with what it may say; what is not said has its default."""
    found = read(tmp_path, WHOLE)

    assert found["venue"] == Target("venue", Kind.VENUE)
    staging = found["staging"]
    assert staging.endpoints is not None
    assert staging.endpoints.urls == {
        "rest": "https://clob.staging.example",
        "ws": "wss://ws.staging.example",
        "fix": "tcp://fix.staging.example:9878",
    }
    assert staging.endpoints.chain_id == 80002
    assert staging.endpoints.sessions == {"order_entry": CompIDs("{FIRM}_OE", "PMX")}
    assert staging.marker == Marker(Said("rest", "/environment", "service.name"), "staging")
    assert (staging.build, staging.builds) == (Said("rest", "/version", "", "x-build"), ("harvest", "frost"))
    known = CONTRACTS_80002
    assert known.ctf == "0x69308FB512518e39F9b16112fA8d994F4e2Bf8bB"
    assert staging.endpoints.contracts == replace(
        known, usdce=checksum_address("0x5a1b8c3f2d4e60718293a4b5c6d7e8f901234567")
    )
    assert (staging.named, staging.limits.requests_per_second) == ({"chain": "STAGING_RPC_URL"}, 3)
    default = LIMITS[Kind.STAGING]
    assert staging.limits.item == Caps(5, Decimal("12.50"), default.item.transactions, default.item.requests)
    assert staging.limits.run == Caps(default.run.orders, default.run.notional, default.run.transactions, 9)
    assert found["live"].limits == LIMITS[Kind.PRODUCTION]


def test_addresses_come_from_the_environment(tmp_path: Path) -> None:
    """An address that is named by its variable is filled in when the target is chosen, or it is told."""
    staging = read(tmp_path, WHOLE)["staging"]

    filled = resolved(staging, {"STAGING_RPC_URL": "https://rpc.example/v2/key"})
    assert filled.endpoints is not None
    assert filled.endpoints.chain == "https://rpc.example/v2/key"
    for environ in ({}, {"STAGING_RPC_URL": ""}):
        with pytest.raises(HarnessError, match="U040 the target 'staging' takes its chain from the environ"):
            resolved(staging, environ)


def test_all_that_the_environment_lacks_is_told_at_once(tmp_path: Path) -> None:
    """Every variable that is not set, or holds no address, is named; what one holds is not told."""
    text = REST + 'ws = "env:THE_WS"\ndata = "env:THE_DATA"\nfix = {host = "env:THE_GATE", port = 9878}\n'
    there = read(tmp_path, text)["there"]

    with pytest.raises(HarnessError) as caught:
        resolved(there, {"THE_DATA": "a-secret-that-is-no-address"})

    assert str(caught.value) == (
        "U040 the target 'there' takes its ws from the environment: THE_WS is not set; "
        "it takes its data from the environment: THE_DATA does not hold a plain http or "
        "https://host:port/path; it takes its fix from the environment: THE_GATE is not set. "
        "Set it to the whole URL"
    )
    filled = resolved(
        there, {"THE_WS": "wss://w.example/", "THE_DATA": "http://d.example", "THE_GATE": "g.example"}
    )
    assert filled.endpoints is not None
    assert filled.endpoints.urls == {
        "rest": "http://127.0.0.1:1",
        "ws": "wss://w.example",
        "data": "http://d.example",
        "fix": "tcp://g.example:9878",
    }


def test_production_is_told_apart_by_secret_addresses_too(tmp_path: Path) -> None:
    """Where production is counts also where its address is in the environment, as far as that is set."""
    text = REST + '[targets.live]\nkind = "production"\nrest = "env:LIVE"\nws = "wss://live.example"\n'
    targets = read(tmp_path, text)

    assert told_by(targets, {"LIVE": "https://clob.example"}, targets["there"]) == (
        "https://clob.example",
        "wss://live.example",
    )
    assert told_by(targets, {}, targets["there"]) == ("wss://live.example",)
    assert told_by(targets, {"LIVE": "https://clob.example"}, targets["live"]) == ()


def test_how_a_venue_begins(tmp_path: Path) -> None:
    """Once for the run unless told; with a seed or a clock, anew before every case."""
    begins = {
        "": Beginning(),
        "fresh = false": Beginning(),
        "fresh = true": Beginning(fresh=True),
        "seed = 7": Beginning(fresh=True, seed=7),
        "seed = 0\nclock = 2026-01-01T00:00:00Z": Beginning(fresh=True, seed=0, clock_s=1767225600),
        "clock = 2026-01-01T01:00:00+01:00": Beginning(fresh=True, clock_s=1767225600),
    }
    for said, beginning in begins.items():
        assert read(tmp_path, VENUE + said)["there"] == Target("there", Kind.VENUE, beginning=beginning)
    with pytest.raises(ValueError, match="begins anew before every item"):
        Beginning(seed=7)


def test_what_the_docs_show_is_read(tmp_path: Path) -> None:
    """Every table that docs/targets.md shows is one that is read, and names each key that there is."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "targets.md").read_text(encoding="utf-8")
    shown = "\n".join(re.findall(r"```toml\n(.*?)```", page, re.DOTALL))

    found = read(tmp_path, shown)

    assert {"staging", "live"} <= found.keys()
    assert [key for key in KEYS if not re.search(rf"\b{key}\b", page)] == []
    assert found["staging"].build == Said("rest", "/version", "", "x-build")
    assert found["staging"].builds == ("harvest", "frost", "thaw")


def test_pyproject(tmp_path: Path) -> None:
    """The same tables stand below [tool.harness]; a root without either is none of ours."""
    assert configured(tmp_path) is None
    (tmp_path / "pyproject.toml").write_text('[tool.harness.targets.here]\nkind = "venue"\n')
    assert configured(tmp_path) == {"here": Target("here", Kind.VENUE)}


HERE = '[targets.there]\nkind = "local"\n'
REST = HERE + 'rest = "http://127.0.0.1:1"\n'
VENUE = '[targets.there]\nkind = "venue"\n'
WRONG = [
    ("targets = ", "T010 is not TOML"),
    ("target = 1", "the configuration has an unknown key 'target': did you mean 'targets'?"),
    ("[targets]\nthere = 1", "target 'there' says its kind, one of venue, local, staging, production, and"),
    (HERE.replace("local", "Production"), "and not 'Production'"),
    (HERE.replace("local", "unknown"), "and not 'unknown'"),
    (REST.replace("local", "venue"), "has an unknown key 'rest': known are kind, limits, fresh, seed, clock"),
    (REST + "fresh = true", "target 'there' has an unknown key 'fresh'"),
    (VENUE + "fresh = 1", "fresh is true or false, not 1"),
    (VENUE + "fresh = false\nseed = 7", "begin anew before every case: leave out fresh = false"),
    (VENUE + "seed = true", "seed is a whole number from 0 on and below 2^48, not True"),
    (VENUE + "seed = 281474976710656", "below 2^48, not 281474976710656"),
    (VENUE + "clock = 2026-01-01", "such as 2026-01-01T00:00:00Z, to the second, not 2026-01-01"),
    (VENUE + "clock = 2026-01-01T00:00:00", "not 2026-01-01 00:00:00"),
    (VENUE + "clock = 2026-01-01T00:00:00.5Z", "to the second, not"),
    (VENUE + "clock = 1969-12-31T00:00:00Z", "clock is when its time starts"),
    (VENUE + 'clock = "manual"', "to the second, not manual"),
    (REST.replace("local", "staging"), "say by its 'environment' how it is told from production"),
    (HERE + 'rset = "x"', "has an unknown key 'rset': did you mean 'rest'?"),
    (HERE, "has no 'rest': where the exchange itself is"),
    (HERE + "rest = 1", "has as rest no address but 1"),
    (HERE + 'rest = "ws://127.0.0.1"', "ws:// is not its scheme, but http or https"),
    (HERE + 'rest = "http://127.1"', "rest: '127.1' is a number in another form"),
    (REST + 'ws = "http://127.0.0.1"', "but ws or wss"),
    (REST + 'chain = "http://127.0.0.1"', "names a 'chain' and its 'chain_id'"),
    (REST + "chain_id = 1", "names a 'chain' and its 'chain_id'"),
    (REST + 'environment = "x"', "environment is a table of host, path, field"),
    (REST + 'environment = {is = "x"}', "'path' is what is asked for with GET, from / on, and not ''"),
    (REST + 'environment = {path = 1, is = "x"}', "says host, path and field or header, each a text"),
    (REST + 'environment = {path = "/", field = "x"}', "'is' is the text that says which environment it is"),
    (REST + 'build = {path = "/v", filed = "x"}', "build has an unknown key 'filed': did you mean 'field'?"),
    (REST + 'build = {path = "/v", field = "x", header = "y"}', "or a 'header', and not both"),
    (REST + 'build = {path = "/v", header = "x y"}', "'x y' is no header's name"),
    (REST + 'build = {host = "data", path = "/v"}', "'host' is rest or control, as this target has it"),
    (REST + 'builds = "2026.11.1"', "'builds' is a list of names, oldest first, each once"),
    (REST + 'builds = ["a", "b", "a"]', "'builds' is a list of names, oldest first, each once"),
    (REST + 'contracts = {ctf = "0x12"}', "contracts: ctf is no address"),
    (REST + "contracts = {ctf = 1}", "contracts: ctf is no address"),
    (REST + 'contracts = {cft = "0x12"}', "unknown key 'cft': did you mean 'ctf'?"),
    (
        REST + 'contracts = {ctf = "0x4d97DCd97eC945f40cF65F87097ACe5EA0476045"}',
        "ctf is mistyped: its mixed case does not fit (EIP-55)",
    ),
    (
        REST + 'contracts = {ctf = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"}',
        "says where contracts are, and has no 'chain'",
    ),
    (REST + 'ws = "env:"', "ws: write env: and the name of an environment variable"),
    (REST + 'fix = {host = "env:a-b", port = 1}', "write env: and the name of an environment variable"),
    (REST + 'fix = {host = "env:GATE", port = 0}', "which is none"),
    (
        REST + 'environment = {host = "control", path = "/", field = "x", is = "x"}',
        "'host' is rest or control, as this target has it",
    ),
    (REST + 'fix = {host = "h", port = "x"}', "fix: 'tcp://h:x' is no address"),
    (
        REST + 'fix = {host = "h", port = 1, order_entry = {sender = "A", targte = "B"}}',
        "has an unknown key 'targte': did you mean 'target'?",
    ),
    (
        REST + 'fix = {host = "h", port = 1, drop_copy = {sender = "A"}}',
        "fix, drop_copy: says both CompIDs, 'sender' (ours) and 'target'",
    ),
    (VENUE + "limits = {requests_per_second = 0}", "a whole number from 1 on, not 0"),
    (VENUE + "limits = {item = {orders = -1}}", "'orders' is a number from 0 on, not -1"),
    (VENUE + "limits = {item = {orders = true}}", "'orders' is a number from 0 on"),
    (VENUE + 'limits = {run = {notional = "nan"}}', "'notional' is a number from 0 on"),
    (VENUE + "limits = {run = {order = 1}}", "did you mean 'orders'?"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, expected: str) -> None:
    """Nothing is ignored: a misspelt key of a target could be a guard that is not there."""
    assert expected in told(tmp_path, text)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """A file's problems come together, those of every target."""
    problems = told(
        tmp_path,
        '[targets.a]\nkind = "local"\nrset = "x"\n[targets.b]\nkind = "stage"\n[targets.c]\nkind = 1',
    )

    assert problems.count("T010") == 4
