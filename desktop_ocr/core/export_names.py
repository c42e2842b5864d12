"""What exported files are called: the user's pattern, and what no file may be called."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

PLACES = ("name", "page", "date")
MOST_BYTES = 225  # of a name without its suffix: file systems take 255, and a number or "-pictures" may be added
LEAST_BYTES = 20  # so much of the document's name stays, however long the pattern is

_PLACE = re.compile(r"\{([^{}]*)\}")
# What Windows forbids: files are copied to other machines. "/" and "\\" would be folders.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that gives no names.

    Raises:
        DesktopOcrError: USAGE, with the reason.
    """
    for place in _PLACE.findall(pattern):
        if place not in PLACES:
            raise _bad(f"'{{{place}}}' stands for nothing in a file's name.")
    rest = _PLACE.sub("", pattern)
    if "{" in rest or "}" in rest:
        raise _bad("A brace in the pattern of files' names has no partner.")
    if not _PLACE.search(pattern) and not _FORBIDDEN.sub("", rest).strip(" ."):
        raise _bad("No file may be called that.")


@dataclass(frozen=True)
class FileNames:
    """Names by a pattern, see `ExportWish.pattern`.

    Attributes:
        pattern: a sound one.
        name: of the document.
        pages: of the document: page numbers have as many digits as the last.
        date: today.
    """

    pattern: str
    name: str
    pages: int
    date: datetime.date

    def of_page(self, page: int) -> str:
        """The name of the file of one page, numbered from 0, without suffix."""
        pattern = self.pattern if "{page}" in self.pattern else f"{self.pattern}-{{page}}"
        return self._filled(pattern, f"{page + 1:0{len(str(self.pages))}d}")

    def of_pages(self, pages: list[int]) -> str:
        """The name of the file of several pages, numbered from 0, without suffix; {page} is the first and last."""
        first, last = pages[0] + 1, pages[-1] + 1
        return self._filled(self.pattern, str(first) if first == last else f"{first}-{last}")

    def _filled(self, pattern: str, page: str) -> str:
        values = {"page": page, "date": self.date.isoformat(), "name": ""}
        room = MOST_BYTES - len(_PLACE.sub(lambda found: values[found[1]], pattern).encode("utf-8", "replace"))
        values["name"] = _cut(self.name, max(room, LEAST_BYTES))
        # A document's own name is one that this system takes: what stands in it stays.
        words = [values[part] if at % 2 else _FORBIDDEN.sub("", part) for at, part in enumerate(_PLACE.split(pattern))]
        made = _cut("".join(words), MOST_BYTES).strip().rstrip(" .")
        if made.startswith(".") and not self.name.startswith("."):
            made = made.lstrip(". ")  # it would be hidden
        if _RESERVED.match(made):
            made = f"_{made}"
        return made or self.name


def _cut(text: str, most: int) -> str:
    """As much of a text as fits in so many bytes."""
    data = text.encode("utf-8", "surrogatepass")
    return text if len(data) <= most else data[:most].decode("utf-8", "ignore")


def _bad(text: str) -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.USAGE, text, "Use {name}, {page} and {date}.")
