"""Reading `chain:` steps: events, balances, allowances, calls, transactions and receipts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from harness.case.actions import (
    Action,
    ChainAllowances,
    ChainBalances,
    ChainCall,
    ChainEvents,
    ChainReceipt,
    ChainSend,
    Holders,
)
from harness.case.channels import Cast
from harness.case.form import Form, template
from harness.case.words import Verb, Word, names
from harness.matchers import nearest
from harness.model import Source
from harness.strictyaml import Key, Node, Scalar
from harness.strictyaml import Mapping as MappingNode
from harness.wire.ctf import arguments_of

ASSETS: Final = ("collateral", "yes", "no")
ALLOWED: Final = ("collateral", "shares")
MOST_CONFIRMATIONS: Final = (
    256  # nine minutes of Polygon, whose milestones make a block final in five seconds
)
CONTRACTS: Final = ("exchange", "ctf", "collateral", "backing", "neg_risk_exchange")
_BITS: Final = "|".join(str(bits) for bits in range(8, 257, 8))
_BYTES: Final = "|".join(str(count) for count in range(1, 33))
_TYPE: Final = re.compile(rf"(?:u?int(?:{_BITS})?|address|bool|string|bytes(?:{_BYTES})?)(?:\[[0-9]*\])*")
_FUNCTION: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\(([A-Za-z0-9_,\[\]()]*)\)")

_CALL: Final = (
    'chain: call\nto: ctf\nfunction: "balanceOf(address,uint256)"\n'
    'args: ["${alice.address}", "${market.yes}"]\nreturns: [uint256]\nexpect: {value: 5000000}'
)
_SEND: Final = (
    "chain: send\nto: collateral\n"
    'function: "transfer(address,uint256)"\nargs: ["${alice.safe}", 5000000]\nexpect: {accepted: {$hex: 32}}'
)
_EVENTS: Final = "chain: events\nwithin: 60s\nwhere: {OrderFilled: {takerAmountFilled: 5000000}}"
CONFIRMED: Final = Word(
    "confirmations",
    "count",
    "with events: only those of a block with so many, itself the first",
    "3",
    beside=_EVENTS,
)
WORDS: Final = (
    CONFIRMED,
    Word(
        "since",
        "text",
        "with balances: the balances are told as changes since before this step",
        "buy",
        beside="chain: balances\nexpect: {alice: {yes: 5}}",
    ),
    Word(
        "spender",
        "text",
        f"with allowances: who may spend, {', '.join(CONTRACTS)} or an address; the exchange unless told",
        "ctf",
        beside="chain: allowances\nexpect: {alice: {collateral: 0}}",
    ),
    Word(
        "to",
        "text",
        f"with call and send: a contract, {', '.join(CONTRACTS)} or an address",
        "ctf",
        required=True,
        beside=_CALL,
    ),
    Word(
        "function",
        "text",
        "with call and send: the function and the types of its arguments, without blanks",
        '"balanceOf(address,uint256)"',
        required=True,
        beside=_CALL,
    ),
    Word(
        "args",
        "list",
        "with call and send: its arguments; amounts in the contract's own units (5000000 is 5.0)",
        '["${alice.address}", "${market.yes}"]',
        beside=_CALL,
    ),
    Word("returns", "texts", "with call: the types of the answer", "[uint256]", required=True, beside=_CALL),
    Word("value_wei", "number", "with send: how much of the chain's own coin goes along", "1", beside=_SEND),
    Word(
        "transaction",
        "text",
        "with receipt: the transaction's hash",
        '"${approve.transaction}"',
        required=True,
        beside="chain: receipt\nexpect: {mined: true, status: 1}",
    ),
)
VERBS: Final = (
    Verb(
        "events",
        "waits for events of the exchange, ctf and collateral contracts, by their names; amounts in the "
        "contracts' own units",
        ("confirmations",),
        _EVENTS,
    ),
    Verb(
        "balances",
        "reads what the actors hold that `expect` names, in human units; with `since`, how much it changed",
        ("since",),
        "chain: balances\nsince: buy\nwithin: 60s\nexpect: {alice: {collateral: -2.6, yes: 5}}",
    ),
    Verb(
        "allowances",
        "reads what a contract may take from the actors that `expect` names: `collateral` in human units or "
        "`unlimited`, `shares` true or false",
        ("spender",),
        "chain: allowances\nexpect: {alice: {collateral: unlimited, shares: true}}",
    ),
    Verb(
        "call",
        "reads what a contract's function returns: `{value: …}`, or `{values: […]}` where it is several",
        ("to", "function", "args", "returns"),
        _CALL,
    ),
    Verb(
        "send",
        "sends a transaction as the actor: `{accepted: hash}`, or `{error: …}` where the node refuses it",
        ("to", "function", "args", "value_wei"),
        _SEND,
    ),
    Verb(
        "receipt",
        "reads what became of a transaction: `{mined: false}`, or `{mined: true, status: 1, "
        "confirmations: 3, block_hash: …, events: …}`",
        ("transaction",),
        'chain: receipt\ntransaction: "${approve.transaction}"\nwithin: 9s\nexpect: {mined: true, status: 1}',
    ),
)
_TAKES: Final = {verb.name: verb.words for verb in VERBS}


def read(form: Form, cast: Cast) -> tuple[Source, Action] | None:
    """The action of a `chain:` step; only a transaction is somebody's."""
    verb = form.choice("chain", names(VERBS))
    if verb is None:
        return None
    for word in WORDS:
        if word.name in form and word.name not in _TAKES[verb]:
            text = f"{word.name!r} means nothing in chain: {verb}"
            form.problem(form.place_of(word.name), "C023", text)
    actor = cast.acting(form, None, shared=verb != "send")
    if verb == "send" and not actor:
        form.problem(form.place, "C008", "a transaction is somebody's: say 'as'")
    if verb != "send" and "as" in form:
        form.problem(form.place_of("as"), "C023", f"'as' means nothing in chain: {verb}: anybody can look")
        actor = ""
    action = _READERS[verb](form)
    return None if action is None else (Source("chain", actor), action)


