"""Our dictionaries against quickfix's: tags, names, types, codes, members, groups and their order."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import cache

import pytest

from harness.wire.fix import checking
from harness.wire.fix.layout import Field, Layout, read_layouts

from .judge.dictionaries import installed
from .oracles import judged


@cache
def root_of(name: str) -> ET.Element:
    """One of quickfix's dictionaries."""
    return ET.parse(installed(name)).getroot()


def parts(version: str, section: str) -> list[ET.Element]:
    """What the dictionaries of a version have in a section, the session's first."""
    files = ("FIX44.xml",) if version == "4" else ("FIXT11.xml", "FIX50SP2.xml")
    return [part for name in files for part in root_of(name).findall(f"{section}/*")]


def members(node: ET.Element, version: str) -> list[ET.Element]:
    """Fields and groups of a message or group, components opened."""
    components = {part.get("name"): part for part in parts(version, "components")}
    found = []
    for part in node:
        if part.tag == "component":
            found += members(components[part.get("name")], version)
        else:
            found.append(part)
    return found


FAMILIES = {
    "SEQNUM": "INT",
    "LENGTH": "INT",
    "NUMINGROUP": "INT",
    "AMT": "DECIMAL",
    "PRICE": "DECIMAL",
    "QTY": "DECIMAL",
    "PRICEOFFSET": "DECIMAL",
    "MULTIPLEVALUESTRING": "LIST",
    "MULTIPLECHARVALUE": "LIST",
    "MULTIPLESTRINGVALUE": "LIST",
    "CHAR": "TEXT",
    "STRING": "TEXT",
    "EXCHANGE": "TEXT",
    "UTCDATEONLY": "DATE",
    "UTCDATE": "DATE",
    "LOCALMKTDATE": "DATE",
}


@judged("dictionary.dictionary_for", oracle="quickfix's FIX44.xml, FIXT11.xml and FIX50SP2.xml")
def test_every_field_is_one_of_quickfixs() -> None:
    """Tags, names, kinds of type and codes agree with quickfix's dictionaries, in one version at least."""
    fields, _ = read_layouts("5")
    known = parts("4", "fields") + parts("5", "fields")
    for tag, field in fields.items():
        if tag >= checking.USER_DEFINED_FROM:
            continue
        same = [part for part in known if part.get("name") == field.name]
        assert same, field
        assert {part.get("number") for part in same} == {str(tag)}, field
        kinds = {FAMILIES.get(str(part.get("type")), part.get("type")) for part in same}
        assert FAMILIES.get(field.kind, field.kind) in kinds, (field, kinds)
        coded = any(len(part) for part in same)  # quickfix's files give 1137 no codes, and 1128 all of them
        for code, name in field.codes.items() if coded else ():
            names = {value.get("description") for part in same for value in part if value.get("enum") == code}
            assert name in names, (field.name, code, name, names)


@judged("dictionary.dictionary_for", oracle="quickfix's FIX44.xml, FIXT11.xml and FIX50SP2.xml")
@pytest.mark.parametrize("version", ["4", "5"])
def test_every_message_is_one_of_quickfixs(version: str) -> None:
    """Each message's members and groups are quickfix's, in groups in the same order, and as required."""
    fields, layouts = read_layouts(version)
    for msg_type, layout in layouts.items():
        [node] = [part for part in parts(version, "messages") if part.get("msgtype") == msg_type][:1]
        assert node.get("name") == layout.name
        header, trailer = (
            [
                part
                for name in (("FIX44.xml",) if version == "4" else ("FIXT11.xml",))
                for part in root_of(name).findall(where)
            ]
            for where in ("header/*", "trailer/*")
        )
        body = ET.Element("body")
        body.extend([*header, *members(node, version), *trailer])
        compare(layout, body, version, fields)


def compare(layout: Layout, node: ET.Element, version: str, fields: dict[int, Field]) -> None:
    """One message or group against quickfix's."""
    theirs = members(node, version)
    order = [str(part.get("name")) for part in theirs]
    ours = [fields[tag].name for tag in layout.members]
    assert set(ours) <= set(order), (layout.name, set(ours) - set(order))
    if layout.tag:
        assert ours[0] == order[0], layout.name
        assert [order.index(name) for name in ours] == sorted(order.index(name) for name in ours), layout.name
    else:
        direct = {
            str(part.get("name")) for part in node if part.get("required") == "Y" and part.tag != "component"
        }
        required = {fields[tag].name for tag in layout.required}
        missing = direct & set(ours) - required - {"Symbol"}
        assert not missing, (layout.name, missing)
    for part in theirs:
        if part.tag == "group" and part.get("name") in ours:
            tag = layout.members[ours.index(str(part.get("name")))]
            compare(layout.groups[tag], part, version, fields)
