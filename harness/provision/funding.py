"""Money for a case on an exchange that gives none: brought from the treasury, or told what is missing.

Where there is a treasury, an account whose money is at its own address holds exactly what the case asks for:
what it has more of goes back. So a case that lives on what is not there (*not enough balance*) means the same
on every target, and what earlier runs left does not lie about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from harness.accounts import Account
from harness.errors import TargetError
from harness.provision.ledgers import COLLATERAL, EVERYTHING, Ledgers
from harness.provision.sending import Sender
from harness.wire.clob import BASE_UNITS
from harness.wire.ctf import Contracts

GAS_FLOOR_WEI: Final = 2 * 10**16
GAS_GIFT_WEI: Final = 10**17
"""What an account gets of the chain's own coin where it has less than the floor: some twenty approvals."""
_ROOT: Final = "0x" + "0" * 64
_APPROVE: Final = "approve(address,uint256)"
_APPROVE_ALL: Final = "setApprovalForAll(address,bool)"
_TRANSFER: Final = "transfer(address,uint256)"
_TRANSFER_SHARES: Final = "safeTransferFrom(address,address,uint256,uint256,bytes)"
_SPLIT: Final = "splitPosition(address,bytes32,bytes32,uint256[],uint256)"

Call = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Need:
    """What one account must hold of one asset, in base units, and what it has."""

    account: Account
    asset: str
    want: int
    have: int

    @property
    def short(self) -> int:
        """How much is missing."""
        return max(0, self.want - self.have)

    @property
    def over(self) -> int:
        """How much there is too much."""
        return max(0, self.have - self.want)


