"""Steps of a draft: what was sent and came, as a step of a case with its recorded intent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from harness.drafting.ordering import Ordered, one_order, several_orders
from harness.drafting.people import IDS, People, Person
from harness.drafting.talk import Exchange
from harness.evidence.ticket.alignment import Placed
from harness.intents import UNTOLD

_VARIES: Final = re.compile(r"[($'\"]*(?:0x)?[0-9][0-9A-Za-z.]*[)'\"]*")
_OFF_GRID: Final = re.compile(
    r"Price \((?P<price>0\.[0-9]+)\) breaks minimum tick size rule: (?P<tick>0\.[0-9]+)"
)
_TELLING: Final = 6
_KEPT_FIELDS: Final = ("success", "errorMsg", "error", "error_msg", "status", "canceled", "not_canceled")
_NAMES: Final = {
    ("POST", "/order"): "order", ("POST", "/orders"): "orders", ("DELETE", "/order"): "cancel",
    ("DELETE", "/orders"): "cancel-several", ("DELETE", "/cancel-all"): "cancel-all",
    ("DELETE", "/cancel-market-orders"): "cancel-market", ("GET", "/data/trades"): "trades",
    ("GET", "/data/orders"): "open-orders", ("GET", "/balance-allowance"): "balance",
}  # fmt: skip


@dataclass(slots=True)
class DraftStep:
    """One step: what it says in YAML (key to value, in order), and what the cassette records for it."""

    id: str
    channel: str
    actor: str
    words: dict[str, Any]
    placed: list[Placed] = field(default_factory=list)
    intent: Mapping[str, Any] | None = None
    derived: Mapping[str, Any] = field(default_factory=dict)
    came: Any = None
    heard: Any = None
    """All that came, where `came` is what of it counts."""
    wrong: str = ""
    doubtful: str = ""
    is_mended: bool = False
    is_again: bool = False
    """Whether it sends an order that was taken before, and was taken again."""
    witness: str = ""
    """The step that shows that its stream was heard, where what shows the bug is that nothing came."""
    is_unanswered: bool = False
    """Whether it asks a stream for something, and the evidence holds no answer."""
    is_untold: bool = False
    """Whether it must have happened, and the evidence holds nothing of it."""
    guesses: list[str] = field(default_factory=list)
    saves: dict[str, str] = field(default_factory=dict)
    is_given: bool = False

    @property
    def at_us(self) -> int:
        """When it began."""
        return self.placed[0].at_us

    @property
    def until_us(self) -> int:
        """When the last of it was there."""
        return max(each.at_us for each in self.placed)


class Names:
    """Ids of steps: the plain word for the first, a number behind it for the next."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._counts: dict[str, int] = {}

    def free(self, word: str) -> str:
        """An id that nobody has."""
        count = self._counts.get(word, 1)
        name = word if count == 1 else f"{word}-{count}"
        while name in self._taken:
            count += 1
            name = f"{word}-{count}"
        self._taken.add(name)
        self._counts[word] = count
        return name


def rest_step(each: Exchange, people: People, names: Names) -> DraftStep:
    """A request and its answer as a step."""
    person = people.of(each)
    plain = IDS.sub("", f"{each.method} {each.path}").lower()
    fallback = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40]
    step_id = names.free(_NAMES.get((each.method, each.path), fallback or "request"))
    step = DraftStep(step_id, "rest", person.name, {"rest": f"{each.method} {people.within(each.path)}"})
    step.placed = [each.send, *([each.answer] if each.answer is not None else [])]
    step.came, step.wrong, step.doubtful = each.came, each.wrong, each.doubtful
    intent: dict[str, Any] = {"method": each.method, "path": each.path}
    step.words["as"] = person.name
    query = each.query
    if query:
        intent["params"] = dict(query)
        step.words["params"] = {key: people.reference(value) or literal(value) for key, value in query}
    body = each.sent
    ordered = _ordered(each, person, people)
    if ordered is not None:
        intent["json"] = ordered.recorded
        step.words |= ordered.words
        step.derived, step.guesses = ordered.derived, [*step.guesses, *ordered.guesses]
    elif body is not None:
        intent["json"] = body
        step.words["json"] = referring(body, people)
    elif "body_omitted" in each.request:
        intent["json"] = UNTOLD
        step.words |= _guessed_body(each, people, step.guesses)
    elif each.request.get("body"):
        intent["raw"] = each.request["body"]
        step.words["raw"] = literal(str(each.request["body"]))
        kind = each.header("content-type")
        if kind:  # of JSON a case says it by itself
            intent["headers"] = {"Content-Type": kind}
            step.words["headers"] = {"Content-Type": literal(kind)}
    step.intent = intent
    return step


