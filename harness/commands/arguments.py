"""A parser that keeps the lines of its help as written, and says what a misspelt word may have meant."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn


class Arguments(argparse.ArgumentParser):
    """A parser of one command."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs)

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse; a slip ends the process with usage, what is wrong, and exit code 2.

        An unknown option is told before what it leaves missing: `--form` is no `--from`, and told as that.
        """
        known = [name for action in self._actions for name in action.option_strings]
        for each in arguments:
            if each == "--":
                break
            name = each.partition("=")[0]
            if name.startswith("--") and " " not in name and not any(one.startswith(name) for one in known):
                self.unknown("option", name, known)
        return self.parse_args(arguments)

    def unknown(self, what: str, word: str, known: Iterable[str]) -> NoReturn:
        """End the process over a word that there is not, with the nearest that there is."""
        from harness.matchers.nearest import nearest

        near = nearest(word, known)
        hint = f"did you mean {near}?" if near else f"{self.prog} --help tells what there is"
        self.error(f"unknown {what} {word}: {hint}")
