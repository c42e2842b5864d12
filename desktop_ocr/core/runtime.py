"""The temporary folder in which bitmaps cross between processes. It is bounded: its users delete what they made."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

from desktop_ocr.core.ledger import owner_alive, process_owner


class RuntimeFolder:
    """This process' folder, named after its pid and start time."""

    def __init__(self, root: Path) -> None:
        """Make the folder.

        Args:
            root: the user's folder for all processes; made for this user alone.

        Raises:
            OSError: it cannot be made, or belongs to another user.
        """
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if hasattr(os, "getuid") and root.stat().st_uid != os.getuid():
            raise PermissionError(13, "belongs to another user", str(root))
        self._root = root
        self.path = root / process_owner().replace(":", "-")
        self.path.mkdir(exist_ok=True, mode=0o700)
        self._numbers = itertools.count(1)

    def new_file(self, suffix: str) -> Path:
        """A name that nobody uses; the file is not made."""
        return self.path / f"{next(self._numbers):06d}{suffix}"

    def sweep(self) -> int:
        """Delete the folders of processes that are gone; returns how many."""
        swept = 0
        for folder in self._root.iterdir():
            if folder != self.path and not owner_alive(folder.name.replace("-", ":", 1)):
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
        return swept

    def remove(self) -> None:
        """Delete this process' folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)
