"""Sound cases are remembered by the digest of their file; what is remembered never decides a verdict."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness import exactjson, shelf
from harness.case.additions import Additions
from harness.case.read import parse_case
from harness.errors import CaseError
from harness.index import Index, Listed, digest_of
from harness.shelf import Shelf

SOURCE = Path(__file__).parents[2] / "cases" / "ESC-1118-matched-never-settled.yaml"
SHOWN = f"cases/{SOURCE.name}"
LISTED = Listed("ESC-1118", 2, fixed=True)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A sound case's file."""
    path = tmp_path / SOURCE.name
    path.write_bytes(SOURCE.read_bytes())
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the cases that are parsed, as it happens."""
    seen: list[str] = []

    def counted(text: bytes, path: str, additions: Additions) -> object:
        seen.append(path)
        return parse_case(text, path, additions)

    monkeypatch.setattr(shelf, "parse_case", counted)
    return seen


def test_a_sound_case_is_read_once_for_all_runs(case: Path, tmp_path: Path, reads: list[str]) -> None:
    """The second run lists a case without reading it, and reads it where it is run."""
    first = Shelf(tmp_path, index=tmp_path / "index.json")
    assert first.listed(case, SHOWN) == LISTED
    assert first.take(case, SHOWN, LISTED).id == "ESC-1118"
    first.close()
    assert reads == [SHOWN]

    second = Shelf(tmp_path, index=tmp_path / "index.json")
    assert second.listed(case, SHOWN) == LISTED
    assert reads == [SHOWN]
    assert second.take(case, SHOWN, LISTED).line == 2
    assert second.take(case, SHOWN, LISTED).id == "ESC-1118"
    assert reads == [SHOWN, SHOWN]


def test_a_changed_file_is_read_again(case: Path, tmp_path: Path) -> None:
    """One byte more, or another name, and nothing is known of it; what is wrong in it is said every time."""
    first = Shelf(tmp_path, index=tmp_path / "index.json")
    first.listed(case, SHOWN)
    first.close()
    case.write_text(case.read_text(encoding="utf-8") + "storey: misspelt\n", encoding="utf-8")

    for _ in range(2):
        again = Shelf(tmp_path, index=tmp_path / "index.json")
        with pytest.raises(CaseError, match="C001"):
            again.listed(case, SHOWN)
        again.close()

    other = case.with_name("ESC-1119.yaml")
    other.write_bytes(SOURCE.read_bytes())
    with pytest.raises(CaseError, match="C016"):
        Shelf(tmp_path, index=tmp_path / "index.json").listed(other, other.name)


def test_a_case_that_changed_since_it_was_listed_is_not_run(case: Path) -> None:
    """Between listing and running a case stays what it was, or is told to be run again."""
    cases = Shelf(Path())
    listed = cases.listed(case, SHOWN)
    text = case.read_text(encoding="utf-8")
    case.write_text(
        text.replace('status: fixed\nfixed_in: "2026.11.2"\n', "status: open\n"), encoding="utf-8"
    )

    with pytest.raises(CaseError) as refused:
        Shelf(Path()).take(case, SHOWN, listed)

    assert str(refused.value) == f"{SHOWN}: C068 was changed after it was collected: run it again"


def test_a_lie_in_the_index_ends_in_an_error(case: Path, tmp_path: Path) -> None:
    """An index that says that fewer proofs are needed makes the case invalid, never green."""
    path = tmp_path / "index.json"
    first = Shelf(tmp_path, index=path)
    first.listed(case, SHOWN)
    first.close()
    held = exactjson.loads(path.read_bytes())
    held["cases"][digest_of(case.read_bytes(), case.name)][2] = False
    path.write_text(exactjson.dumps(held), encoding="utf-8")

    second = Shelf(tmp_path, index=path)
    listed = second.listed(case, SHOWN)
    assert not listed.fixed
    with pytest.raises(CaseError, match="C068"):
        second.take(case, SHOWN, listed)


@pytest.mark.parametrize("held", [b"", b"\x80", b"[]", b'{"key":"another","cases":{}}', b'{"cases":3}'])
def test_a_damaged_index_is_an_empty_one(case: Path, tmp_path: Path, held: bytes, reads: list[str]) -> None:
    """Whatever stands in the index's place costs a reading, and nothing else."""
    path = tmp_path / "index.json"
    path.write_bytes(held)

    cases = Shelf(tmp_path, index=path)
    assert cases.listed(case, SHOWN) == LISTED
    cases.close()

    assert reads == [SHOWN]
    assert Index(path).find(digest_of(case.read_bytes(), case.name)) == LISTED


