"""Reading `examples:`: a table of named rows, each with the same columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.case.channels import WALLETS, Cast
from harness.case.form import Form, filled, templates_in
from harness.case.values import Row
from harness.errors import Problem
from harness.references import Template
from harness.strictyaml import Mapping

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TAKEN: Final = ("broken", "fixed")


def wrong_wallets(cast: Cast, rows: tuple[Row, ...]) -> Iterator[Problem]:
    """Actors whose wallet refers to something else than a column of kinds of wallets."""
    for actor in cast.actors:
        if not isinstance(actor.wallet, Template):
            continue
        whole = actor.wallet.whole
        values = [row.values.get(whole.root) for row in rows] if whole is not None and not whole.path else []
        if not values or not all(isinstance(value, str) and value in WALLETS for value in values):
            text = (
                f"the wallet of {actor.name!r} is {', '.join(WALLETS)}, or a column of 'examples' with these"
            )
            yield Problem(actor.wallet.place, "C067", text)


def read_examples(form: Form) -> tuple[Row, ...]:
    """The rows of a case; none where it has no table. A row is an item and a proof of its own."""
    node = form.node("examples")
    if node is None:
        return ()
    shape = "maps row names to columns, such as {dime: {price: 0.1}, dollar: {price: 0.5}}"
    if not isinstance(node, Mapping) or not node.entries:
        form.problem(node.place, "C034", f"'examples' {shape}")
        return ()
    rows: list[Row] = []
    for key, value in node.entries:
        if key.text in _TAKEN:
            text = f"{key.text!r} is the name of a proof: give the row a name that says what is in it"
            form.problem(key.place, "C034", text)
        elif not _NAME.fullmatch(key.text):
            text = f"{key.text!r} is no name of a row: small letters, digits, - and _, such as ask-at-7"
            form.problem(key.place, "C034", text)
        if not isinstance(value, Mapping) or not value.entries:
            form.problem(value.place, "C034", f"the row {key.text!r} has no columns: 'examples' {shape}")
            continue
        values = {column.text: filled(cell, form.problems) for column, cell in value.entries}
        for template in templates_in(values):
            form.problem(template.place, "C034", f"a cell of 'examples' is plain, and {template} is not")
        if rows and set(values) != set(rows[0].values):
            odd = sorted(set(values) ^ set(rows[0].values))
            text = f"the row {key.text!r} and the row {rows[0].name!r} differ in columns: {', '.join(odd)}"
            form.problem(value.place, "C034", text)
        rows.append(Row(key.text, values))
    return tuple(rows)
