"""Trying the exchange itself: who it says it is, its clock, and each way to sign that needs no account."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial
from typing import Final

from harness import asking
from harness.accounts import Wallet, l1_headers
from harness.guard import Kind
from harness.targets import Said
from harness.trying.places import Places, got
from harness.trying.rows import Row, State, absent, attempted
from harness.wire.clob import l2_headers
from harness.wire.exchange import Answer

_HEALTH: Final = Said("control", "/health", "build")
_SHOWN: Final = 120
_TELLS: Final = "is it up? If it is: `path` or `host` (rest, unless told) of the target's `{}` may be wrong"


def identity(places: Places) -> Iterator[Row]:
    """Which environment it says it is."""
    marker, kind = places.target.marker, places.target.kind
    if marker is None:
        why = "nothing is written to it" if kind is Kind.PRODUCTION else f"a target of kind {kind} needs none"
        yield absent("identity", why)
        return

    def asked() -> Row:
        found = asking.told(places.endpoints, places.dial(marker.said.host), marker.said)
        if found == marker.expected:
            return Row("identity", where, State.WORKS, f"says that it is {found!r}")
        text = f"says that it is {found!r}, and {marker.expected!r} is expected: no run will write to it"
        then = "does its address lead elsewhere, or is `environment` wrong?"
        return Row("identity", where, State.WRONG, text, then)

    where = _where(places, marker.said)
    yield attempted("identity", where, asked, _TELLS.format("environment"))


def build(places: Places) -> Iterator[Row]:
    """At which build it says it is."""
    said = places.target.build or (_HEALTH if places.endpoints.control else None)
    if said is None:
        then = "say where it is told: the target's `build`; until then no build is earlier than another"
        yield absent("build", "nothing says at which build it is", then)
        return

    def asked() -> Row:
        found = asking.build_told(places.endpoints, places.dial(said.host), said)
        builds = places.target.builds
        if builds and found not in builds:
            text = f"{found}, which is not in `builds`"
            return Row("build", where, State.WORKS, text, f"add {found!r} to `builds` where it belongs")
        return Row("build", where, State.WORKS, found)

    where = _where(places, said)
    yield attempted("build", where, asked, _TELLS.format("build"))


def rest(places: Places) -> Iterator[Row]:
    """Its REST API, its clock, and how it takes what is signed."""
    where = places.shown("rest")
    skews: list[int] = []

    def asked() -> Row:
        dial = places.dial("rest")
        skews.append(asking.skew_us(places.endpoints, dial, places.clock))
        return Row("rest", where, State.WORKS, f"{places.led('rest', dial)}tells its time")

    first = attempted("rest", where, asked)
    yield first
    if first.state is not State.WORKS:
        for what in ("clock", "wallet (L1)", "API key (L2)"):
            yield Row(what, where, State.UNTRIED, "rest does not answer")
        return
    yield _clock(where, skews[0])
    if places.endpoints.chain_id:
        yield attempted("wallet (L1)", where, partial(_wallet, places, where))
        yield attempted("API key (L2)", where, partial(_key, places, where))
    else:
        for what in ("wallet (L1)", "API key (L2)"):
            yield absent(
                what, "nothing can be signed without a chain's id", "name a `chain` and its `chain_id`"
            )


def _clock(where: str, skew_us: int) -> Row:
    off_s = abs(skew_us) // 1_000_000
    if (text := asking.clock_off(skew_us)) is None:
        side = "ahead of" if skew_us > 0 else "behind"
        told = "agrees with this machine's" if not off_s else f"{off_s} s {side} this machine's, which counts"
        return Row("clock", where, State.WORKS, told)
    return Row(
        "clock", where, State.SILENT, text, "is this machine's clock right? If it is, tell who runs it"
    )


def _wallet(places: Places, where: str) -> Row:
    """A new wallet asks for the API key that it has not: the signature is judged, and nothing is made."""
    register, wallet = places.redactor.register, Wallet.create()
    register("check.private_key", wallet.key.to_hex())
    headers = l1_headers("check", wallet, places.endpoints.chain_id, places.now_s, 0, register)
    answer = got(places, "rest", "/auth/derive-api-key", headers)
    if answer.status in (200, 400):
        text = f"a wallet's signature is taken ({answer.status}: a new wallet has no API key)"
        return Row("wallet (L1)", where, State.WORKS, text)
    then = "is chain_id the exchange's, and this machine's clock right?"
    return Row("wallet (L1)", where, State.SILENT, _refused(answer), _blocked(answer) or then)


def _key(places: Places, where: str) -> Row:
    """A key that nobody has signs a request: it is refused as such, and as nothing else."""
    nobody, path = "00000000-0000-0000-0000-000000000000", "/auth/api-keys"
    secret = base64.urlsafe_b64encode(bytes(32)).decode()
    headers = l2_headers(
        address="0x" + "00" * 20,
        api_key=nobody,
        secret=secret,
        passphrase="0" * 64,
        timestamp_s=places.now_s,
        method="GET",
        path=path,
    )
    answer = got(places, "rest", path, headers)
    if answer.status == 401:
        return Row("API key (L2)", where, State.WORKS, "refuses a key that nobody has (401)")
    if answer.status == 200:
        text = "takes an API key that nobody has"
        return Row("API key (L2)", where, State.WRONG, text, "is this the exchange, or something before it?")
    return Row("API key (L2)", where, State.SILENT, _refused(answer), _blocked(answer))


def _refused(answer: Answer) -> str:
    return f"answers {answer.status}: {answer.body[:_SHOWN].decode(errors='replace')}"


def _blocked(answer: Answer) -> str:
    """What to do where the refusal is not of what was signed."""
    if answer.status == 403:
        return "may this machine ask (region, list of allowed addresses)?"
    return "wait: it is asked too often" if answer.status == 429 else ""


def _where(places: Places, said: Said) -> str:
    told = f" header {said.header}" if said.header else f" {said.field}" if said.field else ""
    return f"{places.shown(said.host)} {said.path}{told}"
