"""Opens a user's file, whatever it calls itself, or says plainly why not."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

from desktop_ocr.document_host.document import Document
from desktop_ocr.document_host.sniffing import HEAD_BYTES, describe_other, sniff
from desktop_ocr.schema.document_messages import Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

HASH_CHUNK = 1 << 20


def open_document(source: Source) -> Document:
    """Open a file by its content.

    Raises:
        DesktopOcrError: NOT_FOUND, NO_PERMISSION, EMPTY_FILE, UNKNOWN_FORMAT, DAMAGED, NO_PAGES, PASSWORD_NEEDED,
            PASSWORD_WRONG or TOO_LARGE.
    """
    head = read_head(source.path)
    name = sniff(head)
    if name is None:
        other = describe_other(head)
        what = f"It seems to be {other}. " if other else ""
        raise DesktopOcrError(
            ErrorCode.UNKNOWN_FORMAT,
            "The file is neither a PDF nor a picture that can be read.",
            f"{what}Save it as PDF, PNG, JPEG or TIFF, and add that.",
        )
    if name == "PDF":
        from desktop_ocr.document_host.pdf_file import PdfFile

        return PdfFile(source.path, source.password)
    from desktop_ocr.document_host.picture_file import PictureFile

    return PictureFile(source.path, name)


def read_head(path: str) -> bytes:
    """A file's first bytes.

    Raises:
        DesktopOcrError: NOT_FOUND, NO_PERMISSION, EMPTY_FILE, or UNKNOWN_FORMAT for what is not a plain file.
    """
    try:
        mode = Path(path).stat()
        if stat.S_ISDIR(mode.st_mode):
            raise DesktopOcrError(ErrorCode.UNKNOWN_FORMAT, "This is a folder, not a document.", "Add its files.")
        if not stat.S_ISREG(mode.st_mode):
            # Reading a pipe or a device may wait for ever.
            raise DesktopOcrError(ErrorCode.UNKNOWN_FORMAT, "This is a device or a pipe, not a document.")
        with Path(path).open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise reading_error(error) from error
    except ValueError as error:  # a NUL character in the name
        raise DesktopOcrError(ErrorCode.NOT_FOUND, "There is no file of that name.") from error
    if not head:
        raise DesktopOcrError(
            ErrorCode.EMPTY_FILE, "The file is empty (0 bytes).", "It may not have been copied or downloaded fully."
        )
    return head


def reading_error(error: OSError) -> DesktopOcrError:
    """What an operating system's error means for somebody who wants a file read."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return DesktopOcrError(ErrorCode.NOT_FOUND, "The file is not there.", "It may have been moved or renamed.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return DesktopOcrError(
            ErrorCode.NO_PERMISSION, "You have no permission to read the file.", "Ask its owner, or copy it."
        )
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    return DesktopOcrError(ErrorCode.DAMAGED, f"The file cannot be read ({reason}).", "Check the disk it is on.")


def file_sha256(path: str) -> tuple[str, int]:
    """SHA-256 of a file's bytes in hexadecimal, and how many bytes there were.

    Raises:
        DesktopOcrError: the file cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with Path(path).open("rb") as file:
            while chunk := file.read(HASH_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise reading_error(error) from error
    return digest.hexdigest(), size
