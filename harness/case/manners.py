"""The words that every step shares, and where each of them means something.

A word that a step would never look at is refused: a case must not seem to say more than it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.case import actions
from harness.case.actions import READS, Action
from harness.case.form import Form
from harness.case.values import Fault
from harness.case.words import NAME, Word
from harness.matchers import Expectation, mentions
from harness.references import DURATION

FAULTS: Final[Mapping[str, str]] = {
    "drop response": "the answer comes, and the case does not get it",
    "delay": "the answer or the messages reach the case so much later: `delay 6s`",
    "cut": "the connection is reset, without a goodbye",
    "half_open": "the connection stays open, and nothing is read from it or answered until the step is over",
    "slow_reader": "messages are read so slowly that the other side's buffer fills, until the step is over",
    "duplicate": "a request is sent twice; a message comes twice",
    "reorder": "messages come in pairs, the later one first",
}
"""What goes wrong on purpose, and what that is."""
RESEND: Final = (
    Word("every", "duration", "how often it is sent, such as 1s", "1s", required=True),
    Word(
        "until",
        "expectation",
        "the answer that ends it, such as {status: 200}",
        "{status: 200}",
        required=True,
    ),
    Word(
        "same",
        "flag",
        "true sends the same bytes again, false signs a new order each time",
        "true",
        required=True,
    ),
)
_WAITS: Final = "ws: user\nwithin: 5s"
_POLLS: Final = "rest: GET /time\nwithin: 5s\nexpect: {status: 200}"
_WRITES: Final = "rest: DELETE /cancel-all\nexpect: {status: 200}"
COMMON: Final = (
    Word(
        "id",
        "text",
        "its name, for findings, references and the symptom; each of `steps` has one",
        "again",
        pattern=NAME,
        beside="rest: GET /time\nexpect: {status: 200}",
    ),
    Word("as", "text", "who acts; may be left out where there is one actor", "alice", beside=_WRITES),
    Word(
        "within",
        "duration",
        "the deadline, counted from the cause: the nearest earlier step that sends something, or `after`. "
        "A read (GET, chain) is repeated until it holds",
        "5s",
        beside="rest: GET /time\nexpect: {status: 200}",
    ),
    Word(
        "watch",
        "duration",
        "how long a missed deadline is watched on, from the cause, to tell late from never; twice `within` "
        "unless told, and at most 60 s more than it",
        "30s",
        beside=_POLLS,
    ),
    Word("every", "duration", "how often a read is repeated; 250 ms unless told", "1s", beside=_POLLS),
    Word(
        "after",
        "text",
        "the step that is the cause, instead of the nearest earlier one that sends something",
        "buy",
        beside=_POLLS,
    ),
    Word(
        "where",
        "expectation",
        "chooses the message, event or list entry, which `expect` then judges",
        "{event_type: trade}",
        beside=_WAITS,
    ),
    Word(
        "expect",
        "expectation",
        "judges what came; without `where`, the first that is like this is waited for",
        "{status: 200}",
        beside="rest: GET /time",
    ),
    Word(
        "never",
        "expectation",
        "nothing like this comes in the whole window, to the end of `within`",
        "{event_type: trade}",
        beside=_WAITS,
    ),
    Word(
        "count",
        "count",
        "so many come, and then none for `quiet`",
        "2",
        beside=f"{_WAITS}\nwhere: {{event_type: trade}}",
    ),
    Word(
        "quiet",
        "duration",
        "the silence after `count`; 2 s unless told",
        "1s",
        beside=f"{_WAITS}\nwhere: {{event_type: trade}}\ncount: 2",
    ),
    Word("stable_for", "duration", "once a read holds, it goes on holding so long", "2s", beside=_POLLS),
    Word(
        "resend",
        "mapping",
        "a write is sent again until its answer is as `until` says, at most for `within`",
        "{every: 1s, until: {status: 200}, same: true}",
        beside="rest: DELETE /cancel-all\nwithin: 10s",
        inner=RESEND,
    ),
    Word(
        "fault",
        "text",
        f"what goes wrong on purpose: {', '.join(FAULTS)}; `delay` says how long",
        "delay 6s",
        beside=_POLLS,
        pattern="|".join(f"delay {DURATION.pattern}" if fault == "delay" else fault for fault in FAULTS),
    ),
    Word(
        "save",
        "saves",
        "names for parts of what came, for references",
        "{fill: $.id}",
        beside=f"{_WAITS}\nwhere: {{event_type: trade}}",
    ),
)
INSTEAD: Final = ("$nothing", "$lost", "$closed", "$refused")
"""What can stand instead of an event."""
_WAITING: Final = ("within", "watch", "every", "after")
_CHOOSING: Final = ("where", "never", "count", "quiet")

TOLD: Final[Mapping[str, str]] = {
    "write": "a REST write",
    "read": "a REST read",
    "transact": "a transaction",
    "say": "a `ws` or `fix` step that says something",
    "listen": "a wait on `ws` or `fix`",
}
"""The manners that a fault can happen to, as a reader knows them."""
FAULTS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "write": ("drop response", "delay", "cut", "duplicate"),
    "read": ("drop response", "delay", "cut"),
    "transact": ("drop response", "delay"),
    "say": ("cut", "half_open", "slow_reader"),
    "listen": ("delay", "duplicate", "reorder", "cut", "half_open", "slow_reader"),
}


def manner_of(action: Action) -> str:
    """How a step goes about it: write, read, say, listen, look, transact, provide or wait."""
    if isinstance(action, actions.RestCall):
        return "write" if action.writes else "read"
    if isinstance(action, actions.WsSay | actions.FixSay):
        return "say"
    if isinstance(action, actions.Listen):
        return "listen"
    if isinstance(action, READS):
        return "look"
    if isinstance(action, actions.Own):
        return "look" if action.reads else "transact"
    if isinstance(action, actions.ChainSend):
        return "transact"
    if isinstance(action, actions.Wait):
        return "wait"
    return "provide"


def _idle(form: Form, action: Action, expect: Expectation | None) -> dict[str, str]:
    """The words that mean nothing here, and why."""
    manner = manner_of(action)
    idle: dict[str, str] = {}
    if manner != "write":
        idle["resend"] = "only a REST write is sent again"
    if manner == "say":
        text = "it only checks that it was not refused: wait for what comes in a step of its own"
        idle |= dict.fromkeys((*_WAITING, *_CHOOSING, "save", "stable_for"), text)
        if expect is not None and not mentions(expect, *INSTEAD):
            idle["expect"] = f"{text}; here stands {{$refused}}, {{$closed}} or nothing"
    elif manner == "write" and "resend" not in form:
        text = "a write is never sent twice, unless 'resend' says so"
        idle |= dict.fromkeys((*_WAITING, *_CHOOSING, "stable_for"), text)
    elif manner == "write":
        idle |= dict.fromkeys(("watch", *_CHOOSING, "stable_for"), "'resend' says what ends it")
        idle["every"] = "'resend' has its own 'every'"
    elif manner == "transact":
        what = "its receipt" if isinstance(action, actions.ChainSend) else "what becomes of it"
        text = f"it is sent once: read {what} in a step of its own"
        idle |= dict.fromkeys((*_WAITING, *_CHOOSING, "stable_for"), text)
    elif manner in ("provide", "wait"):
        text = "it is done once, and returns when it has begun"
        idle |= dict.fromkeys((*_WAITING, *_CHOOSING, "stable_for", "expect"), text)
        if not isinstance(action, actions.Market):
            idle["save"] = "nothing comes back"
    elif manner == "listen":
        idle |= {"every": "a stream is not polled", "stable_for": "a stream is not read again: use 'never'"}
    elif manner == "look" and not isinstance(action, actions.ChainEvents):
        idle |= dict.fromkeys(_CHOOSING, "it is one answer, which 'expect' judges")
    if manner in ("read", "look") and "within" not in form:
        text = "without 'within' it is read once"
        idle |= dict.fromkeys(("watch", "every", "after", "stable_for", "count"), text)
    if "count" not in form:
        idle.setdefault("quiet", "it is the silence after 'count'")
    return idle


def fitting(form: Form, action: Action, fault: Fault | None, expect: Expectation | None) -> None:
    """Note the words that mean nothing in this step, contradict each other, or could not fail."""
    for word, why in _idle(form, action, expect).items():
        if word in form:
            form.problem(form.place_of(word), "C023", f"{word!r} means nothing in {form.what} here: {why}")
    if "never" in form:
        for word in ("where", "expect", "count", "save"):
            if word in form:
                text = f"{word!r} beside 'never': one waits for something, the other for nothing"
                form.problem(form.place_of(word), "C032", text)
        form.required("within", "'never' watches a whole window: say how long, such as within: 5s")
    if fault is not None:
        allowed = FAULTS_OF.get(manner_of(action), ())
        if fault.kind not in allowed:
            known = ", ".join(allowed) or "none"
            text = f"{fault.kind!r} cannot happen to {form.what} like this; possible here: {known}"
            form.problem(form.place_of("fault"), "C031", text)
