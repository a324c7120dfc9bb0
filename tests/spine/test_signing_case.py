"""`auth` on a rest step: how it reads, what its intent holds, and how a replay compares it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import CassetteStale

from .story import HEADER, SYMPTOM, Story, problems, run

KEY = {"apiKey": "k-1234", "secret": "c2VjcmV0", "passphrase": "pass-12"}
CREATED = {"method": "POST", "path": "/auth/api-key", "auth": "wallet"}
CASE = """\
steps:
  - {id: buy, rest: POST /auth/api-key, auth: wallet, expect: {status: 200}}
  - {id: keys, rest: GET /auth/api-keys, auth: "${buy.got.body}", expect: {status: 200}}
"""


def recorded(given: Any, auth: Any) -> Any:
    """A key that was made, and a request that it signed."""
    story = Story().step("buy").read("buy", CREATED, given).end("buy").at(10).step("keys")
    asked = {"method": "GET", "path": "/auth/api-keys", "auth": auth}
    return story.read("keys", asked, {"apiKeys": []}).end("keys").events


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("as: alice, auth: walet", "C005 'auth' is 'walet'; did you mean 'wallet'?"),
        (
            "as: alice, auth: 'a ${now}'",
            "C066 'auth' is one reference to credentials, such as ${key.got.body}",
        ),
        (
            "as: alice, on: data, auth: none",
            "C066 'auth' means nothing on data: only the exchange is signed to",
        ),
        ("auth: wallet", "C066 'auth' signs as somebody, and nobody acts here: say 'as'"),
        (
            "as: alice, on: web, auth: wallet",
            "C066 'web' signs with its own key: leave 'auth' out, or say none",
        ),
        (
            "as: alice, on: web, pages: all",
            "C023 'pages' means nothing here: 'web' is another exchange's: write 'json'",
        ),
        ("auth: '${now}'", "C066 'auth' signs as somebody, and nobody acts here: say 'as'"),
    ],
)
def test_what_cannot_sign_is_told(step: str, told: str) -> None:
    """A misspelt word, text around a reference, another host or exchange, and nobody are told."""
    header = HEADER.replace("{alice: trader}", "{alice: trader, bob: trader}")
    steps = f"steps:\n  - {{id: buy, rest: GET /time, {step}, expect: {{status: 200}}}}\n"
    found = problems(
        header
        + "channels: {data: {kind: rest}, web: {kind: rest, exchange: kalshi}}\n"
        + steps
        + SYMPTOM % "buy"
    )

    assert [text.split(": ", 1)[1] for text in found] == [told]


def test_credentials_of_a_cassette_are_placeholders() -> None:
    """A placeholder that was recorded for a secret stands for any as long: the replay goes on."""
    hidden = {name: f"«{name[:1]}{'·' * (len(value) - 3)}»" for name, value in KEY.items()}

    assert run(CASE, recorded(hidden, hidden)).failed == ()
    assert run(CASE, recorded(KEY, hidden)).failed == ()


def test_another_key_than_was_recorded_is_stale() -> None:
    """A step that signs with something else than was recorded does not replay."""
    with pytest.raises(CassetteStale, match=r"\$.auth.secret"):
        run(CASE, recorded(KEY, {**KEY, "secret": "another"}))
    with pytest.raises(CassetteStale, match=r"\$.auth"):
        run(CASE, recorded(KEY, "none"))


def test_credentials_that_lack_a_part_are_a_finding() -> None:
    """Where the exchange gave no whole key, the step that signs with it fails, and says what is missing."""
    came = run(CASE, recorded({"apiKey": "k-1234"}, KEY)).findings["keys"]

    assert (came.holds, came.text) == (
        False,
        "cannot be built: auth has no 'secret'; there is: apiKey",
    )
