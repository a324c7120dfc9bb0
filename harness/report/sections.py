"""What the case reference is made of: the tables of words in order, and where each stands in a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.case.channels import ACTOR, CHANNEL
from harness.case.groups import REPEAT, TOGETHER
from harness.case.kinds import KINDS
from harness.case.kinds.chain import CONTRACTS
from harness.case.kinds.listed import MARKET_WORDS
from harness.case.kinds.provided import HELD
from harness.case.kinds.rest import ORDER
from harness.case.kinds.streams import CLOSE, NUMBERS
from harness.case.manners import COMMON, RESEND
from harness.case.offers import ACTOR_PARTS, MARKET_PARTS
from harness.case.read import HEADER, SYMPTOM
from harness.case.rules import COMMON as OF_CHECKS
from harness.case.rules import RULES
from harness.case.rules.selecting import SELECTION
from harness.case.rules.stated import MAYBE
from harness.case.varying import VARY
from harness.case.words import Word

HERE: Final = "…"
"""Where a section's words go in its `stands`."""
STAGE: Final = """\
id: ESC-1234
title: "A fill is lost"
status: open
severity: critical
component: clob/settlement
actors: {alice: trader}
given:
  - {market: {tick: 0.01}, save: market}
  - {fund: {alice: {collateral: 100}}}
steps:
  - {id: listen, ws: user, subscribe: {markets: ["${market.condition}"]}}
  - {id: prices, ws: market, subscribe: {assets_ids: ["${market.yes}"]}}
  - {id: logon, fix: oe, logon: {}}
  - id: approve
    chain: send
    to: ctf
    function: "setApprovalForAll(address,bool)"
    args: ["${alice.safe}", true]
    expect: {accepted: {$hex: 32}}
  - id: buy
    rest: POST /order
    order: {token: "${market.yes}", side: BUY, price: 0.52, size: 5, type: GTC}
    expect: {status: 200}
  - id: filled
    ws: user
    within: 5s
    where: {event_type: trade}
    save: {trade: $.id, size: $.size}
checks:
  - id: settles
    lifecycle: {trade: "${trade}", states: [MATCHED, MINED, CONFIRMED]}
    within: 60s
symptom: {step: buy, shows: {status: 400}}
"""
"""A small case that every example of the reference stands in."""


@dataclass(frozen=True, slots=True)
class Section:
    """One level of the language: its words, where they stand, and what stands beside each of them anyway.

    `stands` is YAML with `HERE` for the mapping of these words, "" where that is the whole case. `beside` are
    `key: value` lines.
    """

    title: str
    intro: str
    words: tuple[Word, ...]
    stands: str = ""
    beside: str = ""
    level: int = 3


_STEP: Final = "steps: [{id: shown, rest: POST /order, expect: {status: 200}, order: …}]"


def _steps() -> Iterator[Section]:
    yield Section(
        "Words of every step",
        "A step has one key that says its kind (the sections below), and of these words those that mean "
        "something there; `harness lint` says where one does not.",
        COMMON,
        f"steps: [{HERE}]",
        "id: shown",
    )
    yield Section(
        "resend",
        "What stands in `resend`.",
        RESEND,
        "steps: [{id: shown, rest: DELETE /cancel-all, within: 9s, resend: …}]",
        level=4,
    )
    for kind in KINDS.values():
        word, given = kind.word, kind.word.name in ("market", "fund")
        rivals = f"At most one of {_listed(kind.rivals)} stands." if kind.rivals else ""
        stands = f"given: [{HERE}]" if given else f"steps: [{HERE}]"
        verbs = (
            "A key in bold must be there with what it goes with: the second table says which."
            if kind.verbs
            else ""
        )
        beside = ("save: other" if word.name == "market" else "") if given else "id: shown"
        yield Section(word.name, rivals or verbs, (word, *kind.words), stands, beside)
        yield from _INSIDE.get(word.name, ())


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


_INSIDE: Final = {
    "rest": (Section("order", "What stands in `order`, and in each of `orders`.", ORDER, _STEP, level=4),),
    "ws": (
        Section(
            "close",
            "What stands in `close` of a `ws` step.",
            CLOSE,
            "steps: [{id: shown, ws: user, close: …}]",
            level=4,
        ),
    ),
    "fix": (
        Section(
            "set",
            "What stands in `set` of a `fix` step.",
            NUMBERS,
            "steps: [{id: shown, fix: oe, set: …}]",
            level=4,
        ),
    ),
    "market": (
        Section(
            "A market", "What stands in `market`.", MARKET_WORDS, "given: [{market: …, save: other}]", level=4
        ),
    ),
    "fund": (
        Section(
            "What is held",
            "What stands behind each name in `fund`.",
            HELD,
            "given: [{fund: {alice: …}}]",
            level=4,
        ),
    ),
}


