"""Pictures that the program saved itself, of the screen and from the clipboard: they leave with their documents.

Nobody else knows of these files. All others are the user's, and are never deleted.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

from desktop_ocr.core.ledger import Ledger

log = logging.getLogger(__name__)

ENDING = ".png"


class OwnPictures:
    """Deletes pictures whose documents were deleted for good."""

    def __init__(self, folder: Path | None, ledger: Ledger) -> None:
        """`folder` has nothing but such pictures; None: none are deleted."""
        self._folder = folder
        self._ledger = ledger

    def drop(self, path: str) -> None:
        """Delete the file of a document that has gone, if it is ours and no other document is made of it.

        One that cannot be deleted stays, and is logged.
        """
        file = Path(path)
        if self._folder is None or file.suffix != ENDING or os.path.normpath(path) != path:
            return
        folders = {self._folder, Path(os.path.realpath(self._folder))}  # as it is called, and without links
        if file.parent not in folders or any(self._ledger.files.named(str(one / file.name)) for one in folders):
            return
        try:
            if stat.S_ISREG(file.lstat().st_mode):  # no link: what it leads to is somebody else's
                file.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("a picture of a deleted document stays: %s", error)
