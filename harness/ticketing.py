"""`harness new`: a folder of what a customer sent becomes a draft of a case with its evidence sealed."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from harness import nodereads
from harness.blur.blurring import Blurred, blurred
from harness.blur.lookups import lookups
from harness.capturing import secrets_of
from harness.case import lint
from harness.case.read import CASE_ID, parse_case
from harness.cassette import cassette_path
from harness.drafting.blaming import blamed
from harness.drafting.draft import Draft, draft
from harness.drafting.sealed import Sealed, sealed_draft
from harness.drafting.steps import texts_in
from harness.errors import CaseError, EvidenceError, HarnessError
from harness.evidence.ticket import ledgers
from harness.evidence.ticket.accounts import addresses_in, look_at
from harness.evidence.ticket.alignment import Aligned, aligned
from harness.evidence.ticket.folder import Gathered, gather, without_receipts
from harness.evidence.ticket.keyed import keys_of, veiled
from harness.evidence.ticket.mentions import mentions_of
from harness.evidence.ticket.receipts import look_up
from harness.files import write_atomically
from harness.proving import prove
from harness.verdict import Proof

_LISTED: Final = 20
_NOTHING_WRONG: Final = "I033"
_ZONE: Final = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")


def run(options: argparse.Namespace) -> int:
    """Make the draft, and show nothing whole that may be a key: not in an error either. Raises as `_run`."""
    try:
        return _run(options)
    except EvidenceError as error:
        raise EvidenceError(error.code, veiled(error.text)) from None


def _run(options: argparse.Namespace) -> int:
    """Make the draft. Raises EvidenceError, LeakError, FileError; HarnessError U060 to U063 (usage)."""
    case_id = options.case_id
    if not CASE_ID.fullmatch(case_id):
        raise HarnessError("U060", f"{case_id!r} is no id of a case: it looks like ESC-1234")
    case_path = options.cases / f"{case_id}.yaml"
    broken = cassette_path(options.cassettes, case_id, "broken", "")
    for path in (*sorted(options.cases.glob(f"**/{case_id}[.-]*")), broken):
        if path.exists() and not options.dry_run:
            text = "stands there already, and is never written over: move it away"
            raise EvidenceError("I034", f"{path} {text}")
    node = nodereads.place_of(options, os.environ)
    gathered = gather(options.folder, lambda path: _say(f"reading {path} …"))
    gathered = _with_receipts(gathered, node, _LISTED if not options.all else sys.maxsize)
    zones = dict(_zone(text, gathered) for text in options.zone)
    whole = aligned(gathered.readings, zones)
    _tell_clocks(gathered, whole)
    blur = None
    if options.blur:
        blur = blurred(whole)
        whole = blur.aligned
    most = _LISTED if not options.all else sys.maxsize
    try:
        made = _drafted(case_id, whole, options)
    except EvidenceError:
        _list("not understood", gathered.unread, most)
        raise
    secrets = {**dict(keys_of(gathered.clues)), **dict(secrets_of(options.secret_env, os.environ))}
    sealed = sealed_draft(made, case_id, broken, _about(gathered, whole), secrets)
    _tell_lookups(sealed, blur)
    _tell_rest(gathered, made, most)
    if options.dry_run:
        print(sealed.case_text, end="")
        return 0
    case_path.parent.mkdir(parents=True, exist_ok=True)
    broken.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(broken, sealed.cassette_bytes)
    write_atomically(case_path, sealed.case_text.encode())
    return _tell_proof(case_path, sealed.case_text, options.cassettes)


def _drafted(case_id: str, whole: Aligned, options: argparse.Namespace) -> Draft:
    """The draft of the step that went wrong, or of the check that a stream fails. Raises as `draft`."""
    try:
        return draft(case_id, whole, options.symptom, _again(options))
    except EvidenceError as error:
        found = blamed(case_id, whole) if error.code == _NOTHING_WRONG and not options.symptom else None
        if found is None:
            raise
    return found


def _with_receipts(gathered: Gathered, node: nodereads.NodePlace | None, most: int) -> Gathered:
    """What was gathered, with receipts of the transactions that it names; without a node they are listed."""
    mentions = mentions_of(gathered.clues, gathered.named)
    told = ledgers.told_by(gathered.clues)
    if node is None:  # a node says more of them
        unknown = tuple(each for each in mentions.transactions if each.value not in told)
        mentions = replace(mentions, transactions=unknown)
    _list("hash", [f"{each.shown} ({each.place}): {what}" for each, what in mentions.explained], most)
    addresses = addresses_in(gathered.clues, gathered.named)
    if not mentions.transactions and not addresses:
        return gathered
    if node is None:
        _list("hash", [f"{each.shown} ({each.place})" for each in mentions.transactions], most)
        _list("address", [f"{each.shown} ({each.place})" for each in gathered.named if each.is_address], most)
        if mentions.transactions or any(each.is_address for each in gathered.named):
            _say("what became of them is not known: --rpc URL looks them up")
        return gathered
    with nodereads.node_reader(node) as ask:
        found = look_up(mentions.transactions, ask, node.chain_id)
        clues = (*gathered.clues, *found.reading.clues)
        accounts = look_at(addresses, clues, ask, node.chain_id) if addresses else None
    _list("hash", found.told, most)
    _list("address", accounts.told if accounts is not None else (), most)
    gathered = without_receipts(gathered, ledgers.told_by(found.reading.clues))
    more = (found.reading, accounts.reading) if accounts is not None else (found.reading,)
    return replace(gathered, readings=(*gathered.readings, *more))


def _again(options: argparse.Namespace) -> str:
    """The command as it was given, as far as it says what the draft is of."""
    zones = (word for zone in options.zone for word in ("--zone", zone))
    return shlex.join(["harness", "new", options.case_id, "--from", str(options.folder), *zones])


def _tell_lookups(sealed: Sealed, blur: Blurred | None) -> None:
    """Say what a stranger could look up. Raises EvidenceError I036 where something was not blurred."""
    if blur is not None:
        written = sealed.cassette_bytes.decode() + sealed.case_text
        said = (text for event in sealed.cassette.events for _, text in texts_in(event.data))
        if left := [*blur.blur.left(written), *blur.blur.amounts_left((*said, sealed.case_text))]:
            count = "1 time, market or amount" if len(left) == 1 else f"{len(left)} times, markets or amounts"
            text = f"{count} of before would still stand, such as {left[0]}"
            raise EvidenceError("I036", f"{text}: nothing was written")
        for told in blur.told:
            _say(f"blurred: {told}")
    for told in lookups(sealed.cassette.events, blur is not None):
        _say(told)


def _zone(text: str, gathered: Gathered) -> tuple[str, int]:
    """A file's zone as it was said: `bot.log=+01:00`, in minutes east of UTC. Raises HarnessError U062."""
    path, _, zone = text.partition("=")
    found = _ZONE.fullmatch(zone)
    known = [reading.path for reading in gathered.readings]
    if found is None or path not in known:
        raise HarnessError("U062", f"--zone {text}: say FILE=+01:00; files are {', '.join(known)}")
    minutes = int(found[2]) * 60 + int(found[3])
    return path, -minutes if found[1] == "-" else minutes


