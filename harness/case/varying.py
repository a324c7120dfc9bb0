"""`vary:`: inputs with a strategy to explore by and the example that record, replay and proof use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from harness.case.form import Form, templates_in
from harness.case.words import Word, names
from harness.errors import Place
from harness.strictyaml import Mapping, Scalar, plain

STRATEGIES: Final = ("on_tick", "between", "one_of", "permute")
VARY: Final = (
    Word(
        "on_tick",
        "text",
        "prices on the tick of this saved market, between two bounds",
        "market",
        beside="between: [0.01, 0.99]\nexample: 0.52",
    ),
    Word("between", "bounds", "numbers from the least to the greatest", "[5, 100]"),
    Word(
        "step",
        "number",
        "with `between`: from number to number; 1 between whole numbers and 0.01 otherwise, unless told",
        "5",
        beside="between: [5, 100]",
    ),
    Word("one_of", "list", "one of these plain values", "[BUY, SELL]", beside="example: BUY"),
    Word(
        "permute",
        "texts",
        "the order of these steps, none of which needs another",
        "[listen, prices]",
        beside="example: [listen, prices]",
    ),
    Word(
        "example",
        "any",
        "the value (for `permute`, the order) that record, replay and proof use",
        "5",
        required=True,
        beside="between: [5, 100]",
    ),
)
"""The words of a varied input: one strategy and an example."""
_DIGITS: Final = 12
"""Digits of a bound, before and behind its point each: sums of such numbers are exact."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers from `least` to `most` in equal steps; whole numbers where `whole`."""

    least: Decimal
    most: Decimal
    step: Decimal
    whole: bool = False

    def __post_init__(self) -> None:
        if self.step <= 0 or self.least > self.most:
            raise ValueError(f"a grid goes up in steps: {self!r}")

    def __str__(self) -> str:
        return f"from {self.least} to {self.most} in steps of {self.step}"

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return int((self.most - self.least) // self.step) + 1

    def at(self, index: int) -> Decimal | int:
        """One of them, by its index from 0."""
        value = self.least + index * self.step
        return int(value) if self.whole else value

    def index_of(self, value: object) -> int | None:
        """Where a value stands; None where it is none of them."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        index, rest = divmod(Decimal(value) - self.least, self.step)
        inside = not rest and 0 <= index < self.count
        return int(index) if inside and not (self.whole and isinstance(value, Decimal)) else None


@dataclass(frozen=True, slots=True)
class OnTick:
    """Prices on the tick of the saved market `market`, between two bounds."""

    market: str
    least: Decimal
    most: Decimal

    def grid(self, tick: Decimal) -> Grid | None:
        """The prices, once the tick is known; None where none lies between the bounds."""
        (up, rest), (down, over) = divmod(self.least, tick), divmod(self.most, tick)
        least, most = (up + (rest > 0)) * tick, (down - (over < 0)) * tick
        return Grid(least, most, tick) if least <= most else None


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Permute:
    """The order of steps that stand beside each other and do not need each other."""

    steps: tuple[str, ...]


Strategy = OnTick | Grid | OneOf | Permute


@dataclass(frozen=True, slots=True)
class Vary:
    """One varied input: its name, where its values come from, and its example."""

    name: str
    place: Place
    strategy: Strategy
    example: Any


def read_vary(form: Form) -> tuple[Vary, ...]:
    """The varied inputs of a case; what they name in it is looked at by `varied.problems`."""
    node = form.node("vary")
    if node is None:
        return ()
    shape = "'vary' maps inputs to strategies, such as {size: {between: [5, 100], example: 5}}"
    if not isinstance(node, Mapping) or not node.entries:
        form.problem(node.place, "C056", shape)
        return ()
    found = []
    for key, value in node.entries:
        one = Form(value, form.problems, f"the varied input {key.text!r}", names(VARY))
        vary = _vary(one, key.text) if one.readable else None
        if vary is not None:
            found.append(vary)
    return tuple(found)


def _vary(form: Form, name: str) -> Vary | None:
    before = len(form.problems)
    for template in templates_in([form.filled(key) for key in names(VARY)]):
        form.problem(template.place, "C056", f"{form.what} is plain, and {template} is a reference")
    said = [word for word in STRATEGIES if word in form]
    if "on_tick" in said and "between" in said:
        said.remove("between")
    if len(said) != 1 and len(form.problems) == before:
        found = " and ".join(said) or "none"
        text = f"{form.what} has one strategy of {', '.join(STRATEGIES)}, not {found}"
        form.problem(form.place, "C056", text)
    if form.lacks("example"):
        text = f"{form.what} has no 'example': record, replay and proof use it"
        form.problem(form.place, "C057", text)
    if "step" in form and said != ["between"]:
        form.problem(form.place_of("step"), "C023", "'step' means nothing here: it goes with 'between'")
    if len(form.problems) > before:
        return None
    strategy = _READERS[said[0]](form)
    example_node = form.node("example")
    if strategy is None or example_node is None:
        return None
    example = plain(example_node)
    wrong = _outside(strategy, example)
    if wrong:
        form.problem(example_node.place, "C057", f"the example of {form.what} is {wrong}")
        return None
    return Vary(name, form.place, strategy, tuple(example) if isinstance(example, list) else example)


def _outside(strategy: Strategy, example: Any) -> str | None:
    """How an example is none of its strategy's values; the tick is not known here."""
    match strategy:
        case Grid() if strategy.index_of(example) is None:
            return f"{_shown(example)}, and not one of the numbers {strategy}"
        case OnTick() if not _is_number(example) or not strategy.least <= example <= strategy.most:
            return f"{_shown(example)}, and not a price between {strategy.least} and {strategy.most}"
        case OneOf() if not any(_same(example, value) for value in strategy.values):
            return f"{_shown(example)}, and not one of {', '.join(map(_shown, strategy.values))}"
        case Permute():
            listed = isinstance(example, list) and all(isinstance(each, str) for each in example)
            if not listed or sorted(example) != sorted(strategy.steps):
                return f"{_shown(example)}, and not an order of {', '.join(strategy.steps)}"
    return None


def _on_tick(form: Form) -> OnTick | None:
    market = form.text("on_tick")
    if "between" not in form:
        form.problem(form.place, "C058", f"{form.what} says no bounds, such as between: [0.01, 0.99]")
        return None
    bounds = _bounds(form)
    return None if market is None or bounds is None else OnTick(market, *bounds)


def _between(form: Form) -> Grid | None:
    bounds = _bounds(form)
    node = form.node("step")
    if bounds is None:
        return None
    least, most = bounds
    said = [plain(item) for item in form.items("between")]
    whole = all(type(bound) is int for bound in said)
    step = Decimal(1) if whole else Decimal("0.01")
    if node is not None:
        given = plain(node)
        if not _is_number(given) or given <= 0 or _too_fine(given):
            form.problem(node.place, "C058", f"'step' is a number over 0, such as 0.01, not {_shown(given)}")
            return None
        step, whole = Decimal(given), whole and type(given) is int
    return Grid(least, most, step, whole)


def _bounds(form: Form) -> tuple[Decimal, Decimal] | None:
    place = form.place_of("between")
    node = form.node("between")
    said = [] if isinstance(node, Scalar | Mapping) else [plain(item) for item in form.items("between")]
    if len(said) != 2 or not all(_is_number(each) and not _too_fine(each) for each in said):
        text = f"'between' is two numbers of at most {_DIGITS} digits on either side, such as [0.01, 0.99]"
        form.problem(place, "C058", text)
        return None
    least, most = (Decimal(each) for each in said)
    if least >= most:
        text = f"'between' goes from the least to the most: write [{most}, {least}]"
        if least == most:
            text = f"'between' holds {least} only: give two bounds, or write the value where it is used"
        form.problem(place, "C058", text)
        return None
    return least, most


def _one_of(form: Form) -> OneOf | None:
    items = tuple(form.items("one_of"))
    place = form.place_of("one_of")
    values = tuple(item.value for item in items if isinstance(item, Scalar))
    if len(values) < 2 or len(values) != len(items):
        form.problem(place, "C059", "'one_of' lists two plain values or more, such as [BUY, SELL]")
        return None
    for at, value in enumerate(values):
        if any(_same(value, earlier) for earlier in values[:at]):
            form.problem(items[at].place, "C059", f"{_shown(value)} stands twice in 'one_of': drop one")
            return None
    return OneOf(values)


def _permute(form: Form) -> Permute | None:
    steps = form.words("permute")
    if len(steps) < 2 or len(set(steps)) != len(steps):
        text = "'permute' lists two steps or more, each once, such as [sell, buy]"
        form.problem(form.place_of("permute"), "C061", text)
        return None
    return Permute(steps)


_READERS: Final[dict[str, Callable[[Form], Strategy | None]]] = {
    "on_tick": _on_tick,
    "between": _between,
    "one_of": _one_of,
    "permute": _permute,
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _too_fine(value: int | Decimal) -> bool:
    held = Decimal(value)
    exponent = held.as_tuple().exponent
    return held.adjusted() >= _DIGITS or not isinstance(exponent, int) or exponent < -_DIGITS


def _same(one: object, other: object) -> bool:
    """Equal in type too: 1, 1.0 and true differ, as they do on the wire."""
    return type(one) is type(other) and one == other


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value) if isinstance(value, Decimal) else repr(value)
