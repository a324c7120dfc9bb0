"""The engine's data dictionaries: quickfix's own files, cut down to the messages in scope and kept.

FIX50SP2.xml whole loads in more than a second, every time; what is left of it here in a twentieth of that.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from harness.files import write_atomically

FILES: Final = {"FIXT.1.1": ("FIXT11", "FIX50SP2"), "FIX.4.4": ("FIX44",)}
IN_SCOPE: Final = (
    "BusinessMessageReject",
    "ExecutionReport",
    "MarketDataIncrementalRefresh",
    "MarketDataRequest",
    "MarketDataRequestReject",
    "MarketDataSnapshotFullRefresh",
    "NewOrderSingle",
    "OrderCancelReject",
    "OrderCancelReplaceRequest",
    "OrderCancelRequest",
    "OrderMassStatusRequest",
    "OrderStatusRequest",
)
EXCHANGE_VALUES: Final = {"SecurityType": ("EVENT", "EVENT_CONTRACT")}
"""Values that the exchange documents and FIX does not list: a customer's dictionary has them."""
_DISTRIBUTIONS: Final = ("quickfix-ssl", "quickfix")


class DictionaryMissing(Exception):
    """The wheel's dictionaries are not where it puts them: the installation's fault."""


def dictionaries_for(begin_string: str) -> tuple[Path, ...]:
    """The files of one version of FIX, trimmed: transport and application, or the one that is both.

    Raises DictionaryMissing, and FileError where they cannot be kept.
    """
    return tuple(_trimmed(name) for name in FILES[begin_string])


def _trimmed(name: str) -> Path:
    source, version = _original(name)
    scope = hashlib.sha256("\n".join((version, *IN_SCOPE, repr(EXCHANGE_VALUES))).encode()).hexdigest()[:12]
    kept = _cache() / f"{name}-{version}-{scope}.xml"
    if not kept.exists():
        root = ElementTree.parse(source).getroot()
        _trim(root)
        write_atomically(kept, ElementTree.tostring(root, encoding="utf-8"))
    return kept


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "escalation-harness" / "quickfix"


def _original(name: str) -> tuple[Path, str]:
    """Where the wheel put a dictionary, and the wheel's version."""
    for distribution in _DISTRIBUTIONS:
        try:
            installed = importlib.metadata.distribution(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
        for file in installed.files or ():
            if file.name == f"{name}.xml":
                return Path(str(file.locate())).resolve(), installed.version
    raise DictionaryMissing(f"quickfix's {name}.xml is missing: install the extra 'fix' again")


def _trim(root: Element) -> None:
    """Drop the application messages out of scope, then the components and fields that nothing names."""
    messages, components, fields = (_part(root, name) for name in ("messages", "components", "fields"))
    for message in list(messages):
        if message.get("msgcat") == "app" and message.get("name") not in IN_SCOPE:
            messages.remove(message)
    bodies = {component.get("name", ""): component for component in components}
    named: set[str] = set()
    used: set[str] = set()
    waiting = [_part(root, "header"), _part(root, "trailer"), messages]
    while waiting:
        for row in waiting.pop().iter():
            name = row.get("name", "")
            if row.tag in ("field", "group"):
                named.add(name)
            elif row.tag == "component" and name not in used:
                used.add(name)
                waiting.append(bodies[name])
    for parent, wanted in ((components, used), (fields, named)):
        for row in [row for row in parent if row.get("name", "") not in wanted]:
            parent.remove(row)
    for field in fields:
        if field.get("name") in EXCHANGE_VALUES:
            code, name = EXCHANGE_VALUES[field.get("name", "")]
            ElementTree.SubElement(field, "value", {"enum": code, "description": name})


def _part(root: Element, name: str) -> Element:
    found = root.find(name)
    if found is None:
        raise DictionaryMissing(f"quickfix's dictionary has no <{name}>")
    return found
