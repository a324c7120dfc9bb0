"""The floors of the house, held: imports go down only, I/O stays at the edge, rooms stay small."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from house import ROOT, imports, trees

FLOORS = {
    0: "model errors place modes limits redact files kept cell clock exactjson timeline __init__",
    1: "wire strictyaml yamlnodes yamlslips yamltabs yamltext",
    2: "case matchers references guard scope intents finding facts world acts decide windows faults "
    "notnow pacing own schema identities",
    3: "channels evidence recorder replayer cassette seal sealing lines redacting pseudonyms targets "
    "asking opening configuration tables trying accounts admission budget heeding placing metering clerking "
    "patience cleaning probing lacking live index binding "
    "pool lending provision",
    4: "run strands stage strength performing paging rounds verdict checks redacted "
    "again refusals outcome drafting blur shrink proving attesting carrying judging vary keeping",
    5: "plugin collecting items exits verdicts shim session site stopping shelf embedded capturing "
    "ticketing measuring aside desk nodereads choosing checking shrinking sharding gathering promoting "
    "history remembering quarantine cli commands linting report options project __main__",
}
FLOOR_OF = {name: floor for floor, names in FLOORS.items() for name in names.split()}

ONLY_IN = {
    "h11": ("wire/",),
    "httpx": (),
    "websockets": ("channels/", "venue/"),
    "quickfix": ("channels/", "venue/"),
    "certifi": ("channels/",),
    "web3": (),
    "vcr": ("evidence/",),
    "aiohttp": ("venue/",),
    "pytest": ("plugin.py", "items.py", "collecting.py", "exits.py", "verdicts.py", "shim.py"),
    "hypothesis": ("vary.py",),
    "allure": ("report/allure",),
    "allure_commons": ("report/allure",),
    "yaml": ("strictyaml.py", "evidence/recorded.py"),
    "time": ("clock.py", "venue/", "channels/fixengine/"),  # a child process stamps its own events
}
MAY_START_THE_VENUE = ("commands/target.py", "site.py", "embedded.py")

LINES = 300
LONGER = {
    "harness/wire/fix/session.py": "one state machine: the rules of the session layer side by side",
    "tests/venue/documented_orders.py": "a table: the refusals of one page of the exchange, in its order",
}
BAD_NAMES = {"utils", "helpers", "helper", "manager", "misc", "common"}


def floor_of(module: str) -> int:
    """The floor of a module of the house; the venue stands beside, on floors 0 and 1."""
    parts = module.split(".")
    return FLOOR_OF[parts[1]] if len(parts) > 1 else 0


def test_every_module_has_its_floor() -> None:
    """A new module says on this page which floor it is on."""
    homeless = [
        path for path in trees() if path.partition("/")[0].removesuffix(".py") not in {*FLOOR_OF, "venue"}
    ]

    assert homeless == []


def test_the_page_has_the_same_floors() -> None:
    """The table of docs/architecture.md names each module on its floor, and no other."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) [^|]*\|[^|]*\| `([^`]*)` \|$", page, re.MULTILINE)
    shown = {int(floor): sorted(names.replace("/", "").split()) for floor, names in rows}
    assert shown == {
        floor: sorted(name for name in names.split() if not name.startswith("__"))
        for floor, names in FLOORS.items()
    }


def test_imports_go_down_only() -> None:
    """No module imports from a higher floor."""
    rising = [
        str(each)
        for each in imports()
        if each.imported.startswith("harness.")
        and not each.imported.startswith("harness.venue")
        and not each.path.startswith("venue/")
        and floor_of(each.imported) > floor_of(each.module)
    ]

    assert rising == []


def test_venue_stands_on_floors_0_and_1() -> None:
    """The venue shares nothing with the harness but the ground and the wire."""
    shared = [
        str(each)
        for each in imports()
        if each.path.startswith("venue/")
        and each.imported.startswith("harness.")
        and not each.imported.startswith("harness.venue")
        and floor_of(each.imported) > 1
    ]

    assert shared == []


def test_only_faces_know_the_venue() -> None:
    """Nothing but the faces imports or starts the venue."""
    knowing = [
        str(each)
        for each in imports()
        if each.imported.startswith("harness.venue")
        and not each.path.startswith("venue/")
        and each.path not in MAY_START_THE_VENUE
    ]

    assert knowing == []


