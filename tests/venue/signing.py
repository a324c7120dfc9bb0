"""RSA keys and signatures by Node's crypto, which is not the library that the venue checks them with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

_KEYS = """const {privateKey, publicKey} = require('crypto').generateKeyPairSync('rsa', {modulusLength: 2048,
  privateKeyEncoding: {type: 'pkcs8', format: 'pem'}, publicKeyEncoding: {type: 'spki', format: 'pem'}});
process.stdout.write(JSON.stringify([privateKey, publicKey]))"""
_SIGN = """const c = require('crypto'), fs = require('fs');
process.stdout.write(c.sign('sha256', fs.readFileSync(0), {key: fs.readFileSync(process.argv[1]),
  padding: c.constants.RSA_PKCS1_PSS_PADDING, saltLength: c.constants.RSA_PSS_SALTLEN_DIGEST})
  .toString('base64'))"""


def new_keys(directory: Path) -> tuple[str, str]:
    """A file with a private key, and its public key as PEM."""
    private, public = json.loads(subprocess.check_output(["node", "-e", _KEYS]))
    file = directory / "private.pem"
    file.write_text(private)
    return str(file), public


def sign(key: str, text: str) -> str:
    """The base64 RSA-PSS signature (SHA-256, salt as long as the digest) by a key's file."""
    return subprocess.check_output(["node", "-e", _SIGN, key], input=text.encode()).decode()


def logon_fields(asked: dict[str, Any], header: dict[str, str]) -> list[tuple[int, str]]:
    """What a Logon has beside an engine's own fields: those asked for, and the signature over its header."""
    fields = [(tag, str(value)) for tag, value in asked["logon"]]
    if not asked["key"]:
        return fields
    signature = sign(asked["key"], "\x01".join(header[tag] for tag in ("52", "35", "34", "49", "56")))
    return [*fields, (95, str(len(signature))), (96, signature)]
