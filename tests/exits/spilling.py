"""The conftest of a project whose own step spills its credentials wherever a program can: a canary run.

What the step was given is written below the folder that CANARIES names, outside of the project, for the test
to look for. The step is copied into the project as its conftest and runs in the pytest that is looked at.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from urllib.parse import quote

import httpx

from harness.own import Actor, step

WAYS = {
    "raw": lambda value: value,
    "upper": lambda value: value.upper(),
    "lower": lambda value: value.lower(),
    "url": lambda value: quote(value, safe=""),
    "url in small letters": lambda value: quote(value, safe="").replace("%2B", "%2b").replace("%3D", "%3d"),
    "url, twice": lambda value: quote(quote(value, safe=""), safe=""),
    "url, every character": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
    "json": lambda value: json.dumps({"inner": value}),
    "json, twice": lambda value: json.dumps({"inner": json.dumps({"inner": value})}),
    "json, every character": lambda value: "".join(f"\\u{ord(char):04x}" for char in value),
    "url in json": lambda value: json.dumps({"url": "https://x.example/?q=" + quote(value, safe="")}),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64, 1 before": lambda value: base64.b64encode(f"a{value}bc".encode()).decode(),
    "base64, 2 before": lambda value: base64.b64encode(f"ab{value}c".encode()).decode(),
    "base64url, 1 before": lambda value: base64.urlsafe_b64encode(f"~{value}??".encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
    "base64 of gzip": lambda value: base64.b64encode(gzip.compress(value.encode())).decode(),
    "cut off": lambda value: value[:20] + "…",
    "two lines": lambda value: f"{value[:20]}\n{value[20:]}",
}


@step("spill")
def spill(actor: Actor, *, into: str) -> object:
    """spills what it was trusted with"""
    held = actor.credentials()
    secrets = {each: getattr(held, each) for each in ("private_key", "secret", "passphrase")}
    with open(f"{os.environ['CANARIES']}/{into}", "w", encoding="utf-8") as canaries:
        json.dump({f"{actor.name}.{label}": value for label, value in secrets.items()}, canaries)
    written = [
        f"{label} {way}: {write(value)}" for label, value in secrets.items() for way, write in WAYS.items()
    ]
    with open("processes.txt", "ab") as seen:  # command lines and environments, as anybody here reads them
        for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
            with contextlib.suppress(OSError):
                seen.write(path.read_bytes() + b"\n")
    return INTO[into](written, secrets)


def values(written: list[str], secrets: dict[str, str]) -> object:
    """Nested values: keys, lists, texts, and what a cookie or a header is called like."""
    return {
        "nested": [{"deep": {"texts": written}}],
        "headers": {"x-odd": secrets["secret"]},
        **dict.fromkeys(written, 1),
    }


def out(written: list[str], secrets: dict[str, str]) -> object:
    """Standard output and error, a third party's log records, with arguments and tracebacks; warnings."""
    sys.stdout.write("held back ")
    for line in written:
        print(line)
        print(line, file=sys.stderr)
        logging.getLogger("third.party").warning("asking with %s and %r", line, {"key": line})
        warnings.warn(f"odd: {line}", stacklevel=1)
    try:
        raise ConnectionError(
            f"cannot reach https://user:{secrets['passphrase']}@x.example/{secrets['secret']}"
        )
    except ConnectionError:
        logging.getLogger("third.party").exception("failed with %s", secrets, stack_info=True)
    logging.getLogger("third.party").warning("too few %s %s", secrets["secret"])
    return {"said": len(written)}


def raised(written: list[str], secrets: dict[str, str]) -> object:
    """An exception whose text holds everything."""
    raise ValueError("\n".join(written))


def asked(written: list[str], secrets: dict[str, str]) -> object:
    """A library's own exception that quotes the URL it was given."""
    with httpx.Client() as client:
        client.get(f"http://127.0.0.1:1/{secrets['secret']}\x01?key={secrets['passphrase']}")
    return {}


def attached(written: list[str], secrets: dict[str, str]) -> object:
    """Attachments, steps, parameters and a link of Allure's."""
    import allure

    allure.attach("\n".join(written), name=written[0], attachment_type=allure.attachment_type.TEXT)
    allure.attach(b"\xff\xfe" + secrets["secret"].encode(), name="binary")
    allure.dynamic.parameter("secret", secrets["secret"])
    allure.dynamic.link(f"https://x.example/?q={secrets['secret']}", name=secrets["secret"])
    allure.dynamic.description(written[1])
    with allure.step(f"with {secrets['secret']}"):
        allure.attach(secrets["private_key"], name="inside")
    return {"attached": 3}


def broken(written: list[str], secrets: dict[str, str]) -> object:
    """An error that no step may raise, straight through the harness: a bug of ours, with a traceback."""
    raise KeyboardLikeError(written[0] + secrets["secret"])


class KeyboardLikeError(BaseException):
    """Not an Exception: nothing on the way catches it."""


INTO = {each.__name__: each for each in (values, out, raised, asked, attached, broken)}
