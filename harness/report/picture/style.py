"""The picture's colours and letters, once for a light and once for a dark page; no resource is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SANS: Final = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif"
_MONO: Final = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

_LIGHT: Final[Mapping[str, str]] = {
    "page": "#ffffff", "edge": "#d0d7de", "band": "#f6f8fa", "line": "#d8dee4", "ink": "#1f2328",
    "soft": "#59636e", "red": "#c21d29", "redpage": "#ffecea", "green": "#1a7f37", "greenpage": "#e2f8e8",
    "rest": "#0969da", "ws": "#8250df", "fix": "#bc4c00", "chain": "#0f766e", "other": "#57606a",
}  # fmt: skip
_DARK: Final[Mapping[str, str]] = {
    "page": "#0d1117", "edge": "#30363d", "band": "#151b23", "line": "#2b323b", "ink": "#e6edf3",
    "soft": "#9198a1", "red": "#ff7b72", "redpage": "#36181b", "green": "#56d364", "greenpage": "#10281a",
    "rest": "#58a6ff", "ws": "#bc8cff", "fix": "#f0883e", "chain": "#39c5bb", "other": "#9198a1",
}  # fmt: skip
CHANNELS: Final = ("rest", "ws", "fix", "chain")


def colour_of(channel: str) -> str:
    """The class of a channel's colour."""
    head = channel.partition(".")[0].partition("(")[0]
    return head if head in CHANNELS else "other"


def style() -> str:
    """The style sheet: plain values first, so that a viewer without media queries shows the light one."""
    fixed = (
        f"text{{font-family:{_SANS};font-size:12px}}.mono{{font-family:{_MONO};font-size:11px;white-space:pre}}"
        ".bold{font-weight:600}.title{font-size:19px;font-weight:600}.head{font-size:15px}.small{font-size:11px}"
        ".time{font-family:" + _MONO + ";font-size:11px;text-anchor:end}.mid{text-anchor:middle}"
        ".end{text-anchor:end}.halo{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}"
    )
    return fixed + _rules(_LIGHT) + f"@media (prefers-color-scheme:dark){{{_rules(_DARK)}}}"


def _rules(colours: Mapping[str, str]) -> str:
    filled = "".join(
        f".f-{name}{{fill:{value}}}.s-{name}{{stroke:{value}}}" for name, value in colours.items()
    )
    return f"{filled}.halo{{stroke:{colours['page']}}}.halo-band{{stroke:{colours['band']}}}"
