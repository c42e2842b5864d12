"""What the user hands to the window by dropping, pasting or choosing, as paths."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter

from desktop_ocr.gui.words import tr
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


def can_take(mime: QMimeData) -> bool:
    """Whether something dragged has files, or is a picture."""
    return any(url.isLocalFile() for url in mime.urls()) or mime.hasImage()


def paths_of(urls: list[QUrl]) -> list[Path]:
    """The local files and folders among some addresses."""
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile() and url.toLocalFile()]


def contents(mime: QMimeData | None) -> list[Path] | QImage:
    """The files in some mime data, or the picture, or nothing. Not for later: the data are gone with the event."""
    if mime is None:
        return []
    paths = paths_of(mime.urls())
    if not paths and mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return image
    return paths


async def paths_from(taken: list[Path] | QImage, pasted: Path) -> list[Path]:
    """The files among `contents`; a picture is saved as a PNG file in the folder `pasted` first.

    Raises:
        DesktopOcrError: there is nothing, or the picture cannot be saved.
    """
    if isinstance(taken, QImage):
        return [await asyncio.to_thread(save_picture, taken, pasted)]
    if taken:
        return taken
    raise DesktopOcrError(
        ErrorCode.NO_DOCUMENTS,
        tr("There is no picture and no file in the clipboard."),
        tr("Copy a picture or some files first."),
    )


def clipboard() -> QMimeData | None:
    """What has been copied."""
    return QGuiApplication.clipboard().mimeData()


def save_picture(image: QImage, folder: Path, name: str = "Pasted") -> Path:
    """Save a picture under a new name, which begins with `name`. Takes its time: not for the window's thread.

    Raises:
        DesktopOcrError: it cannot be written.
    """
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d %H.%M.%S")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{name} {stamp}.png"
        number = 2
        while path.exists():
            path = folder / f"{name} {stamp} ({number}).png"
            number += 1
    except OSError as error:
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION, tr("The picture could not be saved: {why}.").format(why=error)
        ) from error
    # Written under another name first: a file that is there is whole.
    partial = path.with_suffix(".part")
    if not QImageWriter(str(partial), QByteArray(b"png")).write(image):
        partial.unlink(missing_ok=True)
        raise DesktopOcrError(
            ErrorCode.DISK_FULL,
            tr("The picture could not be saved in {folder}.").format(folder=folder),
            tr("Is the disk full?"),
        )
    return partial.replace(path)