def _events(form: Form) -> Action:
    node = form.required("where", "events are chosen by name, such as {OrderFilled: {orderHash: …}}")
    named = [key.text for key, _ in node.entries] if isinstance(node, MappingNode) else []
    for word in ("where", "expect"):
        said = form.node(word)
        for key, value in said.entries if isinstance(said, MappingNode) else ():
            if word == "where" or not key.text.startswith("$"):
                event(form, key, value)
    return ChainEvents(tuple(named), confirmations(form))


def confirmations(form: Form) -> int:
    """How deep the block of an event must lie; 0 where that is not asked."""
    deep = form.count(CONFIRMED.name) if CONFIRMED.name in form else None
    if deep is not None and deep > MOST_CONFIRMATIONS:
        text = f"{deep} confirmations are more than a run waits for: at most {MOST_CONFIRMATIONS}"
        form.problem(form.place_of(CONFIRMED.name), "C002", text)
    return deep or 0


def event(form: Form, key: Key, arguments: Node) -> None:
    """Note an event that cannot be decoded, and arguments that it does not have: they would match nothing."""
    try:
        known = arguments_of(key.text)
    except KeyError:
        form.problem(key.place, "C019", f"{key.text!r} is no event that can be decoded")
        return
    for one, _ in arguments.entries if isinstance(arguments, MappingNode) else ():
        if one.text not in known and not one.text.startswith("$"):
            close = nearest(one.text, known)
            hint = f"did you mean {close!r}?" if close else f"it has {', '.join(known)}"
            form.problem(one.place, "C019", f"{key.text} has no argument {one.text!r}; {hint}")


