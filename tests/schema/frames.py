"""Examples of the reference, put into the case that they stand in.

A section says where its words stand (`stands`, with … for their mapping). The mapping is the section's own
`beside`, then the words that must be there (of each choice, the first), then what stands beside the word
shown, then the word: each with its example, the later over the earlier. Lists of the case (`steps`, `given`,
`checks`, `finally`) are added to those of the stage; other keys take the place of its own.
"""

from __future__ import annotations

from harness.case.kinds import KINDS
from harness.case.words import Word
from harness.report.sections import HERE, STAGE, Section

_LISTS = ("given", "steps", "finally", "checks")


def entries(lines: str) -> dict[str, str]:
    """`key: value` lines as keys and the text of their values."""
    return dict(line.split(": ", 1) for line in lines.split("\n") if line)


def example_case(section: Section, word: Word) -> str:
    """The case in which the example of a word stands."""
    given = {**entries(section.beside), **entries(word.beside), word.name: word.example}
    return case({**entries(section.beside), **_needed(section, given), **given}, section.stands)


def _needed(section: Section, given: dict[str, str]) -> dict[str, str]:
    """What must be there; the stage has it, and of a kind with verbs, each word says what goes with it."""
    if not section.stands or (section.title in KINDS and KINDS[section.title].verbs):
        return {}
    found: dict[str, str] = {}
    chosen = {word.choice for word in section.words if word.name in given}
    for word in section.words:
        if word.required or (word.choice and word.choice not in chosen):
            found[word.name] = word.example
            chosen.add(word.choice)
    return found


def case(mapping: dict[str, str], stands: str) -> str:
    """The stage with this mapping where `stands` says; "" is the case itself."""
    if stands:
        flow = "{" + ", ".join(f"{key}: {value}" for key, value in mapping.items()) + "}"
        key, value = stands.replace(HERE, flow).split(": ", 1)
        mapping = {key: value}
    blocks = _blocks(STAGE)
    for key, value in mapping.items():
        if key in _LISTS:
            added = value.removeprefix("[").removesuffix("]")
            blocks[key] = [*blocks.get(key, [f"{key}:"]), *_items(added)]
        else:
            blocks[key] = [f"{key}: {value}"]
    return "\n".join(line for block in blocks.values() for line in block) + "\n"


def _blocks(text: str) -> dict[str, list[str]]:
    blocks: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith(" "):
            blocks[line.split(":")[0]] = []
        blocks[list(blocks)[-1]].append(line)
    return blocks


def _items(flow: str) -> list[str]:
    """The mappings of a flow list, each an item of a block list."""
    items, depth, start = [], 0, 0
    for at, sign in enumerate(flow):
        depth += (sign in "{[") - (sign in "}]")
        if sign == "," and not depth:
            items.append(flow[start:at])
            start = at + 1
    return [f"  - {item.strip()}" for item in (*items, flow[start:])]