class Funder:
    """Funds the accounts of one case. Without a treasury it only looks."""

    def __init__(
        self,
        contracts: Contracts,
        chain_id: int,
        ledgers: Ledgers,
        sender: Sender,
        treasury: Account | None,
        positions: Callable[[str], Sequence[str]],
    ) -> None:
        """`positions` are the tokens that an address is known to hold: what earlier cases left."""
        self._contracts = contracts
        self._chain_id = chain_id
        self._ledgers = ledgers
        self._sender = sender
        self._treasury = treasury
        self._positions = positions
        self._seen: set[tuple[str, str]] = set()

    def fund(
        self,
        wanted: Sequence[tuple[Account, Mapping[str, Any]]],
        market: Mapping[str, Any] | None,
        *,
        approve: bool,
    ) -> dict[str, dict[str, str]]:
        """Let each account hold what is wanted of `collateral`, `yes` and `no`, in human units: exactly
        that the first time an asset of an account comes up, that much more later. With `approve` the exchange
        may take it, without it may not.

        Returns what each holds. Raises TargetError T045: who lacks how much of what, on which chain.
        """
        needs = self._needs(wanted, market)
        accounts = [account for account, _ in wanted]
        missing = [self._lacks(need) for need in needs if need.short] if self._treasury is None else []
        calls = {account.name: self._approvals(account, missing, approve) for account in accounts}
        if self._treasury is not None:
            self._gas(self._treasury, accounts)
            for need in needs:
                if need.over and self._own(need.account):
                    calls[need.account.name].append(
                        self._moved(need.asset, need.account.funder, self._treasury, need.over)
                    )
        elif senders := [account for account in accounts if calls[account.name]]:
            missing += self._without_gas(senders)
        if missing:
            raise TargetError("T045", "; ".join(missing))
        for account in accounts:
            self._sender.all(account, calls[account.name])
        if self._treasury is not None:
            self._bring(self._treasury, [need for need in needs if need.short], market)
        return self._held(needs)

    def _needs(
        self, wanted: Sequence[tuple[Account, Mapping[str, Any]]], market: Mapping[str, Any] | None
    ) -> list[Need]:
        asked: list[tuple[Account, str, int, bool]] = []
        for account, amounts in wanted:
            assets = {COLLATERAL: COLLATERAL}
            if market is not None:
                assets |= {"yes": market["yes"], "no": market["no"]}
            for name in amounts:
                if name not in assets:
                    text = f"{account.name} is funded with {name} of a market, and the case has none"
                    raise TargetError("T045", text)
            for name, asset in assets.items():
                first = (account.funder, asset) not in self._seen
                if name in amounts or first:
                    self._seen.add((account.funder, asset))
                    asked.append((account, asset, _base_units(amounts.get(name, 0)), first))
            asked += [(account, asset, 0, True) for asset in self._left(account)]
        held = self._ledgers.balances([(account.funder, asset) for account, asset, _, _ in asked])
        return [
            Need(account, asset, want if first else have + want, have)
            for (account, asset, want, first), have in zip(asked, held, strict=True)
        ]

    def _left(self, account: Account) -> list[str]:
        """The tokens of other markets that an account holds, where they can be taken from it."""
        if self._treasury is None or not self._own(account) or (account.funder, "") in self._seen:
            return []
        self._seen.add((account.funder, ""))
        left = [
            token for token in self._positions(account.funder) if (account.funder, token) not in self._seen
        ]
        self._seen |= {(account.funder, token) for token in left}
        return left

    def _approvals(self, account: Account, missing: list[str], approve: bool) -> list[Call]:
        """The transactions after which the exchange may take what the account holds, or may not."""
        contracts = self._contracts
        spenders = _spenders(contracts)
        calls: list[Call] = []
        for (spender, asset), allowed in self._ledgers.allowed(account.funder, spenders).items():
            if allowed is approve:
                continue
            if not self._own(account):
                done = "let" if approve else "no longer let"
                coin = "collateral" if asset == COLLATERAL else "shares"
                missing.append(
                    f"{account.name} trades from its {account.kind} wallet {account.funder}, whose approvals "
                    f"only its owner can change: {done} {spender} take its {coin} on chain {self._chain_id}"
                )
            elif asset == COLLATERAL:
                amount = EVERYTHING if approve else 0
                calls.append(_call(contracts.collateral, _APPROVE, spender, str(amount)))
            else:
                calls.append(_call(contracts.ctf, _APPROVE_ALL, spender, approve))
        return calls

    def _gas(self, treasury: Account, accounts: Sequence[Account]) -> None:
        """See to it that every key can pay for its transactions."""
        owners = [account.wallet.address for account in accounts]
        poor = [
            owner
            for owner, wei in zip(owners, self._ledgers.gas_wei(owners), strict=True)
            if wei < GAS_FLOOR_WEI
        ]
        (own_wei,) = self._ledgers.gas_wei([treasury.wallet.address])
        need_wei = GAS_FLOOR_WEI + len(poor) * GAS_GIFT_WEI
        if own_wei < need_wei:
            text = f"the treasury {treasury.wallet.address} has {_coins(own_wei)} of the chain's coin for gas"
            more = _coins(need_wei - own_wei)
            raise TargetError("T045", f"{text} on chain {self._chain_id}: send it {more} more")
        self._sender.all(
            treasury, [{"to": owner, "value_wei": GAS_GIFT_WEI} for owner in dict.fromkeys(poor)]
        )

    def _bring(self, treasury: Account, needs: Sequence[Need], market: Mapping[str, Any] | None) -> None:
        """Move what is missing from the treasury; shares that it has not are split from its collateral."""
        contracts, at = self._contracts, treasury.wallet.address
        shares = {need.asset for need in needs if need.asset != COLLATERAL}
        split = 0
        if shares and market is not None:
            tokens = [market["yes"], market["no"]]
            for token, have in zip(
                tokens, self._ledgers.balances([(at, token) for token in tokens]), strict=True
            ):
                split = max(split, sum(need.short for need in needs if need.asset == token) - have)
        collateral = split + sum(need.short for need in needs if need.asset == COLLATERAL)
        (have,) = self._ledgers.balances([(at, COLLATERAL)])
        if have < collateral:
            text = f"the treasury {at} holds {_human(have)} of the collateral {contracts.collateral}"
            need = f"on chain {self._chain_id}, and {_human(collateral)} is needed"
            raise TargetError("T045", f"{text} {need}: send it {_human(collateral - have)} more")
        calls: list[Call] = []
        if split and market is not None:
            neg_risk = market["neg_risk"] is True
            adapter = contracts.neg_risk_collateral_adapter if neg_risk else contracts.adapter
            if not self._ledgers.allowed(at, [adapter])[adapter, COLLATERAL]:
                calls.append(_call(contracts.collateral, _APPROVE, adapter, str(EVERYTHING)))
            arguments = (contracts.collateral, _ROOT, market["condition"], ["1", "2"], str(split))
            calls.append(_call(adapter, _SPLIT, *arguments))
        calls += [self._moved(need.asset, at, need.account, need.short) for need in needs]
        self._sender.all(treasury, calls)

    def _moved(self, asset: str, giver: str, taker: Account, amount: int) -> Call:
        if asset == COLLATERAL:
            return _call(self._contracts.collateral, _TRANSFER, taker.funder, str(amount))
        return _call(self._contracts.ctf, _TRANSFER_SHARES, giver, taker.funder, asset, str(amount), "0x")

    def _held(self, needs: Sequence[Need]) -> dict[str, dict[str, str]]:
        held = self._ledgers.balances([(need.account.funder, need.asset) for need in needs])
        told: dict[str, dict[str, str]] = {}
        for need, have in zip(needs, held, strict=True):
            if have < need.want:
                raise TargetError("T045", self._lacks(Need(need.account, need.asset, need.want, have)))
            told.setdefault(need.account.name, {"address": need.account.funder})[need.asset] = _human(have)
        return told

    def _lacks(self, need: Need) -> str:
        account, contracts = need.account, self._contracts
        coin = (
            f"the collateral {contracts.collateral}"
            if need.asset == COLLATERAL
            else f"the token {need.asset}"
        )
        return (
            f"{account.name} ({account.funder}) holds {_human(need.have)} of {coin} on chain "
            f"{self._chain_id}, and the case needs {_human(need.want)}: send it {_human(need.short)} more, "
            "or name a `treasury`"
        )

    def _without_gas(self, accounts: Iterable[Account]) -> list[str]:
        owners = [(account.name, account.wallet.address) for account in accounts]
        held = self._ledgers.gas_wei([address for _, address in owners])
        return [
            f"{name} ({address}) has {_coins(wei)} of the coin of chain {self._chain_id} for gas: send it "
            f"{_coins(GAS_GIFT_WEI)}, or name a `treasury`"
            for (name, address), wei in zip(owners, held, strict=True)
            if wei < GAS_FLOOR_WEI
        ]

    def _own(self, account: Account) -> bool:
        """Whether the money is at the key's own address, so that the key can move it."""
        return account.funder == account.wallet.address


def _spenders(contracts: Contracts) -> tuple[str, ...]:
    """Who takes collateral and shares for trades in markets of any kind (CLOB docs, approvals)."""
    return contracts.exchange, contracts.neg_risk_exchange, contracts.neg_risk_adapter


def _call(to: str, function: str, *arguments: Any) -> Call:
    return {"to": to, "function": function, "args": list(arguments)}


def _base_units(amount: Any) -> int:
    units = Decimal(str(amount)) * BASE_UNITS
    if units != int(units) or units < 0:
        raise TargetError("T045", f"nobody can hold {amount}: an amount has six decimals at most")
    return int(units)


def _human(units: int) -> str:
    return f"{Decimal(units) / BASE_UNITS:f}"


def _coins(wei: int) -> str:
    return f"{Decimal(wei) / 10**18:.4f}"