def _tell_clocks(gathered: Gathered, whole: Aligned) -> None:
    clocks = {clock.path: clock for clock in whole.clocks}
    for reading in gathered.readings:
        clock = clocks.get(reading.path)
        told = f"{len(reading.clues)} events; {clock.told}" if clock is not None else "no events"
        _say(f"{reading.path} ({reading.form}): {told}")


def _tell_rest(gathered: Gathered, made: Draft, most: int) -> None:
    _list("not understood", gathered.unread, most)
    _list("left out as noise", made.noise, most)
    _list("left out", made.left_out, most)


def _list(what: str, rows: Iterable[object], most: int) -> None:
    told = [str(row) for row in rows]
    for row in told[:most]:
        _say(f"{what}: {row}")
    if len(told) > most:
        _say(f"{what}: {len(told) - most} more; --all lists them")


def _about(gathered: Gathered, whole: Aligned) -> dict[str, Any]:
    """What the draft was made of; no names of files: a FIX log is named after whose it is."""
    clocks = {clock.path: clock.told for clock in whole.clocks}
    files = [
        {
            "file": f"file {number}",
            "form": each.form,
            "events": len(each.clues),
            "clock": clocks.get(each.path, ""),
        }
        for number, each in enumerate(gathered.readings, start=1)
    ]
    return {"files": files, "not_read": sum(1 for _ in gathered.unread)}


def _tell_proof(path: Path, text: str, cassettes: Path) -> int:
    """Read the case as anybody would, replay it on its evidence, and say what that came to."""
    _say(f"{path}: {text.count(chr(10))} lines, {text.count('# guessed')} of them guessed (# guessed)")
    try:
        case = parse_case(text, str(path))
    except CaseError as error:
        _say(f"the draft does not lint yet:\n{error}")
        return 2
    for warning in lint.warnings(case):
        _say(f"{warning} (warning)")
    outcome = prove(case, "broken", cassettes)
    _say(f"{cassettes / case.id / 'broken.jsonl'}: {outcome.judgement.word}: {outcome.judgement.why}")
    if outcome.judgement.word is not Proof.PROVEN:
        _say(f"mend the case until it is: pytest -k {case.id}")
        return 1
    _say(f"next: look at each '# guessed' line, then pytest -k {case.id}")
    return 0


def _say(text: str) -> None:
    print(f"harness: {veiled(text)}", file=sys.stderr)
