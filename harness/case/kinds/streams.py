"""Reading `ws:` and `fix:` steps: what is said on a stream, or that it is waited on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.case.actions import Action, FixSay, Listen, WsSay
from harness.case.channels import Cast, Channel
from harness.case.fix import FIX_VERBS, wrong_body, wrong_tamper
from harness.case.form import Form, fields_of
from harness.case.words import Word, names
from harness.model import Source

WS_VERBS: Final = ("subscribe", "unsubscribe", "send", "raw", "close")

CLOSE: Final = (
    Word("code", "count", "the close code; 1000 (done) unless told", "1000"),
    Word("reason", "text", "why, for the other side", "bye"),
)
NUMBERS: Final = (
    Word("next_out", "count", "the number of the next message that we send", "5"),
    Word("next_in", "count", "the number that we expect next", "9"),
)
WS: Final = (
    Word(
        "subscribe",
        "mapping",
        "opens the channel, or adds to an open one, with what the exchange asks for; checks that it was not "
        "refused",
        '{markets: ["${market.condition}"]}',
    ),
    Word("unsubscribe", "mapping", "takes away from an open channel", '{markets: ["${market.condition}"]}'),
    Word("send", "any", "any JSON, as one message", "{type: nonsense}"),
    Word("raw", "text", "a message as it is", '"{not json"'),
    Word(
        "close",
        "mapping",
        "closes the channel; a later `subscribe` opens it again",
        "{code: 1000}",
        inner=CLOSE,
        bare=True,
    ),
)
FIX: Final = (
    Word(
        "logon",
        "mapping",
        "logs on, with these fields of a Logon beside the usual",
        "{ResetSeqNumFlag: true}",
        bare=True,
    ),
    Word("logout", "mapping", "logs out, with these fields of a Logout", '{Text: "done"}', bare=True),
    Word(
        "send",
        "mapping",
        "one message by its name, with its fields by theirs; logs on first where the session is down",
        '{OrderStatusRequest: {SenderSubID: a, ClOrdID: "1", Symbol: X}}',
    ),
    Word(
        "raw",
        "text",
        "a message as text, with `|` between its fields. What the session knows may be left out, or be `?`: "
        "BodyLength (9), CheckSum (10), and 49, 56, 34 and 52; with a 9 of its own, only what is `?` is put "
        "in. `${order.sent}` sends the message of the step `order` once more, as a new one",
        '"8=FIXT.1.1|35=0|"',
    ),
    Word(
        "tamper",
        "mapping",
        "fields of what `send` sends, by name, replaced after 9 and 10 are computed; null takes one away",
        '{CheckSum: "01"}',
        beside="send: {Heartbeat: {Text: hello}}",
    ),
    Word("set", "mapping", "moves the session's message numbers", "{next_out: 5}", inner=NUMBERS),
    Word("disconnect", "any", "closes the connection without a Logout", "{}"),
)


def read_ws(form: Form, cast: Cast) -> tuple[Source, Action] | None:
    """What a `ws:` step says, or that it waits."""
    channel = cast.named(form, "ws", "ws")
    if channel is None:
        return None
    actor = cast.acting(form, channel, shared=channel.stream == "market")
    verb = _one_of(form, WS_VERBS, "ws")
    if verb is None:
        return None if _several(form, WS_VERBS) else (Source(channel.source_name, actor), Listen())
    body = form.filled(verb)
    if verb in ("subscribe", "unsubscribe") and not isinstance(body, Mapping):
        form.problem(form.place_of(verb), "C002", f"{verb!r} is a mapping of names to values")
        return None
    if verb == "raw" and not _is_text(body):
        form.problem(form.place_of(verb), "C002", "'raw' is a frame as text: quote it")
        return None
    if verb == "close" and not (
        body is None or (isinstance(body, Mapping) and set(body) <= set(names(CLOSE)))
    ):
        form.problem(form.place_of(verb), "C002", "'close' takes {} or {code: 1000, reason: bye}")
        return None
    return Source(channel.source_name, actor), WsSay(verb, body)


def read_fix(form: Form, cast: Cast) -> tuple[Source, Action] | None:
    """What a `fix:` step says, or that it waits."""
    channel = cast.named(form, "fix", "fix")
    if channel is None:
        return None
    actor = cast.acting(form, channel)
    if not actor:
        form.problem(form.place_of("fix"), "C008", "a FIX session is somebody's: say 'as'")
    verb = _one_of(form, FIX_VERBS, "fix")
    source = Source(channel.source_name, actor)
    if verb is None:
        return None if _several(form, FIX_VERBS) else (source, Listen())
    if verb == "raw" and channel.engine != "own":
        told = f"{channel.name!r} runs the {channel.engine} engine, which writes its own bytes: use 'send'"
        form.problem(form.place_of("raw"), "C028", told)
    body = form.filled(verb)
    problem = wrong_body(verb, body)
    if problem is not None:
        form.problem(form.place_of(verb), "C028", problem)
        return None
    return source, FixSay(verb, body, _tamper(form, channel, verb, body))


def _tamper(form: Form, channel: Channel, verb: str, body: Any) -> dict[str, Any]:
    """The fields of a message that are replaced after it is sealed."""
    changed = fields_of(form, "tamper") or {}
    place = form.place_of("tamper")
    if "tamper" in form and verb != "send":
        form.problem(place, "C023", "'tamper' means nothing here: it changes a message that 'send' makes")
    elif changed and channel.engine != "own":
        told = f"{channel.name!r} runs the {channel.engine} engine, which writes its own bytes"
        form.problem(place, "C028", f"{told}: take 'tamper' away")
    elif changed:
        for problem in wrong_tamper(body, changed):
            form.problem(place, "C028", problem)
    return changed


def _several(form: Form, verbs: tuple[str, ...]) -> bool:
    return sum(verb in form for verb in verbs) > 1


def _one_of(form: Form, verbs: tuple[str, ...], kind: str) -> str | None:
    said = [verb for verb in verbs if verb in form]
    if len(said) > 1:
        text = f"a {kind} step does one of {', '.join(verbs)}, not {len(said)} of them"
        form.problem(form.place, "C007", text)
        return None
    return said[0] if said else None


def _is_text(body: Any) -> bool:
    return isinstance(body, str) or hasattr(body, "resolve")
