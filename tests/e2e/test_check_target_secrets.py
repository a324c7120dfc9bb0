"""What `harness check-target` says of secret addresses and of accounts that are lent; and what not."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from uuid import uuid4

import pytest

from .bench import Bench
from .checked import bad, check, configure, read, rows
from .exchanges import Exchange, exchange


@pytest.fixture(scope="module")
def staging() -> Iterator[Exchange]:
    """An exchange that says it is staging."""
    with exchange("2026.11.2", "staging") as running:
        yield running


def test_secrets_of_addresses_are_not_told(bench: Bench, staging: Exchange) -> None:
    """An address from the environment is told without its path; one not set is named."""
    text = staging.configured("there", "staging", marked="staging", chain="env:THE_NODE", data="env:THE_DATA")
    configure(bench, text)
    secret = "a-long-and-secret-key-of-a-provider"
    host = staging.ready["data"]

    ran = check(bench, "there", THE_NODE=f"http://127.0.0.1:1/{secret}", THE_DATA=f"{host}/{secret}")
    unset = check(bench, "there", THE_DATA=secret)

    assert ran.code == 3
    table = read(ran, staging)
    assert table["chain"][:2] == ("http://127.0.0.1:1/… (env:THE_NODE)", "does not work")
    assert table["data"][:2] == ("<data>/… (env:THE_DATA)", "does not work")
    assert secret not in ran.out + unset.out
    assert (unset.code, "THE_NODE is not set" in unset.out) == (2, True)
    assert "THE_DATA does not hold a plain http or https://host:port/path" in unset.out


def test_the_accounts_that_a_target_lends(bench: Bench, staging: Exchange) -> None:
    """Of the accounts that a target lends it is told how many work and what they hold; one whose key is
    refused, one without money and what to do are told one by one, and no secret of theirs."""
    rich = staging.control.customer(collateral="1500.5")
    poor, creds = staging.control.customer(), rich.client.creds
    api = {"key": creds.api_key, "secret": creds.api_secret, "passphrase": creds.api_passphrase}
    new = "0x" + secrets.token_hex(32)
    lent = [
        {"name": "rich", "key": rich.key, "api": api},
        {"name": "poor", "key": poor.key},
        {"name": "new", "key": new, "wallet": ["eoa", "safe"]},
        {"name": "foreign", "key": "0x" + secrets.token_hex(32), "api": {**api, "key": str(uuid4())}},
    ]
    text = staging.configured("there", "staging", marked=None, control="")
    marked = 'environment = {path = "/version", field = "version", is = "2"}\n'
    text = text.replace("[targets.there.fix]", f"{marked}[targets.there.fix]")
    configure(bench, text + '[targets.there.accounts]\nlist = "env:ACCOUNTS"\n')
    before = staging.control.control("/fix-sessions"), staging.control.control("/markets")

    ran = check(bench, "there", "--format", "json", ACCOUNTS=json.dumps(lent))

    found = rows(ran)
    assert (ran.code, bad(found)) == (3, {"account foreign": "does not work"})
    assert found["accounts"]["found"] == "4 lent; 3 work; 1 of 5 wallets have collateral, 1500.5 in all"
    assert "account rich" not in found
    assert (found["account poor"]["found"], found["account poor"]["next"]) == (
        "its API key is taken; no collateral (eoa)",
        f"send collateral to {poor.address}",
    )
    assert found["account new"]["found"] == "has no API key yet: a run makes it; no collateral (eoa, safe)"
    assert "T002 its API key is not taken: 401" in found["account foreign"]["found"]
    assert found["ws.user"]["found"] == "opens with the API key of rich, and answers PING"
    for secret in (*api.values(), rich.key[2:], poor.key[2:], new[2:]):
        assert secret not in ran.out
    again = rows(check(bench, "there", "--format", "json", ACCOUNTS=json.dumps(lent)))
    assert again["account new"]["found"].startswith("has no API key yet")
    assert (staging.control.control("/fix-sessions"), staging.control.control("/markets")) == before
