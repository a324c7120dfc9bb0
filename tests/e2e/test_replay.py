"""Replay as a user sees it: proofs, and what every kind of wrong file or edit answers."""

from __future__ import annotations

import json
import re

from .bench import ROOT, Bench


def test_both_proofs_hold(bench: Bench) -> None:
    """A fixed case is an item for each cassette, both proven, and the table says where they were seen."""
    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2})
    rows = [re.split(r" {2,}", line) for line in ran.out.splitlines() if line.startswith("ESC-1118[")]
    red, green = "red for the stated reason at 'agree'", "every step and check holds"
    assert rows == [
        ["ESC-1118[broken]", "replay", "proven", "agree", "broken: venue", red],
        ["ESC-1118[fixed]", "replay", "proven", "–", "fixed: venue", green],
    ]


HOLDS = """
def pytest_runtest_teardown(item):
    held = {hasattr(item, "outcome"), bool(item.outcome.timeline), item.outcome.run is not None}
    print("holds a run" if held == {True} else "holds no run", end="; ")
"""


def test_a_green_item_does_not_hold_what_it_ran(bench: Bench) -> None:
    """Items live to the end of a run, and one that passed keeps no events; a red one has its own."""
    (bench.root / "conftest.py").write_text(HOLDS, encoding="utf-8")
    assert bench.edit_cassette("fixed", '\\"size\\":\\"5\\"', '\\"size\\":\\"6\\"', on=["check:agree"])
    assert bench.harness("seal", "--edited", str(bench.cassette("fixed"))).code == 0

    ran = bench.pytest("-s")

    assert ran.outcomes() == {"passed": 1, "failed": 1}
    assert (ran.out.count("holds no run; "), ran.out.count("holds a run; ")) == (1, 1)


def test_one_case_by_its_id(bench: Bench) -> None:
    """`pytest -k ESC-1118` reads no other file, not even a broken one."""
    (bench.root / "cases" / "ESC-2-unreadable.yaml").write_text("{", encoding="utf-8")

    ran = bench.pytest("-k", "ESC-1118")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2})


def test_edited_value_is_damaged(bench: Bench) -> None:
    """One value edited in a cassette is an error that names the seal and both ways out."""
    assert bench.edit_cassette("fixed", '\\"size\\":\\"5\\"', '\\"size\\":\\"6\\"', on=["check:agree"])

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"passed": 1, "error": 1})
    assert "cassettes/ESC-1118/fixed.jsonl: its content was changed after it was sealed" in ran.out
    assert "If the edit is meant: harness seal --edited" in ran.out
    assert "git checkout it, or record it again" in ran.out


def test_resealed_edit_is_red_where_it_is_read(bench: Bench) -> None:
    """After the edit is sealed, the fixed proof is red at the check that reads the value, side by side."""
    assert bench.edit_cassette("fixed", '\\"size\\":\\"5\\"', '\\"size\\":\\"6\\"', on=["check:agree"])
    sealed = bench.harness("seal", "--edited", str(bench.cassette("fixed")))

    ran = bench.pytest()

    assert sealed.code == 0, sealed.out
    assert (ran.code, ran.outcomes()) == (1, {"passed": 1, "failed": 1})
    assert "unproven: fixed is red at 'agree': the sources do not agree within 4.000 s" in ran.out
    rows = {
        line.split()[0]: line.split()[1:3] for line in ran.out.splitlines() if line.strip()[:5] in SOURCES
    }
    assert rows == {"rest": ["6", "0.52"], "ws": ["5", "0.52"], "chain": ["5", "0.52"]}


SOURCES = ("rest ", "ws   ", "chain")


def test_changed_send_is_stale(bench: Bench) -> None:
    """A send changed in the case is stale: the step, the path and both values are named."""
    bench.edit_case(
        "side: BUY, price: 0.52, size: 5, type: FOK", "side: BUY, price: 0.53, size: 5, type: FOK"
    )

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"error": 2})
    assert "step 'buy' on rest(alice) does not send what was recorded:" in ran.out
    assert '$.json.order.makerAmount: recorded "2600000", the case sends "2650000"' in ran.out


