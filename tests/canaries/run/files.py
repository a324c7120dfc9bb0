"""Cassettes that are not what they are called: of another case, another row, cut, changed, or mislabelled."""

from __future__ import annotations

from harness.seal import sealed, unsealed

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


def resealed(data: bytes, old: bytes, new: bytes) -> bytes:
    """A recording with something else in it, and a seal that fits."""
    content = unsealed(data, "a copy").replace(old, new, 1)
    return sealed(content, content.count(b"\n") - 1)


@canary("ESC-1118")
def line_of_no_kind(copy: Copy) -> None:
    """One line of the recording is none that the harness writes, and the seal fits."""
    copy.damage = lambda data: resealed(data, b'"kind":"open"', b'"kind":"opened"')


@canary("ESC-1118")
def lines_out_of_order(copy: Copy) -> None:
    """Two lines of the recording changed places, and the seal fits."""
    copy.damage = lambda data: resealed(data, b'{"n":5,', b'{"n":7,')


@canary("ESC-1118")
def another_format(copy: Copy) -> None:
    """The recording was written by a later harness."""
    copy.damage = lambda data: resealed(data, b'{"harness":1,', b'{"harness":2,')


@canary("ESC-1118")
def merge_conflict(copy: Copy) -> None:
    """Two recordings were merged by git."""
    copy.damage = lambda data: data.replace(b'\n{"n":5', b'\n<<<<<<< HEAD\n{"n":5', 1)


@canary("ESC-1118")
def no_cassette(copy: Copy) -> None:
    """The recording was never made, or not committed."""
    copy.damage = lambda data: None


@canary("ESC-1118")
def horizon_lost(copy: Copy) -> None:
    """The recording does not say how long a stream was watched."""
    copy.drop(*copy.events("horizon", "ws.user"))
    copy.check("never: {ws: user, as: alice, where: {status: FAILED}}", "within: 100ms")


@canary("ESC-1118")
def lane_lost(copy: Copy) -> None:
    """What a step sent is not in the recording."""
    copy.drop(*copy.events("send", "rest", "reads-matched"), *copy.events("answer", "rest", "reads-matched"))


@canary("ESC-1118")
def inputs_lost(copy: Copy) -> None:
    """The recording does not say who acted in it."""
    del copy.header["inputs"]["chain"]


@canary("ESC-1093", "broken")
def broken_whose_step_passes(copy: Copy) -> None:
    """The recording says that it is red, and the step of the symptom holds."""
    copy.lines = copy.of("ESC-1093", "fixed")
    copy.header["name"] = "broken"
