"""Starts and stops anvil, the EVM node, and sees to it that it never outlives the venue."""

from __future__ import annotations

import asyncio
import ctypes
import platform
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from harness.venue.faults import VenueError

_ROOT = Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG = 1
STATES_KEPT = 128  # the newest blocks at which balances can be read; each costs memory
_START_LIMIT_S = 10  # seen: 0.05 to 0.17 s; a loaded machine gets fifty times that
_STOP_LIMIT_S = 5
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def anvil_path(root: Path = _ROOT) -> Path:
    """Where anvil's binary is: under `node_modules` of the checkout or of the current directory, or on PATH.

    Raises VenueError with the next step where there is none.
    """
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
    package = f"node_modules/@foundry-rs/anvil-{sys.platform}-{machine}/bin/anvil"
    for base in (root, Path.cwd()):
        if (base / package).is_file():
            return base / package
    if found := shutil.which("anvil"):
        return Path(found)
    raise VenueError(f"anvil is missing (looked for {package} and on PATH): run `make setup`")


def npm_file(path: str, root: Path = _ROOT) -> Path:
    """A file of an npm package. Raises VenueError with the next step where it is missing."""
    for base in (root, Path.cwd()):
        if (base / "node_modules" / path).is_file():
            return base / "node_modules" / path
    raise VenueError(f"node_modules/{path} is missing: run `make setup`")


def _die_with_parent() -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def in_child() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    return in_child


@dataclass(slots=True)
class Anvil:
    """A running node: its JSON-RPC address, and how to stop it."""

    url: str
    pid: int
    _process: asyncio.subprocess.Process
    _drain: asyncio.Task[None]
    _leash: asyncio.subprocess.Process | None

    async def stop(self) -> None:
        """Stop the node and wait until it is gone."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_LIMIT_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._leash is not None:
            if self._leash.returncode is None:
                self._leash.kill()
            await self._leash.wait()
        await self._drain


async def start_anvil(
    *,
    port: int,
    chain_id: int,
    block_time_s: Decimal | None,
    genesis_s: int | None = None,
    use_prctl: bool = sys.platform == "linux",
) -> Anvil:
    """Start anvil on loopback and wait until it listens; `port` 0 lets it choose.

    It makes a block every `block_time_s`; with None it makes only those that it is asked for.
    `genesis_s` is the time of its first block (Unix seconds), now where it is None.

    Where the kernel can tie it to us (`use_prctl`, Linux) it dies with us even under SIGKILL; elsewhere a
    small shell waits for our end of a pipe to close and then kills it. Raises VenueError.
    """
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--chain-id", str(chain_id)]
    pace = ["--no-mining"] if block_time_s is None else ["--block-time", str(block_time_s)]
    if genesis_s is not None:
        pace += ["--timestamp", str(genesis_s)]
    # a rollback to a state that the node has moved to the disk loses it, code and all: none is moved
    arguments += [*pace, "--prune-history", str(STATES_KEPT), "--color", "never"]
    process = await asyncio.create_subprocess_exec(
        str(anvil_path()),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=_die_with_parent() if use_prctl else None,
        start_new_session=True,  # a Ctrl-C at the terminal is ours to handle
    )
    leash = None if use_prctl else await _leash_to_pipe(process.pid)
    try:
        url = await asyncio.wait_for(_listening(process), _START_LIMIT_S)
    except (TimeoutError, EOFError) as error:
        if process.returncode is None:
            process.kill()
        await process.wait()
        said = str(error) or f"no answer within {_START_LIMIT_S} s"
        raise VenueError(f"anvil did not start ({said}): start it once more") from None
    return Anvil(url, process.pid, process, asyncio.create_task(_discard(process)), leash)


async def _leash_to_pipe(pid: int) -> asyncio.subprocess.Process:
    script = f"cat >/dev/null; kill -9 {pid}"
    return await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", script, stdin=asyncio.subprocess.PIPE, start_new_session=True
    )


async def _listening(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None  # a pipe was asked for
    last = ""
    while line := (await process.stdout.readline()).decode(errors="replace"):
        if "Listening on" in line:
            return "http://" + line.split()[-1]
        last = line.strip() or last
    raise EOFError(last or "it ended at once")


async def _discard(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None  # a pipe was asked for
    while await process.stdout.read(65536):
        pass
