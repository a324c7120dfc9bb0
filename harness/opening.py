"""What a target opens for an account at its control API: FIX sessions, keys of another exchange."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from harness.asking import ask
from harness.asking import exchange as exchanged
from harness.errors import TargetError
from harness.guard import address_of
from harness.targets import Endpoints

NOBODY: Final = "NOBODY"
"""The firm that no exchange has."""

if TYPE_CHECKING:
    from harness.accounts import Account
    from harness.channels.address import FixAddress
    from harness.channels.dial import Dial
    from harness.channels.requestkey import RequestKey


def fix_session(
    endpoints: Endpoints,
    dial: Dial,
    account: Account,
    register: Callable[[str, str], None],
    *,
    kind: str,
    begin_string: str,
    exchange: str = "",
) -> FixAddress:
    """The account's own FIX session; else the venue opens one for it, in the conventions of an exchange where
    one is named.

    Where its Logons are signed, the key is made here, registered, and never leaves the process.

    Raises TargetError where it does not, GuardError where the session is not at the gateway that was judged
    or is called otherwise.
    """
    from harness.channels.address import FixAddress

    if (own := account.sessions.get(kind)) is not None and not exchange:
        if own.version != begin_string:
            text = f"the FIX session {own.sender} of {account.name} speaks {own.version}"
            raise TargetError("T006", f"{text}, and the case {begin_string}")
        gateway = address_of(endpoints.host("fix"))
        dial.session(kind, (gateway.host, gateway.port), own.sender, own.target)
        return FixAddress(gateway.host, gateway.port, own.sender, own.target, begin_string, lasts=True)
    if not endpoints.control:
        text = f"nobody opens FIX sessions of kind {kind} here: the target has no control API"
        raise TargetError("T006", f"{text}, and the account of {account.name} no CompIDs (`fix`) of its own")
    wallet, named = account.wallet, f"{exchange}.{kind}" if exchange else kind
    asked = {"address": wallet.address, "kind": kind, "begin_string": begin_string}
    if exchange:
        asked["profile"] = exchange
    sign = None
    if named in endpoints.sessions and endpoints.sessions[named].signed_logon:
        from harness.channels.logonkey import LogonKey

        sign = LogonKey.create(account.name, register)
        asked["public_key"] = sign.public_key
    if kind == "order_entry":
        asked["private_key"] = "0x" + wallet.key.to_hex()  # the venue signs what such a session enters
    endpoints.host("fix")
    at = f"{endpoints.host('control')}/fix-sessions"
    view, _ = exchanged(dial, "POST", at, asked, told=f"{at}, asked for a FIX session,")
    place = (view["host"], view["port"])
    dial.session(named, place, view["sender"], view["target"])
    return FixAddress(*place, view["sender"], view["target"], view["begin_string"], sign)


def nobodys_session(endpoints: Endpoints, kind: str, begin_string: str) -> FixAddress | None:
    """A session as the gateway names them, of a firm that is not there; None where names tell no firm."""
    from harness.channels.address import FixAddress

    named = endpoints.sessions.get(kind)
    if named is None or "{FIRM}" not in named.sender:
        return None
    gateway = address_of(endpoints.host("fix"))
    sender, target = (each.replace("{FIRM}", NOBODY) for each in (named.sender, named.target))
    return FixAddress(gateway.host, gateway.port, sender, target, begin_string)


def request_key(
    endpoints: Endpoints, dial: Dial, account: Account, register: Callable[[str, str], None], exchange: str
) -> RequestKey:
    """Have the venue make an API key of another exchange for an account; the RSA key is made here, as above.

    Raises TargetError where it does not.
    """
    from harness.channels.logonkey import LogonKey
    from harness.channels.requestkey import RequestKey

    key = LogonKey.create(account.name, register)
    asked = {
        "profile": exchange,
        "private_key": "0x" + account.wallet.key.to_hex(),  # the venue signs what is entered with it
        "public_key": key.public_key,
    }
    made = ask(dial, "POST", f"{endpoints.host('control')}/profile-keys", asked)
    told = made["signed"]
    register(f"{account.name}.request_key", made["key"])
    return RequestKey(key, made["key"], told["key"], told["timestamp"], told["signature"], told["over"])