def _ordered(each: Exchange, person: Person, people: People) -> Ordered | None:
    """What a request places, where it places orders and each of them can be read."""
    if each.method != "POST":
        return None
    if each.path == "/order":
        return one_order(each.sent, person, people)
    return several_orders(each.sent, person, people) if each.path == "/orders" else None


def _guessed_body(each: Exchange, people: People, guesses: list[str]) -> dict[str, Any]:
    """A body in the place of one that the evidence does not hold."""
    why = each.request["body_omitted"]
    if (each.method, each.path) != ("POST", "/order"):
        guesses.append(f"its body ({why}): say what was sent")
        return {"json": {}}
    guesses.append(f"its order, all of it ({why}): mend side, price, size and type")
    tokens = (f"${{{market.name}.{part}}}" for market in people.markets for part in market.outcomes)
    token = next(tokens)  # where nothing tells a market, `people` has one for it
    terms = {"side": "BUY", "price": _price_told(each.wrong), "size": Decimal(5), "type": "GTC"}
    return {"order": {"token": token, **terms}}


def _price_told(refusal: str) -> Decimal:
    """The price of an order that a refusal tells, on the tick grid; where it tells none, one half."""
    told = _OFF_GRID.search(refusal)
    if told is None:
        return Decimal("0.5")
    tick = Decimal(told["tick"])
    return (Decimal(told["price"]) / tick).to_integral_value() * tick


def expectation(step: DraftStep, status: int) -> dict[str, Any]:
    """What a step that went well shows: its status, and of its body what says how it went."""
    told: dict[str, Any] = {"status": status}
    came = step.came
    if isinstance(came, Mapping) and (body := _telling(came)):
        told["body"] = body
    if "orders" in step.words and isinstance(came, list) and all(isinstance(row, Mapping) for row in came):
        told["body"] = [_telling(row) for row in came]
    return told


def _telling(body: Mapping[str, Any]) -> dict[str, Any]:
    """What of an answer says how it went."""
    fields = {key: _steady(body[key]) for key in _KEPT_FIELDS if key in body}
    return {key: value for key, value in fields.items() if value is not None}


def _steady(value: Any) -> Any:
    """What of a value will be the same next time: a text up to its first number, or else the longest part
    between its numbers; None where nothing is."""
    if not isinstance(value, str):
        return value if isinstance(value, bool) else None
    value = literal(value)
    number = _VARIES.search(value)
    if number is None:
        return value
    start = value[: number.start()].rstrip()
    if len(start) < _TELLING:
        start = max((part.strip(" .,:") for part in _VARIES.split(value)), key=len)
    return {"$contains": start} if len(start) >= _TELLING else None


def referring(value: Any, people: People) -> Any:
    """A JSON value as a case says it: ids by their references, all else as it stands."""
    if isinstance(value, Mapping):
        return {key: referring(item, people) for key, item in value.items()}
    if isinstance(value, list):
        return [referring(item, people) for item in value]
    if isinstance(value, str):
        return people.reference(value) or literal(value)
    return value


def literal(text: str) -> str:
    """A text as a case says it: what looks like a reference in it is none."""
    return text.replace("${", "$${")


def texts_in(value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of a JSON value with its path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            for path, text in texts_in(item):
                yield (str(key), *path), text
    elif isinstance(value, list):
        for at, item in enumerate(value):
            for path, text in texts_in(item):
                yield (str(at), *path), text
    elif isinstance(value, str):
        yield (), value
