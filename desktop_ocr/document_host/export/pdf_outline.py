"""Bookmarks of a PDF, made of the pages' headings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from desktop_ocr.document_host.export.invisible_text import ToPage, displayed
from desktop_ocr.document_host.export.pdf_text import number, text_string
from desktop_ocr.schema.results import BlockKind, PageResult
from desktop_ocr.text.joining import join_lines

LONGEST = 200  # characters of a bookmark
MOST = 20_000
ABOVE = 4.0  # points that are shown above a heading


_HEADINGS = (BlockKind.TITLE, BlockKind.SECTION_HEADER)


def has_headings(result: PageResult) -> bool:
    """Whether a page has headings."""
    return any(block.kind in _HEADINGS for block in result.blocks)


@dataclass
class _Entry:
    level: int
    title: str
    destination: str
    below: list[_Entry] = field(default_factory=list)
    number: int = 0

    def count(self) -> int:
        return sum(1 + one.count() for one in self.below)


class Outline:
    """The headings of pages, as they come. A level that is skipped is left out: 1, 3, 3 becomes 1, 2, 2."""

    def __init__(self) -> None:
        """None yet."""
        self._entries: list[_Entry] = []

    def __bool__(self) -> bool:
        """Whether there are headings."""
        return bool(self._entries)

    def add(self, result: PageResult, page: str, to_page: ToPage) -> None:
        """Add a page's headings.

        Args:
            result: the page.
            page: what refers to it: "12 0 R".
            to_page: see `ToPage`.
        """
        for block in result.blocks:
            if block.kind not in _HEADINGS or len(self._entries) >= MOST:
                continue
            title = join_lines(" ".join(result.lines[index].text.split()) for index in block.lines)
            if not title:
                continue
            if len(title) > LONGEST:
                title = title[: LONGEST - 1].rstrip() + "…"
            x, y = displayed(result, block.box[0], block.box[1])
            x, y = to_page(x, y)
            level = block.level or (1 if block.kind is BlockKind.TITLE else 2)
            self._entries.append(_Entry(level, title, f"[{page} /XYZ {number(x)} {number(y + ABOVE)} null]"))

    def write(self, reserve: Callable[[], int], put: Callable[[int, str], None]) -> int:
        """Write the outline's objects.

        Args:
            reserve: gives the number of an object that is written later.
            put: writes an object's dictionary, given its entries.

        Returns:
            The number of the outline's own object.
        """
        top = _nested(self._entries)
        root = reserve()
        _numbered(top, reserve)
        _put(top, root, put)
        put(root, f"/Type /Outlines /First {top[0].number} 0 R /Last {top[-1].number} 0 R /Count {len(top)}")
        return root


def _nested(entries: list[_Entry]) -> list[_Entry]:
    top: list[_Entry] = []
    above: list[_Entry] = []
    for entry in entries:
        while above and above[-1].level >= entry.level:
            above.pop()
        (above[-1].below if above else top).append(entry)
        above.append(entry)
    return top


def _numbered(entries: list[_Entry], reserve: Callable[[], int]) -> None:
    for entry in entries:
        entry.number = reserve()
        _numbered(entry.below, reserve)


def _put(entries: list[_Entry], parent: int, put: Callable[[int, str], None]) -> None:
    for at, entry in enumerate(entries):
        parts = [f"/Title {text_string(entry.title)} /Parent {parent} 0 R /Dest {entry.destination}"]
        if at:
            parts.append(f"/Prev {entries[at - 1].number} 0 R")
        if at + 1 < len(entries):
            parts.append(f"/Next {entries[at + 1].number} 0 R")
        if entry.below:
            ends = entry.below[0].number, entry.below[-1].number
            # A negative count: closed until somebody opens it.
            parts.append(f"/First {ends[0]} 0 R /Last {ends[1]} 0 R /Count -{len(entry.below)}")
        put(entry.number, " ".join(parts))
        _put(entry.below, entry.number, put)
