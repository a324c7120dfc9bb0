"""What a case generates, bound to what a customer sent (RUNS: evidence).

A case says `${alice.address}` and `${market.yes}`; a customer's message has an address and a token id. So
until it is known, each such fact is a stand-in, a value of its kind that stands nowhere else, and when a send
of the case is compared with the customer's, a stand-in on our side takes the value on theirs. From then on
it is that value everywhere, and another one elsewhere is a difference like any other.

Salts, times and uids are new at each use: they fit what stands in their place, and bind nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from harness import intents
from harness.evidence.ticket import stamps
from harness.facts import ChainFacts, Facts
from harness.intents import SIGNED, UNTOLD
from harness.seal import Header
from harness.wire.ctf import CONTRACTS_137

ACTOR: Final = ("address", "api_key", "proxy", "safe", "deposit_wallet")
MARKET: Final = ("condition", "question_id", "yes", "no", "symbol", "oracle")
_NUMBERS: Final = frozenset({"yes", "no"})
_HASHES: Final = frozenset({"condition", "question_id", "transaction"})
_WALLETS: Final = {"eoa": "address", "proxy": "proxy", "safe": "safe", "deposit": "deposit_wallet"}
_UID: Final = re.compile(r"u[0-9a-f]{19}")
_OF_AN_ORDER: Final = frozenset({"salt", "timestamp", "signature"})
"""Fields of an order that are new in each: whatever the customer's says is as good."""

_PSEUDONYM: Final = "SenderSubID"
"""Who at the customer's sent a FIX message: in evidence that is a name made up for it, and binds nobody."""


@dataclass(slots=True)
class Bindings:
    """The stand-ins of a case, and what is bound to them so far: `name.part` to its value."""

    values: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def known(self, facts: Mapping[str, Mapping[str, Any]]) -> None:
        """Take what the evidence says of actors and markets, from its header."""
        for name, held in facts.items():
            self.values.update({f"{name}.{part}": str(value) for part, value in held.items() if value != ""})

    def actor(self, name: str, wallet: str) -> dict[str, str]:
        """An actor's facts: what is bound, and stand-ins for the rest."""
        facts = {part: self._fact(name, part) for part in ACTOR}
        return {**facts, "wallet": wallet, "funder": facts[_WALLETS[wallet]]}

    def market(self, name: str, fields: Mapping[str, Any]) -> dict[str, str]:
        """A market's facts; its tick and least size are what the case says."""
        told = {key: str(value) for key, value in fields.items()}
        return {"tick": "0.01", "min_size": "5", **told} | {part: self._fact(name, part) for part in MARKET}

    def transaction(self, step: str) -> dict[str, str]:
        """What a `chain: send` knows of what it sent, where the evidence has only what became of it."""
        return {"transaction": self._fact(step, "transaction")}

    def _fact(self, name: str, part: str) -> str:
        key = f"{name}.{part}"
        if key in self.values:
            return self.values[key]
        stand_in = _stand_in(key, part)
        self._names[stand_in.lower()] = key
        return stand_in

    def differences(self, recorded: Any, sent: Any) -> tuple[str, ...]:
        """How the case's intent differs from the customer's, stand-ins bound on the way."""
        return tuple(self._differing(recorded, sent, "$"))

    def _differing(self, recorded: Any, sent: Any, path: str) -> Iterable[str]:
        if isinstance(recorded, Mapping) and isinstance(sent, Mapping) and recorded.keys() == sent.keys():
            for key in recorded:
                if key != _PSEUDONYM and not (key in _OF_AN_ORDER and "salt" in sent):
                    yield from self._differing(recorded[key], sent[key], f"{path}.{key}")
        elif _is_list(recorded) and _is_list(sent) and len(recorded) == len(sent):
            for at, (old, new) in enumerate(zip(recorded, sent, strict=True)):
                yield from self._differing(old, new, f"{path}[{at}]")
        elif (
            recorded != UNTOLD
            and sent != SIGNED
            and not _is_new_each_time(recorded, sent)
            and not self._binds(recorded, sent)
        ):
            yield from intents.differences(recorded, sent, path)

    def _binds(self, recorded: Any, sent: Any) -> bool:
        """Whether a leaf of the case's is a stand-in, or holds one, that takes what the customer's has."""
        if not isinstance(sent, str) or not isinstance(recorded, str):
            return False
        key = self._names.get(sent.lower())
        if key is not None:
            return self._bind(key, recorded)
        for stand_in, name in self._names.items():
            before, found, behind = _parted(sent, stand_in)
            if found and recorded.startswith(before) and recorded.endswith(behind):
                return self._bind(name, recorded[len(before) : len(recorded) - len(behind)])
        return False

    def _bind(self, key: str, value: str) -> bool:
        if not value:
            return False
        return self.values.setdefault(key, value).lower() == value.lower()


def evidence_facts(header: Header, actors: Mapping[str, Any]) -> Facts:
    """What a run on evidence starts from; the contracts are the documented ones where it names none."""
    chain, seed, wall_us = header.inputs.get("chain"), header.seed, header.started_wall_us
    if chain is not None:
        return Facts(seed, wall_us, actors, ChainFacts(**chain))
    known = CONTRACTS_137
    return Facts(seed, wall_us, actors, ChainFacts(137, known.exchange, known.ctf, known.collateral, 0))


def _is_new_each_time(recorded: Any, sent: Any) -> bool:
    """Whether the case's leaf is a `${uid}`, or both are times: such a value fits any other of its kind."""
    if isinstance(recorded, str) and isinstance(sent, str):
        if _UID.fullmatch(sent):
            return True
        return _time(recorded) is not None and _time(sent) is not None
    return (
        _is_number(recorded) and _is_number(sent) and None not in (stamps.unix(recorded), stamps.unix(sent))
    )


def _time(text: str) -> object:
    return stamps.unix(text) or stamps.whole(text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _stand_in(key: str, part: str) -> str:
    digest = hashlib.sha256(f"stand-in {key}".encode()).hexdigest()
    if part in _NUMBERS:
        return str(int(digest, 16) | 1 << 255)
    if part in _HASHES:
        return f"0x{digest}"
    if part == "api_key":
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
    return f"STAND-IN-{digest[:12].upper()}" if part == "symbol" else f"0x{digest[:40]}"


def _parted(text: str, stand_in: str) -> tuple[str, bool, str]:
    at = text.lower().find(stand_in)
    return (text[:at], True, text[at + len(stand_in) :]) if at >= 0 else ("", False, "")


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