def _holders(form: Form, assets: tuple[str, ...], what: str) -> Holders:
    node = form.required("expect", f"{what} are read of the actors that 'expect' names")
    holders = []
    for key, value in node.entries if isinstance(node, MappingNode) else ():
        named = [asset.text for asset, _ in value.entries] if isinstance(value, MappingNode) else []
        if not named:
            text = f"{key.text!r} has {what} of {', '.join(assets)}: such as {{{assets[0]}: 100}}"
            form.problem(value.place, "C019", text)
        for asset in named:
            if asset not in assets:
                close = nearest(asset, assets)
                hint = f"did you mean {close!r}?" if close else f"known are {', '.join(assets)}"
                form.problem(value.place, "C019", f"{asset!r} is no asset; {hint}")
        name = template(Scalar(key.text, key.text, True, key.place), form.problems)
        holders.append((name, tuple(named)))
    return tuple(holders)


def _balances(form: Form) -> Action:
    return ChainBalances(_holders(form, ASSETS, "balances"), form.text("since"))


def _allowances(form: Form) -> Action:
    spender = form.filled("spender") if "spender" in form else "exchange"
    return ChainAllowances(_holders(form, ALLOWED, "allowances"), spender)


def _function(form: Form) -> str:
    form.required("to", "which contract: exchange, ctf, collateral, or an address")
    form.required("function", "its ABI signature, such as balanceOf(address,uint256)")
    name = form.text("function") or ""
    found = _FUNCTION.fullmatch(name)
    if name and found is None:
        text = f"{name!r} is no ABI signature: write it as balanceOf(address,uint256), without blanks"
        if "${" in name:
            text = (
                f"{name!r}: 'function' is written out, as balanceOf(address,uint256); 'to' and 'args' refer"
            )
        form.problem(form.place_of("function"), "C030", text)
    elif found is not None and found[2] and "(" not in found[2]:
        _types(form, "function", found[2].split(","))
    to = form.text("to") or ""
    if to and "${" not in to and not to.startswith("0x") and to not in CONTRACTS:
        close = nearest(to, CONTRACTS)
        hint = f"did you mean {close!r}?" if close else f"known are {', '.join(CONTRACTS)}, or an address"
        form.problem(form.place_of("to"), "C030", f"there is no contract {to!r}; {hint}")
    return name


def _types(form: Form, key: str, named: Iterable[str]) -> None:
    for one in named:
        if _TYPE.fullmatch(one) is None:
            text = f"{one!r} is no ABI type: it is such as uint256, address, bool, bytes32 or uint256[]"
            form.problem(form.place_of(key), "C030", text)


def _args(form: Form, function: str) -> tuple[Any, ...]:
    args = form.filled("args") or []
    found = _FUNCTION.fullmatch(function)
    if found is not None and isinstance(args, list):
        needed = len(found[2].split(",")) if found[2] and "(" not in found[2] else None
        needed = 0 if not found[2] else needed
        if needed is not None and needed != len(args):
            text = f"{function} takes {needed} arguments, and 'args' has {len(args)}"
            form.problem(form.place_of("args"), "C030", text)
    if not isinstance(args, list):
        form.problem(form.place_of("args"), "C002", "'args' is a list")
        return ()
    return tuple(args)


def _call(form: Form) -> Action:
    function = _function(form)
    form.required("returns", "the ABI types of the answer, such as [uint256]")
    _types(form, "returns", form.words("returns"))
    return ChainCall(form.filled("to"), function, _args(form, function), form.words("returns"))


def _send(form: Form) -> Action:
    function = _function(form)
    value = form.filled("value_wei")
    return ChainSend(form.filled("to"), function, _args(form, function), 0 if value is None else value)


def _receipt(form: Form) -> Action:
    form.required("transaction", "whose receipt, such as ${split.transaction}")
    return ChainReceipt(form.filled("transaction") or "")


_READERS: Final[Mapping[str, Callable[[Form], Action | None]]] = {
    "events": _events,
    "balances": _balances,
    "allowances": _allowances,
    "call": _call,
    "send": _send,
    "receipt": _receipt,
}