def test_an_index_line_of_another_kind_is_not_believed(case: Path, tmp_path: Path, reads: list[str]) -> None:
    """A line that is no listed case is as if it were not there."""
    path = tmp_path / "index.json"
    first = Shelf(tmp_path, index=path)
    first.listed(case, SHOWN)
    first.close()
    held = exactjson.loads(path.read_bytes())
    held["cases"][digest_of(case.read_bytes(), case.name)] = ["ESC-1118", "2", True, []]
    path.write_text(exactjson.dumps(held), encoding="utf-8")

    assert Shelf(tmp_path, index=path).listed(case, SHOWN) == LISTED
    assert reads == [SHOWN, SHOWN]


def test_an_index_that_cannot_be_written_only_costs_time(case: Path, tmp_path: Path) -> None:
    """A folder where the index should be is no reason to fail."""
    (tmp_path / "index.json").mkdir()

    cases = Shelf(tmp_path, index=tmp_path / "index.json")
    assert cases.listed(case, SHOWN) == LISTED
    cases.close()

    assert os.listdir(tmp_path / "index.json") == []


def test_what_a_project_adds_is_never_remembered(case: Path, tmp_path: Path) -> None:
    """Where the project adds steps or checks a case depends on more than its file, so none is remembered."""
    added = Additions(steps={}, checks={"theirs": lambda events: None})
    cases = Shelf(tmp_path, added, tmp_path / "index.json")
    cases.listed(case, SHOWN)
    cases.close()

    assert not (tmp_path / "index.json").exists()


def test_no_more_than_a_number_of_cases_is_kept(
    tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the number of cases: those over the bound are read when they are run."""
    monkeypatch.setattr(shelf, "KEPT", 2)
    cases, paths = Shelf(Path()), []
    for number in range(4):
        path = tmp_path / f"ESC-{number + 1}.yaml"
        path.write_bytes(SOURCE.read_bytes().replace(b"id: ESC-1118", b"id: ESC-%d" % (number + 1)))
        paths.append(path)
    listed = [cases.listed(path, path.name) for path in paths]

    taken = [cases.take(path, path.name, each).id for path, each in zip(paths, listed, strict=True)]

    assert taken == ["ESC-1", "ESC-2", "ESC-3", "ESC-4"]
    assert [reads.count(path.name) for path in paths] == [1, 1, 2, 2]


def test_old_lines_go_once_they_are_the_larger_part(tmp_path: Path) -> None:
    """Digests that no case has any more do not gather for ever."""
    path = tmp_path / "index.json"
    first = Index(path)
    for number in range(3_000):
        first.add(f"old{number}", LISTED)
    first.save()

    second = Index(path)
    assert second.find("old7") == LISTED
    second.add("new", LISTED)
    second.save()

    assert set(exactjson.loads(path.read_bytes())["cases"]) == {"old7", "new"}


def test_what_is_foreseen_is_not_read_again_by_others(case: Path, tmp_path: Path, reads: list[str]) -> None:
    """Before workers start their files are read once; what is wrong is passed over, and told by them."""
    wrong = case.with_name("ESC-2.yaml")
    wrong.write_text("id: ESC-2\n", encoding="utf-8")
    Shelf(tmp_path, index=tmp_path / "index.json").foresee([case, wrong])

    for _ in range(2):
        worker = Shelf(tmp_path, index=tmp_path / "index.json")
        assert worker.listed(case, SHOWN) == LISTED
        with pytest.raises(CaseError, match="C003"):
            worker.listed(wrong, wrong.name)
    assert reads.count(SHOWN) + reads.count(case.name) == 1
