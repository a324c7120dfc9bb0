"""The RSA key of an actor that signs its Logons, judged by Node's crypto."""

from __future__ import annotations

import json
import subprocess

from harness.channels.logonkey import LogonKey
from harness.channels.requestkey import RequestKey

VERIFY = """const c = require('crypto'), {key, said, signature} = JSON.parse(require('fs').readFileSync(0));
process.stdout.write(String(c.verify('sha256', Buffer.from(said), {key,
  padding: c.constants.RSA_PKCS1_PSS_PADDING, saltLength: c.constants.RSA_PSS_SALTLEN_DIGEST},
  Buffer.from(signature, 'base64'))))"""


def verified(key: str, said: str, signature: str) -> str:
    asked = json.dumps({"key": key, "said": said, "signature": signature})
    return subprocess.check_output(["node", "-e", VERIFY], input=asked.encode()).decode()


def test_a_logon_is_signed_and_what_signs_it_is_a_secret() -> None:
    """Node verifies the signature over the header; key and signature are registered and not shown."""
    secrets: dict[str, str] = {}
    key = LogonKey.create("alice", secrets.__setitem__)

    fields = dict(key({49: "KEY", 56: "KalshiRT", 34: "7", 52: "20261128-12:00:00.000"}))

    assert fields[95] == str(len(fields[96]))
    said = "\x01".join(("20261128-12:00:00.000", "A", "7", "KEY", "KalshiRT"))
    assert verified(key.public_key, said, fields[96]) == "true"
    assert verified(key.public_key, said.replace("7", "8"), fields[96]) == "false"
    assert secrets["alice.logon_key"].startswith("-----BEGIN PRIVATE KEY-----")
    assert secrets["alice.logon_signature"] == fields[96]
    assert repr(key) == "LogonKey(name='alice')"


def test_a_request_is_signed_over_what_the_target_names() -> None:
    """Node verifies the signature over the named parts, joined; it and the RSA key are secrets."""
    secrets: dict[str, str] = {}
    rsa = LogonKey.create("alice", secrets.__setitem__)
    key = RequestKey(rsa, "KEY", "X-KEY", "X-TIME", "X-SIGNATURE", ("timestamp", "method", "path"))

    headers = key.headers("GET", "/v2/orders", 1703123456789)

    assert (headers["X-KEY"], headers["X-TIME"]) == ("KEY", "1703123456789")
    assert verified(rsa.public_key, "1703123456789GET/v2/orders", headers["X-SIGNATURE"]) == "true"
    assert verified(rsa.public_key, "1703123456789POST/v2/orders", headers["X-SIGNATURE"]) == "false"
    assert secrets["alice.request_signature"] == headers["X-SIGNATURE"]
