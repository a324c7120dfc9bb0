"""The acceptor's data dictionaries: quickfix's own files, cut down to the messages in scope.

FIX50SP2.xml loads in 1.1 s, and what is left of it here in 0.06 s. Where the exchange documents a field as
required or optional, or a value, and FIX says otherwise, the exchange is right.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from harness.venue.faults import VenueError

DISTRIBUTIONS: Final = ("quickfix-ssl", "quickfix")
IN_SCOPE: Final = (
    "BusinessMessageReject",
    "ExecutionReport",
    "NewOrderSingle",
    "OrderCancelReject",
    "OrderCancelReplaceRequest",
    "OrderCancelRequest",
    "OrderStatusRequest",
)
_REQUIRED: Final = {
    "NewOrderSingle": {"ClOrdID", "Instrument", "Side", "OrderQtyData", "OrdType"},
    "OrderCancelRequest": {"ClOrdID", "OrigClOrdID", "Instrument"},
    "OrderCancelReplaceRequest": {
        *("ClOrdID", "OrigClOrdID", "Instrument", "Side", "OrdType", "OrderQtyData"),
    },
    "OrderStatusRequest": {"Instrument"},
}
_VALUES: Final = {"SecurityType": "EVENT"}


def trimmed(name: str, directory: Path) -> Path:
    """`FIX50SP2`, cut down, as a file of `directory`; made where it is not there yet. Raises VenueError."""
    target = directory / f"{name}.xml"
    if not target.exists():
        tree = ElementTree.parse(original(name))
        _trim(tree.getroot())
        tree.write(target)
    return target


def original(name: str) -> Path:
    """Where the wheel put a dictionary. Raises VenueError where it is not there."""
    for distribution in DISTRIBUTIONS:
        try:
            files = importlib.metadata.files(distribution) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for file in files:
            if file.name == f"{name}.xml":
                return Path(str(file.locate())).resolve()
    raise VenueError(f"quickfix's {name}.xml is missing: install quickfix-ssl again")


def _trim(root: Element) -> None:
    messages, components, fields = (_part(root, name) for name in ("messages", "components", "fields"))
    for message in list(messages):
        if message.get("msgcat") == "app" and message.get("name") not in IN_SCOPE:
            messages.remove(message)
        elif (required := _REQUIRED.get(message.get("name", ""))) is not None:
            for row in message:
                row.set("required", "Y" if row.get("name") in required else "N")
    by_name = {component.get("name", ""): component for component in components}
    used: set[str] = set()
    named: set[str] = set()
    for part in (_part(root, "header"), _part(root, "trailer"), messages):
        _walk(part, by_name, used, named)
    _keep(components, used)
    _keep(fields, named)
    for field in fields:
        if (value := _VALUES.get(field.get("name", ""))) is not None:
            field.append(Element("value", {"enum": value, "description": value}))


def _walk(node: Element, components: dict[str, Element], used: set[str], named: set[str]) -> None:
    for row in node:
        name = row.get("name", "")
        if row.tag in ("field", "group"):
            named.add(name)
        if row.tag == "component" and name not in used:
            used.add(name)
            _walk(components[name], components, used, named)
        _walk(row, components, used, named)


def _keep(parent: Element, names: set[str]) -> None:
    for row in list(parent):
        if row.get("name", "") not in names:
            parent.remove(row)


def _part(root: Element, name: str) -> Element:
    found = root.find(name)
    if found is None:
        raise VenueError(f"quickfix's dictionary has no <{name}>")
    return found
