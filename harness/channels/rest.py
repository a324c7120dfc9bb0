"""The rest channel: one actor's HTTP requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness import exactjson
from harness.accounts import Account, Register, l1_headers
from harness.channels.dial import Dial
from harness.channels.faults import CUT, WE_CUT, marked
from harness.channels.requestkey import RequestKey
from harness.channels.web import UnansweredError, Web
from harness.clock import Clock
from harness.errors import CaseError, Place, Problem, TargetError
from harness.intents import SIGNED
from harness.redact import MIN_SECRET_CHARS
from harness.wire import clob, http, wallets
from harness.wire.ctf import Contracts
from harness.wire.exchange import NoRequestError, Request, request_of
from harness.world import Intent, Line


class RestDriver:
    """Sends requests as one actor (or as nobody), signing with its API key where it has one.

    `find` makes the key of another exchange, at the first request that is signed with it.
    Any number of threads may ask at once; each gets a connection of its own.
    """

    def __init__(
        self,
        base_url: str,
        account: Account | None,
        *,
        dial: Dial,
        chain_id: int,
        contracts: Contracts,
        clock: Clock,
        register: Register,
        find: Callable[[], RequestKey] | None = None,
    ) -> None:
        self._web = Web(base_url, dial, clock)
        self._base_url = base_url
        self._account = account
        self._chain_id = chain_id
        self._contracts = contracts
        self._clock = clock
        self._register = register
        self._find = find
        self._finding = threading.Lock()
        self._found: RequestKey | None = None
        self._opened = False

    def send(self, intent: Intent, line: Line) -> None:
        """Send one request and report its answer, or that none came.

        Raises TargetError where the host has never answered, CaseError where this is no HTTP request.
        """
        body, derived = self._body(intent)
        target = http.path_with_query(intent["path"], intent.get("params"))
        fault = intent.get("fault")
        try:
            request, named = self._request(intent, target, body)
            wire = http.request_wire(request.method, target, named.items(), body)
            marked(line, fault).sent(wire, derived)
            if fault == CUT:
                self._web.cut(request)
                line.lost(WE_CUT)
            else:
                came = self._web.exchange(request)
                answer = http.response_wire(came.status, came.headers, came.body)
                self._keep_secret(intent["path"], answer)
                line.answered(answer)
        except NoRequestError as error:
            raise _no_request(intent, error) from None
        except UnansweredError as error:
            if not self._opened:
                text = f"{self._base_url} does not answer: {error}. Is the target up?"
                raise TargetError("T001", text) from None
            line.lost(str(error))
            return
        self._opened = True

    def probe(self) -> None:
        """Nothing: every answer is a sign of life."""

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def _request(self, intent: Intent, target: str, body: bytes) -> tuple[Request, dict[str, str]]:
        """The request as it goes out, and those of its headers that are not everybody's."""
        try:
            named = self._headers(intent, target, body)
        except ValueError as error:  # credentials that nothing can be signed with
            raise _no_request(intent, error) from None
        left_out = {name: None for name, value in (intent.get("headers") or {}).items() if value is None}
        sent_to = self._web.path + target
        return request_of(intent["method"], self._web.host, sent_to, {**named, **left_out}, body), named

    def _headers(self, intent: Intent, target: str, body: bytes) -> dict[str, str]:
        """Ours, but for those that the case names; it gives its own, or leaves one out with null."""
        given = intent.get("headers") or {}
        ours = {"content-type": "application/json"} if body and "raw" not in intent else {}
        ours |= self._auth(intent, target, body)
        named = {name.lower() for name in given}
        kept = {name: value for name, value in ours.items() if name.lower() not in named}
        return kept | {name: http.text_of(value) for name, value in given.items() if value is not None}

    def _body(self, intent: Intent) -> tuple[bytes, dict[str, Any]]:
        if "raw" in intent:
            return str(intent["raw"]).encode(), {}
        sent = intent.get("json")
        if sent is None:
            return b"", {}
        sent, ids = self._signed(sent, intent.get("tamper"), intent.get("neg_risk", ()))
        derived: dict[str, Any] = {"order_id": ids[0]} if ids else {}
        if isinstance(sent, list) and ids:
            derived["order_ids"] = ids
        return exactjson.dumps(sent).encode(), derived

    def _signed(
        self, sent: Any, tamper: Mapping[str, Any] | None, neg_risk: Sequence[str]
    ) -> tuple[Any, list[str]]:
        """The body with its orders signed, and then tampered with; and the ids of those that were signed.

        Orders for a token of `neg_risk` are signed in the domain of the neg-risk exchange."""
        if isinstance(sent, list):
            signed = [self._signed(row, tamper, neg_risk) for row in sent]
            return [row for row, _ in signed], [order_id for _, ids in signed for order_id in ids]
        if not isinstance(sent, dict) or not isinstance(sent.get("order"), dict):
            return sent, []
        fields, ids = sent["order"], []
        if fields.get("signature") == SIGNED and self._account is not None:
            order, sign = clob.parse_order(sent).order, self._account.wallet.sign
            contracts = self._contracts
            at = contracts.neg_risk_exchange if str(order.token_id) in neg_risk else contracts.exchange
            signature = wallets.order_signature(order, sign, chain_id=self._chain_id, exchange=at)
            self._register(f"{self._account.name}.order_signature", signature)
            fields = {**fields, "signature": signature}
            ids = [clob.order_id(order, chain_id=self._chain_id, exchange=at)]
        return {**sent, "order": {**fields, **(tamper or {})}}, ids

    def _auth(self, intent: Intent, target: str, body: bytes) -> dict[str, str]:
        """The headers that sign, over the timestamp and the nonce of the case where it gives them."""
        account, auth = self._account, intent.get("auth")
        if account is None or auth == "none":
            return {}
        given = {name.lower(): http.text_of(value) for name, value in (intent.get("headers") or {}).items()}
        now_us = self._clock.started_wall_us + self._clock.now_us()
        if self._find is not None:
            with self._finding:
                found = self._found = self._found or self._find()
            return found.headers(intent["method"], target.partition("?")[0], now_us // 1_000)
        now_s = now_us // 1_000_000
        timestamp_s = _whole(given.get("poly_timestamp"), now_s)
        if auth == "wallet":
            nonce = _whole(given.get("poly_nonce"), 0)
            return l1_headers(
                account.name, account.wallet, self._chain_id, timestamp_s, nonce, self._register
            )
        own = {"apiKey": account.api_key, "secret": account.secret, "passphrase": account.passphrase}
        key = own if auth is None else auth
        return clob.l2_headers(
            address=account.wallet.address,
            api_key=key["apiKey"],
            secret=key["secret"],
            passphrase=key["passphrase"],
            timestamp_s=timestamp_s,
            method=intent["method"],
            path=target.partition("?")[0],
            body=body.decode(),
        )

    def _keep_secret(self, path: str, answer: Mapping[str, Any]) -> None:
        """Register the credentials that an answer of /auth gives, before anybody else sees it."""
        given = http.body_value(answer) if path.startswith("/auth/") else None
        if self._account is None or not isinstance(given, Mapping):
            return
        for part in clob.CREDENTIALS:
            secret = given.get(part)
            if isinstance(secret, str) and len(secret.strip()) >= MIN_SECRET_CHARS:
                self._register(f"{self._account.name}.{part}", secret)


def _whole(text: str | None, otherwise: int) -> int:
    """A number that the case gives, as it can be signed."""
    fits = text is not None and text.isascii() and text.isdigit() and len(text) <= 18
    return int(text) if fits and text is not None else otherwise


def _no_request(intent: Intent, error: Exception) -> CaseError:
    place = Place(f"{intent['method']} {intent['path']}")
    return CaseError([Problem(place, "C024", f"cannot be sent as HTTP: {error}")])
