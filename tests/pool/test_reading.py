"""Accounts as the configuration names them and the environment holds them; nothing secret is ever told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.accounts import Wallet
from harness.configuration import configured, lending
from harness.errors import CaseError, HarnessError
from harness.pool.reading import Listing
from harness.pool.values import Entry, FixedSession, Pool
from harness.redact import Secret

TARGET = '[targets.there]\nkind = "local"\nrest = "http://127.0.0.1:1"\n'
WHOLE = """
[targets.there.accounts]
list = "env:MORE"
file = "env:MORE_FILE"
wait_s = 30
create = true
treasury = "env:TREASURY"

[[targets.there.accounts.pool]]
name = "maker-1"
key = "env:MAKER"
wallet = ["eoa", "safe"]
roles = ["maker"]
api = {key = "env:API_KEY", secret = "env:API_SECRET", passphrase = "env:API_PASSPHRASE"}
fix = {order_entry = {sender = "FIRM1_OE", target = "OE"}}
"""


def a_key() -> tuple[str, str]:
    """A private key and its address."""
    wallet = Wallet.create()
    return wallet.key.to_hex(), wallet.address


def pool_of(tmp_path: Path, text: str, environ: dict[str, str]) -> Pool:
    (tmp_path / "harness.toml").write_text(TARGET + text, encoding="utf-8")
    found = configured(tmp_path)
    assert found is not None
    return lending(found["there"], environ).pool


def told(tmp_path: Path, text: str, kind: str = "local") -> str:
    """What is told of a configuration."""
    (tmp_path / "harness.toml").write_text(TARGET.replace("local", kind) + text, encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        configured(tmp_path)
    return "\n".join(each.text for each in caught.value.problems)


def test_a_whole_pool(tmp_path: Path) -> None:
    """Accounts come from the configuration, a list and a file, each with what was said of it."""
    (maker, at), (second, at_second), (third, at_third), (bank, at_bank) = (a_key() for _ in range(4))
    (tmp_path / "accounts.json").write_text(json.dumps([{"name": "third", "key": third}]), encoding="utf-8")
    environ = {
        "MAKER": maker,
        "API_KEY": "11111111-2222",
        "API_SECRET": "c2VjcmV0",
        "API_PASSPHRASE": "a-phrase-of-ours",
        "MORE": json.dumps([{"name": "second", "key": f"0x{second}", "wallet": "deposit"}]),
        "MORE_FILE": str(tmp_path / "accounts.json"),
        "TREASURY": bank,
    }

    pool = pool_of(tmp_path, WHOLE, environ)

    one, two, three = pool.entries
    assert (one.name, one.address, one.kinds, one.roles) == (
        "maker-1",
        at,
        ("eoa", "safe"),
        frozenset({"maker"}),
    )
    assert one.credentials is not None
    assert one.credentials.secret == Secret("c2VjcmV0")
    assert one.sessions == {"order_entry": FixedSession("FIRM1_OE", "OE")}
    assert (two.name, two.address, two.kinds) == ("second", at_second, ("deposit",))
    assert (three.name, three.address, three.roles) == ("third", at_third, frozenset())
    assert (pool.creates, pool.wait_s) == (True, 30)
    assert pool.treasury is not None
    assert (pool.treasury.name, pool.treasury.address) == ("treasury", at_bank)
    assert not [value for value in environ.values() if len(value) < 80 and value in repr(pool)]


def test_without_a_table_new_wallets_are_made(tmp_path: Path) -> None:
    """A target that says nothing of accounts lends none and makes them."""
    assert pool_of(tmp_path, "", {}) == Pool((), True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("accounts = 3", "accounts is a table of list, file, pool"),
        ("accounts = {lost = 1}", "accounts has an unknown key 'lost'"),
        ('accounts = {list = "[]"}', "accounts: 'list' names an environment variable, as env:NAME"),
        ("accounts = {wait_s = -1}", "'wait_s' is a whole number of seconds, not -1"),
        ('accounts = {create = "yes"}', "'create' is true or false, not 'yes'"),
        ('accounts = {pool = [{key = "env:A"}]}', "accounts, account 1 has a 'name'"),
        ('accounts = {pool = [{name = "a", key = "0123456789"}]}', "'key' names an environment variable"),
        (
            'accounts = {pool = [{name = "a", key = "env:A", wallet = "gold"}]}',
            "'wallet' is one of eoa, proxy",
        ),
        ('accounts = {pool = [{name = "a", key = "env:A", roles = "maker"}]}', "'roles' is a list"),
        (
            'accounts = {pool = [{name = "a", key = "env:A", api = {key = "env:B"}}]}',
            "api: 'secret' names an",
        ),
        ('accounts = {pool = [{name = "a", key = "env:A", fix = {drop_copy = {}}}]}', "says both CompIDs"),
    ],
)
def test_what_a_configuration_says_wrongly(tmp_path: Path, text: str, problem: str) -> None:
    """Each mistake is told with its place, and a key that stands there is not repeated."""
    found = told(tmp_path, text)

    assert problem in found
    assert "0123456789" not in found


def test_production_lends_nothing(tmp_path: Path) -> None:
    """On production no account is ever lent, so none is configured."""
    found = told(tmp_path, 'accounts = {list = "env:A"}', "production")

    assert found == "target 'there' is production, where no account is ever lent: leave out 'accounts'"


@pytest.mark.parametrize("same", ["name", "key"])
def test_two_accounts_that_are_one(tmp_path: Path, same: str) -> None:
    """Two entries with one name or one key would let two cases trade from one account."""
    first, second = ({"name": f"a{at}", "key": a_key()[0]} for at in range(2))
    rows = json.dumps([first, {**second, same: first[same]}])

    with pytest.raises(HarnessError, match="two cases would trade from one") as caught:
        pool_of(tmp_path, 'accounts = {list = "env:MORE"}', {"MORE": rows})

    assert caught.value.code == "U041"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Where the file of accounts cannot be read, the variable and its path are told."""
    with pytest.raises(HarnessError, match="MORE names a file that cannot be read: /nowhere") as caught:
        Listing(files=("MORE",)).resolved({"MORE": "/nowhere"})

    assert caught.value.code == "U041"


def test_machines_share_a_pool() -> None:
    """Of several machines each lends accounts of its own, some of each kind, and together they lend all."""
    entries = tuple(
        Entry(f"{kind}-{at}", Secret("0" * 64), a_key()[1], (kind,))
        for kind in ("eoa", "safe")
        for at in range(3)
    )
    parts = [Pool(entries).shared(index, 2).entries for index in (1, 2)]

    assert sorted(entry.name for part in parts for entry in part) == sorted(entry.name for entry in entries)
    assert [[entry.name for entry in part] for part in parts] == [
        ["eoa-0", "eoa-2", "safe-0", "safe-2"],
        ["eoa-1", "safe-1"],
    ]