def _checks() -> Iterator[Section]:
    rules = tuple(kind.word for kind in RULES.values())
    yield Section(
        "Words of every check",
        "A check has an `id` and says one of the checks below.",
        OF_CHECKS,
        f"checks: [{HERE}]",
    )
    yield Section("The checks", "What each says.", rules, f"checks: [{HERE}]", "id: shown\nwithin: 60s")
    yield Section(
        "A selection",
        "Which events a check looks at. It stands in several checks; in `happens` and as a `witness`, the id "
        "of a step may stand instead.",
        SELECTION,
        "checks: [{id: shown, within: 60s, happens: [approve, …]}]",
    )
    for name, kind in RULES.items():
        selecting = SELECTION[0] in kind.words
        words = tuple(word for word in kind.words if not (selecting and word in SELECTION))
        intro = "And the words of [a selection](#a-selection)." if selecting else ""
        if words:
            stands = f"checks: [{{id: shown, within: 60s, {name}: {HERE}}}]"
            yield Section(name, intro, words, stands, "ws: user" if selecting else "", level=4)
        if name == "lifecycle":
            stands = 'checks: [{id: shown, within: 9s, lifecycle: {trade: "${trade}", states: [MATCHED, …]}}]'
            yield Section("A state", "What stands in `states` instead of a word.", MAYBE, stands, level=4)


CASE: Final = (
    Section("The file", "The keys of a case, in any order.", HEADER),
    Section(
        "actors", "What stands behind each name in `actors`.", ACTOR, f"actors: {{alice: {HERE}}}", level=4
    ),
    Section(
        "channels",
        "What stands behind each name in `channels`. Every case has `market` and `user` (ws), `oe` and `dc` "
        "(fix, order entry and drop copy) and the exchange itself (rest) without naming them; a name that is "
        "declared takes their place.",
        CHANNEL,
        f"channels: {{second: {HERE}}}",
        level=4,
    ),
    Section(
        "vary",
        "What stands behind each name in `vary`: one of `on_tick` (with `between`), `between`, `one_of`, "
        "`permute`, and an `example`.",
        VARY,
        f"vary: {{each_size: {HERE}}}",
        level=4,
    ),
    Section(
        "symptom",
        "What stands in `symptom`: a `step` or a `check`, and what it `shows`.",
        SYMPTOM,
        f"symptom: {HERE}",
        level=4,
    ),
)
STEPS: Final = tuple(_steps())
GROUPS: Final = (
    Section(
        "repeat",
        "Its steps again and again. `${burst[*].time.got.body}` is what came in all rounds, `[0]` the first.",
        REPEAT,
        f"steps: [{HERE}]",
    ),
    Section("together", "Its steps at once, each in its own time.", TOGETHER, f"steps: [{HERE}]"),
)
CHECKS: Final = tuple(_checks())
ALL: Final = (*CASE, *STEPS, *GROUPS, *CHECKS)
"""Every section of words, in the page's order."""

REFERENCES: Final = (
    ("${alice.address}", f"of an actor: {_listed(ACTOR_PARTS)}"),
    ("${market.yes}", f"of a saved market: {_listed(MARKET_PARTS)}; with `count`, `${{market[0].yes}}`"),
    ("${trade}", "a saved name"),
    (
        "${buy.order_id}",
        "the id of a step's order, computed from what was signed; of `orders`, `.order_ids[0]`",
    ),
    (
        "${buy.got.body.status}",
        "what a step was answered or took: a REST answer has `status`, `headers`, `body`",
    ),
    ("${buy.sent}", "what a step sent; a FIX step's fields by their names: `${order.ClOrdID}`"),
    ("${approve.transaction}", "the hash of a transaction that a step sent"),
    ("${contracts.exchange}", f"the address of a contract: {_listed(CONTRACTS)}"),
    ("${uid}", "a text that is new at each use"),
    ("${now}", "unix seconds; `${now+120s}`, `${now-1h}` move it"),
    (
        "${now:ms}",
        "the same as text in another form: `:s` `:ms` `:ns` `:iso` `:fix.0` `:fix.3` `:fix.6` `:fix.9`",
    ),
)
"""What a reference can be, each as it stands in the stage, and what it gives."""
