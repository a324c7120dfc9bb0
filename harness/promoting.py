"""`harness promote`: a case whose fix was seen guards it from now on; nothing else of its file changes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.asking import BUILD
from harness.case.read import parse_case
from harness.case.values import Case, Status
from harness.choosing import chosen_cases
from harness.errors import HarnessError
from harness.files import read_whole, write_atomically
from harness.project import additions_of, root_of
from harness.proving import prove
from harness.report.ledger import verdicts
from harness.strictyaml import load
from harness.verdict import Proof, Verdict
from harness.yamlnodes import Mapping

OK: Final = 0
_STATUS: Final = re.compile(rb"""(status[ ]*:[ ]+)(open|"open"|'open')(?=[ \t\r\n]|$)""")


def run(options: argparse.Namespace) -> int:
    """Promote all that were asked for, or none: every one is judged before a file is written."""
    root = root_of(Path.cwd() / "cases") or Path.cwd()
    edits = [(case, _promoted(root, case, build)) for case, build in _asked(root, options)]
    for case, (data, build) in edits:
        write_atomically(root / case.path, data)
        print(f"{case.path}: status: fixed, fixed_in: {build}")
    return OK


def _asked(root: Path, options: argparse.Namespace) -> Iterator[tuple[Case, str]]:
    if (options.verdicts is None) != (bool(options.ids) and options.fixed_in is not None):
        raise HarnessError("U083", "say harness promote ESC-1118 --fixed-in BUILD, or --from verdicts.json")
    if options.verdicts is None:
        builds = dict.fromkeys(options.ids, options.fixed_in)
    else:
        if options.ids or options.fixed_in:
            raise HarnessError("U083", "--from takes cases and builds out of the verdicts: name neither")
        seen = [
            each for each in verdicts(options.verdicts)["records"] if each["word"] == str(Verdict.VERIFIED)
        ]
        builds = {each["id"]: each["build"] for each in seen}
        if len({(each["id"], each["build"]) for each in seen}) > len(builds):
            raise HarnessError(
                "U083", f"{options.verdicts} has one case verified on two builds: name the first"
            )
        if not builds:
            raise HarnessError("U083", f"{options.verdicts} has no case that is verified")
    for case in chosen_cases(root, list(builds), every=False, command="promote"):
        yield case, builds[case.id]


def _promoted(root: Path, case: Case, build: str | None) -> tuple[bytes, str]:
    """The file's new bytes. Raises HarnessError U083 where it may not be promoted."""
    if build is None or not BUILD.fullmatch(build):
        raise HarnessError("U083", f"{case.id}: {build!r} names no build")
    if case.status is Status.FIXED:
        raise HarnessError("U083", f"{case.path} is fixed already, in {case.fixed_in}: it is left as it is")
    path = root / case.path
    data = _edited(read_whole(path), case.path, build)
    promoted = parse_case(data, case.path, additions_of(root))
    if (promoted.status, promoted.fixed_in) != (Status.FIXED, build):
        raise HarnessError("U083", f"{case.path} cannot be edited: write status and fixed_in yourself")
    for row in promoted.rows or (None,):
        for name in ("broken", "fixed"):
            proof = prove(promoted, name, root / "cassettes", None, row)
            if proof.judgement.word is not Proof.PROVEN:
                how = f"pytest -k {case.id} --target TARGET --build {build} --record {name}"
                told = f"{proof.item} is {proof.judgement.word}: {proof.judgement.why}"
                raise HarnessError("U083", f"{told}. Nothing was changed. Record it first: {how}")
    return data, build


def _edited(data: bytes, shown: str, build: str) -> bytes:
    """The bytes with the status's word replaced and a line `fixed_in` below it; all others as they were."""
    tree = load(data, shown)
    status = tree.get("status") if isinstance(tree, Mapping) else None
    lines = data.splitlines(keepends=True)
    at = -1 if status is None else status.place.line - 1
    line = lines[at] if status is not None else b""
    found = _STATUS.match(line)
    if found is None:
        raise HarnessError(
            "U083", f"{shown}: no line `status: open` of its own: write it so, or edit it yourself"
        )
    end = line[len(line.rstrip(b"\r\n")) :] or b"\n"
    lines[at] = found[1] + b"fixed" + (line[found.end() :].rstrip(b"\r\n") + end)
    lines.insert(at + 1, b'fixed_in: "' + build.encode() + b'"' + end)
    return b"".join(lines)
