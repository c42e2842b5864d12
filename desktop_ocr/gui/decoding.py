"""Pictures of pages from bytes to pixels, in threads beside the window's own, and without a deadlock between the two.

Qt looks for the plugin that reads a picture under one lock for all threads. A thread that holds it must not wait for
Python's lock, because the window's thread may hold that one and wait for Qt's: it does for every icon of a message box.
Qt asks for Python's lock there for a device that was made in Python (a `QBuffer`), whose methods it might find
overridden, and when it loads a plugin for the first time. Hence a file, which Qt opens itself, and `ready_decoders`.
"""

from __future__ import annotations

import base64
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtGui import QImage, QImageReader

from desktop_ocr.gui.words import tr
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

OPEN_FILES = Path("/proc/self/fd")
# One black pixel, as PNG.
SMALLEST = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg=="
)


def ready_decoders() -> None:
    """Load Qt's plugins for pictures. Call it in the window's thread, before others call `decode`."""
    QImageReader.supportedImageFormats()
    # PySide makes its classes ready when they are first used, and crashes where two threads do that at once.
    decode(SMALLEST)


def decode(data: bytes) -> QImage:
    """Decode a picture; not for the window's thread.

    Raises:
        DesktopOcrError: it is not one.
    """
    with _as_file(data) as name:
        # Not QImage.fromData: it keeps Python's lock while it decodes (250 ms for 20 megapixels), which stops the
        # window.
        image = QImageReader(name).read()
    if image.isNull():
        raise DesktopOcrError(ErrorCode.DAMAGED, tr("The page's picture cannot be shown."))
    # The screen's own format, which pictures in colour have already: what is left to do in the window's thread is
    # a copy.
    return image.convertToFormat(QImage.Format.Format_RGB32)


@contextlib.contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """The name under which data can be opened as a file: one in memory where there is such a thing."""
    if hasattr(os, "memfd_create") and OPEN_FILES.is_dir():
        number = os.memfd_create("picture")
        try:
            with open(number, "wb", closefd=False) as file:
                file.write(data)
            yield str(OPEN_FILES / str(number))
        finally:
            os.close(number)
        return
    number, name = tempfile.mkstemp(prefix="desktop-ocr-")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        yield name
    finally:
        Path(name).unlink(missing_ok=True)
