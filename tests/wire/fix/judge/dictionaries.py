"""quickfix's own dictionaries, trimmed to what scripts use: whole, FIX50SP2 takes a second to load."""

from __future__ import annotations

import importlib.metadata
import xml.etree.ElementTree as ET
from pathlib import Path

MESSAGES = {
    *("Heartbeat", "TestRequest", "ResendRequest", "Reject", "SequenceReset", "Logout", "Logon"),
    *("NewOrderSingle", "ExecutionReport", "OrderCancelRequest", "BusinessMessageReject"),
}


def installed(name: str) -> Path:
    """Where the installed quickfix keeps a dictionary; LookupError where it keeps none."""
    for distribution in ("quickfix-ssl", "quickfix"):
        try:
            files = importlib.metadata.files(distribution) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for file in files:
            if file.name == name:
                return Path(str(file.locate())).resolve()
    raise LookupError(f"no installed quickfix has {name}: install the extra `fix`")


def trimmed(name: str, into: Path) -> Path:
    """Write a dictionary that knows only MESSAGES and what they are made of."""
    tree = ET.parse(installed(name))
    root = tree.getroot()
    messages, components, fields = (_part(root, part) for part in ("messages", "components", "fields"))
    for message in list(messages):
        if message.get("name") not in MESSAGES:
            messages.remove(message)
    by_name = {component.get("name"): component for component in components}
    kept: set[str | None] = set()
    names: set[str | None] = set()

    def walk(node: ET.Element) -> None:
        for part in node.iter():
            if part.tag in ("field", "group"):
                names.add(part.get("name"))
            elif part.tag == "component" and part is not node and part.get("name") not in kept:
                kept.add(part.get("name"))
                walk(by_name[part.get("name")])

    for section in ("header", "trailer", "messages"):
        walk(_part(root, section))
    for component in list(components):
        if component.get("name") not in kept:
            components.remove(component)
    for field in list(fields):
        if field.get("name") not in names:
            fields.remove(field)
    path = into / name
    tree.write(path)
    return path


def _part(root: ET.Element, name: str) -> ET.Element:
    part = root.find(name)
    if part is None:
        raise LookupError(f"the dictionary has no {name}")
    return part
