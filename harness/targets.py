"""Targets: where a case can run live (`harness.toml` or `[tool.harness]`), and what one says of itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness import exactjson
from harness.errors import CaseError, Place, Problem, TargetError
from harness.facts import ChainFacts
from harness.guard import Proofs
from harness.wire.ctf import Contracts

if TYPE_CHECKING:
    from harness.accounts import Wallet
    from harness.channels.fix import FixAddress

KINDS: Final = ("venue",)
_ASK_S: Final = 5


@dataclass(frozen=True, slots=True)
class Target:
    """One configured target. Kind `venue` is the embedded exchange, started for the run."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a target's channels listen, and its contracts."""

    rest: str
    ws: str
    chain: str
    control: str
    chain_id: int
    contracts: Contracts

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Endpoints:
        """Read the line that the venue prints when it is ready."""
        return cls(
            line["rest"],
            line["ws"],
            line["chain"],
            line["control"],
            line["chain_id"],
            Contracts(**line["contracts"]),
        )

    @property
    def urls(self) -> tuple[str, ...]:
        """Every address that a run would open."""
        return self.rest, self.ws, self.chain, self.control


def configured(root: Path) -> dict[str, Target] | None:
    """The targets that a root configures; None where it is no root of ours.

    Raises CaseError where the configuration is wrong (its author's fault).
    """
    for name, table in (("harness.toml", ()), ("pyproject.toml", ("tool", "harness"))):
        path = root / name
        if not path.is_file():
            continue
        held: Any = _toml(path)
        for key in table:
            held = held.get(key) if isinstance(held, dict) else None
        if held is not None:
            return _targets(held, str(path))
    return None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError([Problem(Place(str(path)), "T010", f"is not TOML: {error}")]) from None


def _targets(held: Any, path: str) -> dict[str, Target]:
    targets = {}
    tables = held.get("targets", {}) if isinstance(held, dict) else {}
    for name, table in tables.items():
        kind = table.get("kind") if isinstance(table, dict) else None
        if kind not in KINDS or set(table) != {"kind"}:
            text = f'target {name!r}: it says kind = "{KINDS[0]}" and nothing else in this version'
            raise CaseError([Problem(Place(path), "T010", text)])
        targets[name] = Target(name, kind)
    return targets


def gathered_proofs(endpoints: Endpoints) -> Proofs:
    """Ask a target who it is. Raises TargetError where it does not answer (the environment's fault)."""
    health = _ask("GET", f"{endpoints.control}/health")
    build = _ask("GET", f"{endpoints.control}/build")
    chain_id = _rpc(endpoints.chain, "eth_chainId")
    return Proofs(healthy=health.get("ok") is True, build=build.get("build"), chain_id=int(chain_id, 16))


def chain_facts(endpoints: Endpoints) -> ChainFacts:
    """The chain's facts at the start of a run. Raises TargetError where the node does not answer."""
    contracts = endpoints.contracts
    head = int(_rpc(endpoints.chain, "eth_blockNumber"), 16)
    return ChainFacts(endpoints.chain_id, contracts.exchange, contracts.ctf, contracts.collateral, head + 1)


def fix_session(endpoints: Endpoints, wallet: Wallet, *, kind: str, begin_string: str) -> FixAddress:
    """Have the venue open a FIX session for an account. Raises TargetError where it does not."""
    from harness.channels.fix import FixAddress

    asked = {"address": wallet.address, "kind": kind, "begin_string": begin_string}
    if kind == "order_entry":
        asked["private_key"] = "0x" + wallet.key.to_hex()  # the venue signs what such a session enters
    view = _ask("POST", f"{endpoints.control}/fix-sessions", asked)
    return FixAddress(view["host"], view["port"], view["sender"], view["target"], view["begin_string"])


def probe(endpoints: Endpoints) -> str | None:
    """Whether the target is up: None, or what is wrong with it."""
    try:
        gathered_proofs(endpoints)
        _ask("GET", f"{endpoints.rest}/time")
    except TargetError as error:
        return error.text
    return None


def _rpc(url: str, method: str) -> str:
    answer = _ask("POST", url, {"jsonrpc": "2.0", "id": 1, "method": method, "params": []})
    result = answer.get("result")
    if not isinstance(result, str):
        raise TargetError("T001", f"the chain's node answers {method} with {answer!r}")
    return result


def _ask(method: str, url: str, body: Any = None) -> dict[str, Any]:
    import httpx

    try:
        with httpx.Client(trust_env=False, timeout=_ASK_S) as client:
            content = None if body is None else exactjson.dumps(body).encode()
            headers = {"content-type": "application/json"}
            response = client.request(method, url, content=content, headers=headers)
            answer = exactjson.loads(response.content)
    except (httpx.HTTPError, ValueError) as error:
        raise TargetError("T001", f"{url} does not answer: {error}. Is the target up?") from None
    if response.status_code != 200:
        raise TargetError("T001", f"{url} answers {response.status_code}: {response.text[:200]}")
    return answer if isinstance(answer, dict) else {"value": answer}
