"""API keys of the profiles whose REST requests are signed with RSA, and who signed one.

The exchange behind such a profile keeps its customers' funds; here the venue is handed the account's key with
the API key, keeps it in memory as long as it runs, and signs the account's orders.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pss
from eth_account import Account

from harness.venue.chance import Chance
from harness.venue.faults import RefusalError
from harness.venue.fix.entry import Signer
from harness.venue.fix.logons import key_of
from harness.venue.profiles import RestProfile, rest_profiles
from harness.venue.verbargs import choice, only, text
from harness.venue.web import answer, read_body


@dataclass(frozen=True, slots=True)
class ProfileKey:
    """An API key of one account under one profile."""

    key: str
    profile: str
    public_key: str
    signer: Signer


class NotSignedError(Exception):
    """A request is not let in because of this header: `key`, `timestamp` or `signature`."""


class ProfileKeys:
    """Every API key that was made, over one exchange's chance and chain."""

    def __init__(self, chance: Chance, chain_id: int) -> None:
        self._chance = chance
        self._chain_id = chain_id
        self._by_key: dict[str, ProfileKey] = {}

    def routes(self) -> list[web.RouteDef]:
        """The control API's endpoint that makes one."""
        return [web.post("/profile-keys", self.create)]

    async def create(self, request: web.Request) -> web.Response:
        """POST /profile-keys: an API key for an account, with the RSA key that signs its requests."""
        body = await read_body(request, "send a JSON object with profile, private_key, public_key")
        if not isinstance(body, dict):
            raise RefusalError(400, "send a JSON object with profile, private_key, public_key")
        only(body, "profile", "private_key", "public_key")
        profile = choice(body, "profile", sorted(rest_profiles()))
        public_key = key_of(body.get("public_key"))
        made = ProfileKey(self._chance.uuid("REST key"), profile, public_key, self._signer(body))
        self._by_key[made.key] = made
        rest = rest_profiles()[profile]
        told = {"key": made.key, "address": made.signer.address, "base": rest.base}
        return answer({**told, "signed": asdict(rest.signed)})

    def caller(
        self, name: str, rest: RestProfile, headers: Mapping[str, str], method: str, path: str, now_ms: int
    ) -> ProfileKey:
        """Who signed a request to `path`, without its query. Raises NotSignedError."""
        found = self._by_key.get(headers.get(rest.signed.key, ""))
        if found is None or found.profile != name:
            raise NotSignedError("key")
        stamp = headers.get(rest.signed.timestamp, "")
        if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 20:
            raise NotSignedError("timestamp")
        if abs(int(stamp) - now_ms) > rest.window_ms:
            raise NotSignedError("timestamp")
        said = rest.signed.text(timestamp=stamp, method=method, path=path)
        try:
            signature = base64.b64decode(headers.get(rest.signed.signature, ""), validate=True)
            pss.new(RSA.import_key(found.public_key)).verify(SHA256.new(said.encode()), signature)
        except (ValueError, binascii.Error):
            raise NotSignedError("signature") from None
        return found

    def _signer(self, body: dict[str, Any]) -> Signer:
        private_key = text(body, "private_key")
        try:
            address = Account.from_key(private_key).address
        except Exception:  # whatever eth_account and its curve library raise for what is no key
            raise RefusalError(400, "private_key is no private key: send the account's as hex") from None
        return Signer(private_key, address, self._chain_id)
