"""The command `harness`: everything that is not a pytest run.

This module loads next to nothing, and `main` all else: from there on a Ctrl-C ends in one line.
"""

from __future__ import annotations

import errno
import os
import sys

TYPE_CHECKING = False  # typing takes longer to load than all that is loaded here
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

WRONG = 2
STOPPED = 130
NOBODY_READS = 128 + 13
"""What a shell tells of a program that SIGPIPE ended, so that `harness gate … | head` never says *ship*."""

_OUTPUT_IS_LOST = (errno.EPIPE, errno.ENOSPC, errno.EIO)  # the reader, the disk, the terminal


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Without arguments given, the process is ours to end."""
    if argv is not None:
        return _ran(argv, lambda: None)
    try:
        _end_at_once()
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.reconfigure(errors="backslashreplace")  # where letters are few
        code = _ran(sys.argv[1:], _begin)
        _end_at_once()
    except KeyboardInterrupt:
        code = _stopped()
    except SystemExit as end:  # help, or a slip
        code = int(end.code or 0)
    except OSError as error:
        if error.errno not in _OUTPUT_IS_LOST or error.filename is not None:
            raise
        code = _unwritten(error)
    return _written(code)


def _ran(arguments: Sequence[str], begin: Callable[[], None]) -> int:
    from harness.errors import HarnessError

    try:
        from harness.commands.choice import chosen

        command, options = chosen(arguments)
        run = command.load()
        begin()
        return run(options)
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return _stopped()


def _stopped() -> int:
    print("harness: stopped", file=sys.stderr)
    return STOPPED


def _end_at_once() -> None:
    """Let Ctrl-C end the process where nothing has begun, or all is done; who ignores it goes on ignoring it.

    An exception would not do: where it comes inside of an import, Python may tell of it and go on.
    """
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def _begin() -> None:
    """Let Ctrl-C interrupt what runs, so that it can put things in order."""
    import signal

    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_: int, __: FrameType | None) -> None:
    try:
        os.write(2, b"harness: stopped\n")
    finally:
        os._exit(STOPPED)


def _written(code: int) -> int:
    """Write what is still held back: the exit code, another one where nobody takes it."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # or Python tries again, and complains
            code = _unwritten(error)
    return code


def _unwritten(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        return NOBODY_READS
    print(f"harness: the output cannot be written: {error.strerror}", file=sys.stderr)
    return WRONG


if __name__ == "__main__":
    sys.exit(main())
