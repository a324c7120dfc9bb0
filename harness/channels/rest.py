"""The rest channel: one actor's HTTP requests, through httpx."""

from __future__ import annotations

from typing import Any, Final

import httpx

from harness import exactjson
from harness.accounts import Account, Register
from harness.clock import Clock
from harness.errors import TargetError
from harness.intents import SIGNED
from harness.wire import clob, http
from harness.world import Intent, Line

EXCHANGE_S: Final = 10
"""One exchange takes no longer, however slowly it drips; httpx's own time-outs are per read."""
BODY_BYTES: Final = 8 * 1024 * 1024
"""A response's decoded body; the largest page of the CLOB is under 2 MiB."""


class RestDriver:
    """Sends requests as one actor (or as nobody), signing with its API key where it has one."""

    def __init__(
        self,
        base_url: str,
        account: Account | None,
        *,
        chain_id: int,
        exchange: str,
        clock: Clock,
        register: Register,
    ) -> None:
        self._client = httpx.Client(
            base_url=base_url, trust_env=False, follow_redirects=False, timeout=EXCHANGE_S
        )
        self._base_url = base_url
        self._account = account
        self._chain_id = chain_id
        self._exchange = exchange
        self._clock = clock
        self._register = register
        self._opened = False

    def send(self, intent: Intent, line: Line) -> None:
        """Send one request and report its answer, or that none came."""
        body, derived = self._body(intent)
        target = http.path_with_query(intent["path"], intent.get("params"))
        headers = {"content-type": "application/json"} if body else {}
        headers |= {name: http.text_of(value) for name, value in (intent.get("headers") or {}).items()}
        headers |= self._auth(intent["method"], target, body)
        request = self._client.build_request(intent["method"], target, headers=headers, content=body)
        line.sent(http.request_wire(request.method, target, headers.items(), body), derived)
        try:
            answer = self._exchange_within(request)
        except httpx.HTTPError as error:
            if not self._opened:
                text = f"{self._base_url} does not answer: {error}. Is the target up?"
                raise TargetError("T001", text) from None
            line.lost(f"{type(error).__name__}: {error}")
            return
        self._opened = True
        line.answered(answer)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _exchange_within(self, request: httpx.Request) -> dict[str, Any]:
        ends_us = self._clock.now_us() + EXCHANGE_S * 1_000_000
        response = self._client.send(request, stream=True)
        try:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > BODY_BYTES:
                    raise httpx.ReadError(f"the body is larger than {BODY_BYTES} bytes")
                if self._clock.now_us() > ends_us:
                    raise httpx.ReadTimeout(f"the answer took longer than {EXCHANGE_S} s")
        finally:
            response.close()
        return http.response_wire(response.status_code, response.headers.multi_items(), bytes(body))

    def _body(self, intent: Intent) -> tuple[bytes, dict[str, Any]]:
        sent = intent.get("json")
        if sent is None:
            return b"", {}
        derived: dict[str, Any] = {}
        if isinstance(sent, dict) and isinstance(sent.get("order"), dict):
            sent, derived = self._signed(sent)
        return exactjson.dumps(sent).encode(), derived

    def _signed(self, sent: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        if sent["order"].get("signature") != SIGNED or self._account is None:
            return sent, {}
        order = clob.parse_order(sent).order
        digest = clob.order_digest(order, chain_id=self._chain_id, exchange=self._exchange)
        signature = self._account.wallet.sign(digest)
        self._register(f"{self._account.name}.order_signature", signature)
        signed = {**sent, "order": {**sent["order"], "signature": signature}}
        return signed, {"order_id": "0x" + digest.hex()}

    def _auth(self, method: str, target: str, body: bytes) -> dict[str, str]:
        account = self._account
        if account is None:
            return {}
        return clob.l2_headers(
            address=account.wallet.address,
            api_key=account.api_key,
            secret=account.secret,
            passphrase=account.passphrase,
            timestamp_s=(self._clock.started_wall_us + self._clock.now_us()) // 1_000_000,
            method=method,
            path=target.partition("?")[0],
            body=body.decode(),
        )