def test_no_cycles() -> None:
    """The modules' imports at load form no cycle."""
    graph: dict[str, set[str]] = {}
    for each in imports():
        if each.at_load and each.imported.startswith("harness.") and each.imported != each.module:
            graph.setdefault(each.module, set()).add(each.imported)

    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " → ".join((*trail[trail.index(module) :], module))
        if module in done:
            return
        for following in sorted(graph.get(module, ())):
            visit(following, (*trail, module))
        done.add(module)

    for module in sorted(graph):
        visit(module, ())


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_libraries_stay_in_their_rooms(library: str) -> None:
    """A library with I/O, a framework or a clock is imported only where its floor is."""
    straying = [
        str(each)
        for each in imports()
        if each.imported.split(".")[0] == library and not each.path.startswith(ONLY_IN[library])
    ]

    assert straying == []


CONNECTING = {"connecting.py": ("create_connection",), "dial.py": ("getaddrinfo",)}
"""Which room below `channels/` calls what connects or looks up."""


def test_one_door_to_the_network() -> None:
    """A socket is connected, and a name looked up, in one place each; only the dial and the process of the
    quickfix engine use what connects."""
    calls = ("connect", "create_connection", "connect_ex", "getaddrinfo", "gethostbyname", "open_connection")
    straying = [
        f"harness/{path}:{node.lineno} calls {node.attr}"
        for path, tree in trees().items()
        if not path.startswith("venue/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("socket", "asyncio", "select")
        and node.attr in calls
        and node.attr not in CONNECTING.get(path.removeprefix("channels/"), ())
    ]
    using = [each.path for each in imports() if each.imported.startswith("harness.channels.connecting")]

    assert straying == []
    assert sorted(using) == ["channels/dial.py", "channels/fixengine/tap.py"]


def test_only_the_guard_s_rules_give_leave() -> None:
    """What gives leave to connect is used by the guard's own rules only; others import the guard itself."""
    inside = [
        str(each)
        for each in imports()
        if each.imported.startswith("harness.guard.") and not each.path.startswith("guard/")
    ]
    giving = [
        f"harness/{path}:{node.lineno}"
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        and node.id == "give"
        and path not in ("guard/rules.py", "guard/leave.py")
    ]

    assert inside == []
    assert giving == []


def test_no_private_pytest() -> None:
    """Nothing imports a private module of pytest."""
    assert [str(each) for each in imports() if each.imported.split(".")[0] == "_pytest"] == []


def test_clocks_are_read_in_one_place() -> None:
    """Outside `clock.py` (and the venue, which is an exchange) nobody asks what time it is."""
    asking = [
        f"harness/{path}:{node.lineno}"
        for path, tree in trees().items()
        if path != "clock.py" and not path.startswith("venue/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today", "monotonic", "time_ns")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date", "time")
    ]

    assert asking == []


def test_the_venue_has_one_clock_and_one_source_of_chance() -> None:
    """In the venue only `chance.py` draws and only `venueclock.py` reads a clock or calls later."""
    modules = {"secrets", "random", "uuid", "time"}
    drawn = [
        f"harness/{each.path}: {each.imported}"
        for each in imports()
        if each.path.startswith("venue/")
        and each.path not in ("venue/chance.py", "venue/venueclock.py")
        and each.imported.partition(".")[0] in modules
    ]
    later = [
        f"harness/{path}:{node.lineno}"
        for path, tree in trees().items()
        if path.startswith("venue/") and path != "venue/venueclock.py"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in ("call_later", "call_at", "urandom", "utcnow"))
        or (isinstance(node, ast.Name) and node.id == "RunClock")
    ]

    assert drawn + later == []


def test_money_is_never_a_float() -> None:
    """No `float` is written anywhere outside the venue's timers."""
    floats = [
        f"harness/{path}:{node.lineno}"
        for path, tree in trees().items()
        if not path.startswith("venue/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "float"
    ]

    assert floats == []


@pytest.mark.parametrize("folder", ["harness", "tests"])
def test_rooms_are_small(folder: str) -> None:
    """A file has at most 300 lines; a longer one is on the list, with its reason, and no other is."""
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES
    }

    assert {path: lines for path, lines in long.items() if path not in LONGER} == {}
    assert {path for path in LONGER if path.startswith(f"{folder}/")} - set(long) == set()


def test_names_say_what_is_inside() -> None:
    """No module is called after nothing in particular."""
    assert [path for path in trees() if set(Path(path).with_suffix("").parts) & BAD_NAMES] == []


def test_product_files_are_written_in_one_place() -> None:
    """Only `files.py` (and the venue's own scratch) opens files for writing."""
    writing = [
        f"harness/{path}:{node.lineno}"
        for path, tree in trees().items()
        if path != "files.py" and not path.startswith("venue/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("write_text", "write_bytes")
    ]

    assert writing == []
