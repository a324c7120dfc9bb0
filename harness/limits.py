"""Named limits. Each says in its comment what it protects and which precedent set it."""

from __future__ import annotations

from typing import Final

# ---- case files (strictyaml) -------------------------------------------------------------------
# The largest case anybody wrote by hand is under 8 KiB; 256 KiB leaves room for a pasted body.
YAML_TEXT_BYTES: Final = 256 * 1024
# libyaml's own composer dies (SIGSEGV) on 100 000 nested brackets; msgspec and the standard JSON
# reader stop near 1 000. A case that people can read stays under 12.
YAML_DEPTH: Final = 32
# An "alias bomb" of 305 bytes makes 5 million nodes elsewhere; here a node costs its text.
YAML_NODES: Final = 20_000
# One text in a case: a signed order or a FIX message is under 4 KiB; 64 KiB holds a whole HTML error page.
YAML_SCALAR_BYTES: Final = 64 * 1024
# 2**256 - 1, the largest integer that a contract knows, has 78 digits; CPython refuses 4 300.
YAML_INT_DIGITS: Final = 78
# The largest power of ten that a double carries: no venue's JSON reader holds more.
YAML_EXPONENT: Final = 308
# Problems reported for one file: nobody reads more at a time (compilers stop at 20 to 100).
YAML_PROBLEMS: Final = 50
# Texts without their quotes that reading goes on behind; each costs one more reading of the file (and all
# readings together no more values than one file may have).
YAML_MENDS: Final = 10

# ---- JSON on the wire ---------------------------------------------------------------------------
# msgspec and the standard reader stop near 1 000, at Python's own limit; our deepest message has 8 levels.
JSON_DEPTH: Final = 200

# ---- references --------------------------------------------------------------------------------
# What one text with references may become; the same as one text in a case.
REFERENCE_TEXT_BYTES: Final = 64 * 1024
# Names and parts in one reference: `${round[*].fill.legs[0].price}` has six.
REFERENCE_PARTS: Final = 16
# An index or a shift has at most so many digits: 999 999 999 s is 31 years.
REFERENCE_DIGITS: Final = 9

# ---- matchers ----------------------------------------------------------------------------------
# A received value is walked no deeper than this (our own JSON nests 5 levels; the venue's 8).
VALUE_DEPTH: Final = 64
# Differences reported for one expectation.
DIFFERENCES: Final = 50
# A value is shown with at most so many characters: about two lines of a terminal.
SHOWN_CHARACTERS: Final = 160
# A `$matches` pattern: characters, states of its machine (RE2's default budget is far larger, but
# ours runs in Python), and the text it searches.
PATTERN_CHARACTERS: Final = 500
PATTERN_STATES: Final = 500
PATTERN_REPEAT: Final = 100
PATTERN_TEXT_CHARACTERS: Final = 64 * 1024
# Items that `$unordered` pairs: each is tried with each, and 300 mappings take about a second.
UNORDERED_ITEMS: Final = 300
