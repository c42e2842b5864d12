"""From what the user names to files: folders stand for the documents in them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from desktop_ocr.core.api import Refused
from desktop_ocr.core.names import is_text, shown
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo

SUFFIXES = frozenset(
    [
        ".pdf",
        ".png",
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".tif",
        ".tiff",
        ".bmp",
        ".dib",
        ".webp",
        ".gif",
        ".jp2",
        ".j2k",
        ".jpx",
        ".jpf",
        ".jpc",
    ]
)


class InputFile(msgspec.Struct, frozen=True):
    """A file to read. `below` is its folder relative to the folder the user named; "" for a file named itself."""

    path: Path
    below: str = ""


def expand(paths: Sequence[Path]) -> tuple[list[InputFile], list[Refused]]:
    """Files for a list of paths; from folders those with a known ending, sub-folders included, in natural order.

    A file that the user named is taken whatever its ending: the document host looks at the content. Links to
    folders are not followed, so that a folder that links to itself ends.
    """
    files: list[InputFile] = []
    refused: list[Refused] = []
    for path in paths:
        try:
            if not path.is_dir():
                path.stat()
                files.append(InputFile(_absolute(path)))
                continue
            found = _in_folder(_absolute(path), refused)
        except (OSError, ValueError) as error:
            refused.append(_refusal(path, error))
            continue
        if not found:
            text = f"The folder '{shown(Path(_absolute(path).name))}' holds no documents that Desktop OCR can read."
            refused.append(Refused(shown(path), ErrorInfo(ErrorCode.NO_DOCUMENTS, text)))
        files.extend(found)
    unique: dict[Path, InputFile] = {}
    for file in files:
        if not is_text(file.path):
            text = "Its name is not text in UTF-8, so that it cannot be kept in the list."
            refused.append(Refused(shown(file.path), ErrorInfo(ErrorCode.NOT_FOUND, text, "Rename it.")))
        else:
            unique.setdefault(file.path, file)
    return list(unique.values()), refused


def natural_key(text: str) -> list[tuple[int, str]]:
    """Sorts "page 2" before "page 10"."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text.casefold())]


def _in_folder(folder: Path, refused: list[Refused]) -> list[InputFile]:
    os.scandir(folder).close()  # walk() passes over a folder it may not read: the user should hear of it
    found: list[InputFile] = []

    def passed_over(error: OSError) -> None:
        refused.append(_refusal(Path(error.filename), error))

    for where, folders, names in os.walk(folder, onerror=passed_over):
        folders[:] = sorted((f for f in folders if not f.startswith(".")), key=natural_key)
        below = os.path.relpath(where, folder)
        found.extend(
            InputFile(Path(where) / name, "" if below == "." else below)
            for name in sorted(names, key=natural_key)
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES
        )
    return found


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, and the name is the user's


def _refusal(path: Path, error: OSError | ValueError) -> Refused:
    return Refused(shown(path), _reason(error))


def _reason(error: OSError | ValueError) -> ErrorInfo:
    if isinstance(error, (FileNotFoundError, ValueError)):  # ValueError: a NUL character in the name
        return ErrorInfo(ErrorCode.NOT_FOUND, "There is no such file or folder.", "Check its name.")
    if isinstance(error, PermissionError):
        return ErrorInfo(ErrorCode.NO_PERMISSION, "You have no permission to read it.")
    return ErrorInfo(ErrorCode.NOT_FOUND, f"It cannot be read ({error.strerror}).")
