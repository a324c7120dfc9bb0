"""Who may look into a folder: nobody else while something is recorded there, then whoever may look above."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

_OWN: Final = 0o700


def share_folder(path: Path) -> None:
    """Give the folder of a file that was sealed clean the mode of the folder above it, if it is private.

    Where that is refused it stays private, and nothing else is lost.
    """
    folder = path.parent
    with suppress(OSError):
        if stat.S_IMODE(folder.stat().st_mode) == _OWN:
            folder.chmod(stat.S_IMODE(folder.parent.stat().st_mode))
