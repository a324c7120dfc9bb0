"""Cassettes that are not what they are called: of another case, another row, cut, changed, or mislabelled."""

from __future__ import annotations

from .copied import Copy
from .pack import canary


@canary("ESC-1118")
def cassette_of_another_case(copy: Copy) -> None:
    """The recording was made for another case."""
    copy.lines = copy.of("ESC-1001", "fixed")


@canary("ESC-1012", row="ten-at-29")
def cassette_of_another_row(copy: Copy) -> None:
    """The recording was made for another row."""
    copy.lines = copy.of("ESC-1012", "fixed", "hundred-at-57")


@canary("ESC-1118", "broken")
def fixed_given_as_broken(copy: Copy) -> None:
    """The recording of the fix was renamed."""
    copy.lines = copy.of("ESC-1118", "fixed")


@canary("ESC-1118", "broken")
def broken_that_passes(copy: Copy) -> None:
    """The recording says that it is red, and every step and check of it holds."""
    copy.lines = copy.of("ESC-1118", "fixed")
    copy.header["name"] = "broken"


@canary("ESC-1118")
def fixed_that_is_red(copy: Copy) -> None:
    """The recording says that it is green, and shows the symptom."""
    copy.lines = copy.of("ESC-1118", "broken")
    copy.header["name"] = "fixed"


@canary("ESC-1118")
def one_byte_changed(copy: Copy) -> None:
    """One digit of a sealed recording is another."""
    copy.damage = lambda data: data.replace(b'"at_us":', b'"at_us":1', 1)


@canary("ESC-1118")
def seal_cut_off(copy: Copy) -> None:
    """The end of the recording is missing."""
    copy.damage = lambda data: data[:-40]


@canary("ESC-1118")
def line_taken_out(copy: Copy) -> None:
    """One whole line of a sealed recording is missing."""
    copy.damage = lambda data: b"".join(data.splitlines(keepends=True)[:20] + data.splitlines(keepends=True)[21:])


@canary("ESC-1118")
def merge_conflict(copy: Copy) -> None:
    """Two recordings were merged by git."""
    copy.damage = lambda data: data.replace(b'\n{"n":5', b'\n<<<<<<< HEAD\n{"n":5', 1)


@canary("ESC-1118")
def no_cassette(copy: Copy) -> None:
    """The recording was never made, or not committed."""
    copy.damage = lambda data: b""


@canary("ESC-1118")
def horizon_lost(copy: Copy) -> None:
    """The recording does not say how long a stream was watched."""
    copy.drop(*copy.events("horizon", "ws.user"))
    copy.drop(copy.frame("ws.user", event_type="trade", status="CONFIRMED")[0])


@canary("ESC-1118")
def lane_lost(copy: Copy) -> None:
    """What a step sent is not in the recording."""
    copy.drop(*copy.events("send", "rest", "reads-matched"), *copy.events("answer", "rest", "reads-matched"))


@canary("ESC-1118")
def inputs_lost(copy: Copy) -> None:
    """The recording does not say who acted in it."""
    del copy.header["inputs"]["chain"]