def test_window_past_the_horizon_is_invalid(bench: Bench) -> None:
    """A window stretched past what was watched is invalid where it matters, never a pass."""
    bench.edit_case(
        "sources: [rest, ws, chain]}\n    within: 4s", "sources: [rest, ws, chain]}\n    within: 60s"
    )

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"passed": 1, "error": 1})
    assert "check agree: the recording does not reach far enough: the sources were read until" in ran.out
    assert "Shorten the window, or record again." in ran.out


def test_sharpened_check_needs_no_recording(bench: Bench) -> None:
    """Sharpening an expectation, a title or a shorter window leaves both cassettes as good as they were."""
    bench.edit_case('{status: MATCHED, size_matched: "5"}', '{status: MATCHED, size_matched: "5", side: BUY}')
    bench.edit_case("An order is reported matched in full", "A matched order")
    bench.edit_case(
        "sources: [rest, ws, chain]}\n    within: 4s", "sources: [rest, ws, chain]}\n    within: 3s"
    )

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2})


def test_check_sharpened_too_far_is_red(bench: Bench) -> None:
    """An expectation that the recording does not meet fails at its step, with path, expected and found."""
    bench.edit_case('status: MATCHED, side: BUY, size: "5"', 'status: MATCHED, side: BUY, size: "6"')

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"failed": 2})
    assert "unproven: fixed is red at 'filled': came, and differs" in ran.out
    assert 'size: expected "6", found "5"' in ran.out


def test_poll_sharpened_too_far_is_invalid(bench: Bench) -> None:
    """A read recorded until it held cannot say what would come later: invalid, and the difference is told."""
    bench.edit_case('{status: MATCHED, size_matched: "5"}', '{status: MATCHED, size_matched: "6"}')

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"error": 2})
    assert "reads-matched: the recording does not reach far enough" in ran.out
    assert 'size_matched: expected "6", found "5"' in ran.out


def test_missing_broken_cassette_is_unproven(bench: Bench) -> None:
    """Without its broken cassette a case is red: it was never seen to fail."""
    bench.cassette("broken").unlink()

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"passed": 1, "failed": 1})
    assert "unproven: never seen red" in ran.out
    assert "pytest -k ESC-1118 --target venue --build BUILD --record broken" in ran.out


def test_missing_damaged_foreign_and_stale_are_told_apart(bench: Bench) -> None:
    """Each of the four has its code, its text and its way out, and none of them records anything."""
    fixed, path = bench.cassette("fixed"), "cassettes/ESC-1118/fixed.jsonl"
    good = fixed.read_bytes()
    told = {}
    for kind, change in {
        "missing": fixed.unlink,
        "damaged": lambda: fixed.write_bytes(good[:-10]),
        "foreign": lambda: fixed.write_bytes((ROOT / "cassettes" / "ESC-1101" / "fixed.jsonl").read_bytes()),
        "unfinished": lambda: fixed.write_bytes(b'{"journal":{"pid":1}}\n' + good),
    }.items():
        change()
        before = sorted(bench.root.rglob("*.jsonl"))
        ran = bench.pytest("-k", "fixed")
        assert ran.code == 1, ran.out
        assert sorted(bench.root.rglob("*.jsonl")) == before
        told[kind] = ran.out
        fixed.write_bytes(good)
    bench.edit_case(
        "side: BUY, price: 0.52, size: 5, type: FOK", "side: BUY, price: 0.53, size: 5, type: FOK"
    )
    told["stale"] = bench.pytest("-k", "fixed").out

    for kind, text in {
        "missing": f"unproven: never seen green: K001 {path}: there is no such cassette",
        "damaged": f"invalid: K002 {path}: its seal was cut off or changed",
        "foreign": f"invalid: K003 {path}: it was recorded for ESC-1101, not for ESC-1118",
        "stale": "invalid: K004 step 'buy' on rest(alice) does not send what was recorded:",
        "unfinished": f"invalid: K008 {path}: it is a recording that never ended",
    }.items():
        assert text in told[kind], told[kind]


def test_cassettes_swapped_are_noticed(bench: Bench) -> None:
    """A fixed recording under the name of the broken one proves nothing."""
    bench.cassette("broken").write_bytes(bench.cassette("fixed").read_bytes())

    ran = bench.pytest("-k", "broken")

    assert ran.code == 1
    assert ran.outcomes().get("passed", 0) == 0


