"""Another exchange of this machine, which a run is pointed at as its staging, local or production target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from venue.bench import Bench as Control
from venue.bench import start_venue, stop_venue

FIX = """
[targets.{name}.fix]
host = "{host}"
port = {port}
order_entry = {{sender = "{order_entry[sender]}", target = "{order_entry[target]}"}}
drop_copy = {{sender = "{drop_copy[sender]}", target = "{drop_copy[target]}"}}
"""
MARKER = 'environment = {{host = "control", path = "/health", field = "environment", is = "{said}"}}\n'


@dataclass(frozen=True, slots=True)
class Exchange:
    """A venue that runs on its own, and outlives the runs against it."""

    ready: Mapping[str, Any]
    control: Control
    pid: int

    def configured(
        self, name: str, kind: str, *, marked: str | None = None, more: str = "", **changed: str
    ) -> str:
        """The tables of a configuration that name it as a target."""
        channels = ("rest", "ws", "chain", "control", "data")
        urls = {channel: self.ready[channel] for channel in channels} | changed
        lines = [f"[targets.{name}]", f'kind = "{kind}"', f"chain_id = {self.ready['chain_id']}"]
        lines += [f'{channel} = "{url}"' for channel, url in urls.items() if url]
        text = "\n".join(lines) + "\n" + (MARKER.format(said=marked) if marked else "") + more
        return text + FIX.format(name=name, **self.ready["fix"])

    def open_orders(self) -> list[tuple[str, str]]:
        """What rests in the venue's own books: (price, size) of every level of every market."""
        levels = []
        for market in self.control.control("/markets"):
            for token in (market["yes"], market["no"]):
                book = self.control.http.get(f"{self.ready['rest']}/book", params={"token_id": token}).json()
                levels += [(each["price"], each["size"]) for side in ("bids", "asks") for each in book[side]]
        return levels


@contextmanager
def exchange(build: str, environment: str, *options: str) -> Iterator[Exchange]:
    """A running venue that says it is this environment."""
    process, ready = start_venue(build, "--environment", environment, *options)
    control = Control(ready)
    try:
        yield Exchange(ready, control, process.pid)
    finally:
        control.http.close()
        stop_venue(process)
