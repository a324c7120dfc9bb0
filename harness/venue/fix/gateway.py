"""The FIX gateway as one thing: its port, its acceptor process, its sessions and its desk."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from typing import Any

from eth_account import Account

from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError, VenueError
from harness.venue.fix.child import AcceptorChild
from harness.venue.fix.desk import FixDesk
from harness.venue.fix.front import Front, Goodbye, Way
from harness.venue.fix.logons import key_of, options, refusal, wrong
from harness.venue.fix.reports import Fields
from harness.venue.fix.sessions import APPL_VER_ID, FIXT, FixSession, FixSessions, Kind
from harness.venue.fix.speech import Options, Speech
from harness.venue.profiles import FixProfile, find_profile, names
from harness.wire.ctf import checksum_address

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class _Message:
    session: FixSession
    kind: str
    fields: dict[str, str]


class FixGateway:
    """Runs beside REST and the WebSockets; whatever becomes of its process, they go on."""

    def __init__(self, exchange: Exchange, profile: FixProfile, child: AcceptorChild | None = None) -> None:
        self._exchange = exchange
        self._profile = profile
        self._sessions = FixSessions(exchange.chance)
        self._profiles: dict[str, FixProfile] = {}
        self._opened_with: dict[str, Options] = {}
        self._speech: dict[str, Speech] = {}
        self._children = [child or AcceptorChild()]
        self._child_of: dict[str, AcceptorChild] = {}
        self._desk = FixDesk(exchange, self._sessions, self._send)
        self._front = Front(self._route, lambda: exchange.parts.fix_wire, self._counted)
        self._messages: asyncio.Queue[_Message] = asyncio.Queue()
        self._serving: asyncio.Task[None] | None = None
        self._port = 0

    async def start(self, port: int) -> int:
        """Open the port and return it; start the acceptor, which is not waited for. Raises VenueError."""
        self._port = await self._front.start(port)
        self._children[0].told = self._told
        await self._children[0].start()
        self._serving = asyncio.create_task(self._serve())
        return self._port

    async def close(self) -> AcceptorChild | None:
        """Close the port; returns the acceptor where no session was ever opened: another gateway may have it.

        Where one was, connections stay until `stop`, which logs them out.
        """
        self._front.close()
        if self._sessions.all():
            return None
        await self._stop_serving()
        return self._children[0]

    async def stop(self) -> None:
        """Log every client out and end the acceptor."""
        await asyncio.gather(*(child.stop() for child in self._children))
        await self._front.stop()
        await self._stop_serving()

    async def _stop_serving(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._serving

    def kill(self) -> None:
        """Kill every acceptor process; each is started again with its sessions."""
        for child in self._children:
            child.kill()

    def ready(self) -> dict[str, Any]:
        """What the ready line says: where it listens, and how CompIDs are made."""
        return {
            "host": HOST,
            "port": self._port,
            **{kind: _pattern(self._profile, kind) for kind in self._profile.sessions},
            **{
                f"{name}.{kind}": _pattern(profile, kind)
                for name in names()
                for profile in [find_profile(name).fix]
                for kind in profile.sessions
            },
            "begin_string": FIXT,
            "appl_ver_id": APPL_VER_ID,
        }

    def health(self) -> dict[str, Any]:
        """How the acceptors' processes are: the worst state, and each pid."""
        views = [child.view() for child in self._children]
        states = {view["state"] for view in views}
        return {
            "state": next(state for state in ("down", "starting", "up") if state in states),
            "pids": [view["pid"] for view in views if view["pid"] is not None],
            "restarts": sum(view["restarts"] for view in views),
            "problem": next((view["problem"] for view in views if view["problem"]), None),
        }

    async def open_session(self, body: dict[str, Any]) -> dict[str, Any]:
        """Open a session for an account, as the control API is asked. Raises RefusalError 400."""
        try:
            address = checksum_address(str(body.get("address")))
            kind = Kind(str(body.get("kind")))
        except ValueError as error:
            raise RefusalError(
                400, f"{error}: send an address and a kind, order_entry or drop_copy"
            ) from None
        profile = self._profile
        if "profile" in body:
            try:
                profile = find_profile(str(body["profile"])).fix
            except VenueError as error:
                raise RefusalError(400, str(error)) from None
        begin_string = body.get("begin_string", FIXT)
        if begin_string not in profile.begin_strings:
            known = ", ".join(profile.begin_strings)
            raise RefusalError(400, f"begin_string {begin_string!r} is not one of {known}")
        if kind.value not in profile.sessions:
            known = ", ".join(profile.sessions)
            raise RefusalError(400, f"this profile has no {kind} session, but {known}")
        cancels, fills_only = _flag(body, "cancel_on_disconnect"), _flag(body, "fills_only")
        if fills_only and kind is not Kind.DROP_COPY:
            raise RefusalError(400, f"an {kind} session is told of more than fills: leave fills_only out")
        signs = profile.signed_logon
        public_key = key_of(body.get("public_key")) if signs else ""
        if "public_key" in body and not signs:
            raise RefusalError(400, "this profile signs no Logon: leave public_key out")
        if kind is Kind.ORDER_ENTRY:
            self._desk.hold_key(address, _key_of(body.get("private_key"), address))
        elif "private_key" in body:
            raise RefusalError(400, "a drop-copy session signs nothing: leave private_key out")
        called = profile.sessions[kind.value]
        session = self._sessions.open(
            address, kind, begin_string, called, public_key=public_key, fills_only=fills_only
        )
        self._profiles[session.id] = profile
        self._opened_with[session.id] = Options(cancels=cancels)
        if self._children[-1].full:
            self._children.append(AcceptorChild(self._told))
            await self._children[-1].start()
        self._child_of[session.id] = self._children[-1]
        try:
            await self._children[-1].open(session, profile.needed)
        except VenueError as error:
            raise RefusalError(503, str(error)) from None
        return {**session.view(), "host": HOST, "port": self._port}

    def sessions(self) -> list[dict[str, Any]]:
        """Every session that was opened."""
        return [{**row.view(), "host": HOST, "port": self._port} for row in self._sessions.all()]

    async def _route(self, begin_string: str, sender: str, target: str, first: bytes) -> Way | Goodbye | None:
        session = self._sessions.get(sender)
        if session is None or (session.begin_string, session.target) != (begin_string, target):
            return None
        if text := wrong(self._profiles[session.id], session, first):
            return Goodbye(refusal(session, text, self._exchange.now()))
        asked = options(self._profiles[session.id], first, self._opened_with[session.id])
        self._speech[session.id] = Speech(self._profiles[session.id], asked)
        port = await self._child_of[session.id].port(session.id)
        return None if port is None else Way(session.id, port)

    def _counted(self, session_id: str, change: int) -> None:
        self._child_of[session_id].connected(session_id, change)
        session = self._sessions.get(session_id)
        if change < 0 and session is not None and self._speech_of(session).options.cancels:
            day_only = self._profiles[session_id].disconnect_cancels == "day"
            for order in self._desk.entered(session, day_only=day_only):
                self._exchange.engine.cancel(order, self._exchange.now())

    def _send(self, session: FixSession, kind: str, fields: Fields) -> None:
        said = self._speech_of(session).said(session, kind, fields, self._exchange.parts.fix_prices)
        self._child_of[session.id].send(session, kind, said)

    def _speech_of(self, session: FixSession) -> Speech:
        """A session's language: as of its last Logon."""
        return self._speech.get(session.id) or Speech(self._profiles[session.id])

    def _told(self, event: dict[str, Any]) -> None:
        session = self._sessions.get(event["id"])
        if event["event"] == "message" and session is not None:
            heard = self._speech_of(session).asked(event["fields"])
            self._messages.put_nowait(_Message(session, event["type"], heard))

    async def _serve(self) -> None:
        while True:
            message = await self._messages.get()
            try:
                await self._desk.handle(message.session, message.kind, message.fields)
            except Exception as error:  # one message's trouble is not the venue's end
                print(f"harness venue: a FIX message {message.kind} failed: {error!r}", file=sys.stderr)


def _pattern(profile: FixProfile, kind: str) -> dict[str, Any]:
    """How the CompIDs of a kind of session are made, and whether its Logon is signed, for the ready line."""
    called = profile.sessions[kind]
    signed = {"signed_logon": True} if profile.signed_logon else {}
    shown = {"firm": "{FIRM}", "number": "", "key": "{KEY}"}
    return {"sender": called.sender.format(**shown), "target": called.target.format(**shown), **signed}


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise RefusalError(400, f"{name} must be true or false: leave it out for false")
    return value


def _key_of(key: object, address: str) -> str:
    wanted = "an order-entry session needs private_key, the account's own: the venue signs its orders"
    if not isinstance(key, str):
        raise RefusalError(400, wanted)
    try:
        signer = Account.from_key(key).address
    except Exception:  # whatever eth_account and its curve library raise for a malformed key
        raise RefusalError(400, wanted) from None
    if signer != address:
        raise RefusalError(400, f"private_key is not the key of {address}")
    return key