def test_misspelt_key(bench: Bench) -> None:
    """A misspelt key is an error with file, line, column and the right word, before anything runs."""
    bench.edit_case("    expect: {status: MATCHED, side: BUY", "    expct: {status: MATCHED, side: BUY")

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"error": 1})
    assert (
        f"cases/{bench.case.name}:53:5: C001 unknown key 'expct' in a ws step; did you mean 'expect'?"
        in ran.out
    )


def test_unreadable_file_does_not_stop_the_others(bench: Bench) -> None:
    """A file that does not parse is one error; every other case is still judged."""
    (bench.root / "cases" / "ESC-2-unreadable.yaml").write_text("id: [", encoding="utf-8")

    ran = bench.pytest()

    assert (ran.code, ran.outcomes()) == (1, {"passed": 2, "error": 1})
    assert "cases/ESC-2-unreadable.yaml:2:1: Y" in ran.out


def test_lint_says_the_same(bench: Bench) -> None:
    """`harness lint` gives the same errors without any run, and exit code 2."""
    bench.edit_case("status: fixed", "status: fxied")

    ran = bench.harness("lint")

    assert ran.code == 2
    assert f"cases/{bench.case.name}:4:9: C005 'status' is 'fxied'; did you mean 'fixed'?" in ran.out
    assert "1 case read, 1 wrong" in ran.out


def test_xdist_gives_the_same_verdicts(bench: Bench) -> None:
    """With two workers only the controller writes, and the records are those of a serial run."""
    serial = bench.pytest("--verdicts", "serial.json")
    spread = bench.pytest("--verdicts", "spread.json", "-n", "2")

    held = [json.loads((bench.root / name).read_text()) for name in ("serial.json", "spread.json")]
    for one in held:
        for record in one["records"]:
            del record["started_at"], record["took_ms"]
    assert (serial.code, spread.code) == (0, 0)
    assert held[0] == held[1]
    assert held[0]["plan"]["items"] == ["ESC-1118[broken]", "ESC-1118[fixed]"]


def test_gate_reads_verdicts(bench: Bench) -> None:
    """The gate says 0 for proofs that hold, and 2 where a case has no proof."""
    bench.pytest("--verdicts", "good.json")
    bench.cassette("broken").unlink()
    bench.pytest("--verdicts", "bad.json")

    good, bad = bench.harness("gate", "good.json"), bench.harness("gate", "bad.json")

    assert (good.code, bad.code) == (0, 2)
    assert "gate: 2 – a case: ESC-1118[broken] unproven" in bad.out


def test_show_prints_a_cassette(bench: Bench) -> None:
    """`harness show` tells a cassette for people: where it is from, what is hidden, a line an event."""
    ran = bench.harness("show", "--cassette", str(bench.cassette("broken")))

    assert ran.code == 0
    assert "ESC-1118 broken: venue recording of venue 2026.11.1" in ran.out
    assert "alice.secret 1×" in ran.out
    assert "→ POST /order" in ran.out


def test_rows_are_items_of_their_own(bench: Bench) -> None:
    """A row of `examples` is an item for each proof, with cassettes in a folder of its own."""
    bench.edit_case("actors:", "examples: {half: {limit: 0.52}}\nactors:")
    bench.edit_case("side: BUY, price: 0.52, size: 5", 'side: BUY, price: "${limit}", size: 5')
    folder = bench.cassette("broken").parent / "half"
    folder.mkdir()
    for name in ("broken", "fixed"):
        assert bench.edit_cassette(
            name, '"case":"ESC-1118",', '"case":"ESC-1118","row":"half",', on=["harness"]
        )
        bench.cassette(name).rename(folder / f"{name}.jsonl")
        sealed = bench.harness("seal", "--edited", str(folder / f"{name}.jsonl"))
        assert sealed.code == 0, sealed.out

    ran = bench.pytest()
    (folder / "fixed.jsonl").unlink()
    without = bench.pytest("-k", "half-fixed")

    assert (ran.code, ran.outcomes()) == (0, {"passed": 2}), ran.out
    items = [line.split()[0] for line in ran.out.splitlines() if line.startswith("ESC-1118[")]
    assert items == ["ESC-1118[half-broken]", "ESC-1118[half-fixed]"]
    assert (without.code, without.outcomes()["failed"]) == (1, 1)
    assert "unproven: never seen green" in without.out
