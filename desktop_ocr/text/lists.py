"""Lists: bullets and numbers, items below items by how far they stand in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from desktop_ocr.schema.results import Line, polygon_box
from desktop_ocr.text.flow import goes_on
from desktop_ocr.text.joining import join_lines, join_two
from desktop_ocr.text.rows import in_rows

SURE = "•‣◦⁃∙▪▫●○■□◆◇►▶➢➤✓✔"  # nothing but bullets: a space after them may be missing
UNSURE = "·–—-*+"  # bullets where a space follows
UNKNOWN = "\ue000-\uf8ff\ufffd"  # signs of symbol fonts that have no character: at the start of an item, its bullet
DEEPER, BACK = 1.0, 0.6  # of a line's height: from where on an item is below the one before, or beside one above
MOST_LEVELS = 4

_BULLET = re.compile(rf"[{re.escape(SURE)}{UNKNOWN}]\s*(?=\S)|[{re.escape(UNSURE)}]\s+(?=\S)")
_CIRCLE = re.compile(r"[oO]\s+(?=[A-ZÀ-ÖØ-Þ])")  # as word processors draw it; before a small letter it is a word
_NUMBER = re.compile(r"(\d{1,9})[.)]\s+")
_LETTER = re.compile(r"\(?(?:[a-zA-Z]|[ivxIVX]{1,5}|[A-Z]?\d{1,3})[.):]\s+|\[\d{1,3}\]\s+")


class Item(NamedTuple):
    """An item of a list.

    Attributes:
        marker: as Markdown writes it, without the space after it; "" where it has none on the page.
        text: what it says.
        left, top: where it begins.
        height: of its first line.
        labelled: its text begins with a label of its own: "(a)", "[3]".
    """

    marker: str
    text: str
    left: float
    top: float
    height: float
    labelled: bool = False


def items(lines: Sequence[Line]) -> list[Item]:
    """The items of a list block: a row that begins with a bullet, or with the first one's kind of marker, is one's."""
    found: list[tuple[list[str], Line]] = []
    kinds: set[re.Pattern[str]] = {_BULLET}
    for row in in_rows([line for line in lines if line.text.strip()], sort=False):
        text = " ".join(" ".join(line.text.split()) for line in row)
        kind = _kind(text)
        if found and kind not in kinds:
            found[-1][0].append(text)
            continue
        found.append(([text], row[0]))
        if kind is not None:
            kinds.add(kind)
        if kind is _BULLET:
            kinds.add(_CIRCLE)
    return [_item(join_lines(texts), line) for texts, line in found]


def starts_item(text: str) -> bool:
    """Whether a text begins with a bullet, a number or a letter of a list."""
    return _kind(text) is not None


class ListItem(msgspec.Struct):
    """An item with what is below it.

    Attributes:
        marker: as Markdown writes it: "-" or "3."; "-" too where it has none on the page.
        text: its first paragraph.
        below: further paragraphs, and items below it.
        labelled: the text begins with a label of its own ("(a)", "[3]"): a bullet before it would be one too many.
    """

    marker: str
    text: str
    below: list[str | ListItem] = []
    labelled: bool = False


def nested(found: Sequence[Item]) -> tuple[ListItem, ...]:
    """Items below each other, each as deep as it stands in.

    What has no marker and stands in further than an item is its next paragraph, or the rest of its sentence. An item
    further up than the one before stands in the next column, and begins anew.
    """
    top: list[str | ListItem] = []
    open_items: list[tuple[float, ListItem]] = []  # where each begins
    before: Item | None = None
    place: list[str | ListItem] = top  # what the last one was put into, as its last
    for item in found:
        in_next_column = before is not None and item.top < before.top
        if before is not None and not item.marker and goes_on(before.text, item.text, shortest=1):
            before = before._replace(text=join_two(before.text, item.text), top=item.top)
            last = place[-1]
            if isinstance(last, ListItem):
                last.text = before.text
            else:
                place[-1] = before.text
            continue
        if in_next_column:
            open_items.clear()
        while open_items and item.left < open_items[-1][0] - BACK * item.height:
            open_items.pop()
        below = bool(open_items) and item.left > open_items[-1][0] + DEEPER * item.height
        if below and not item.marker:
            place = open_items[-1][1].below
            place.append(item.text)
        else:
            if open_items and (not below or len(open_items) >= MOST_LEVELS):
                open_items.pop()
            place = open_items[-1][1].below if open_items else top
            made = ListItem(item.marker or "-", item.text, labelled=item.labelled)
            place.append(made)
            open_items.append((item.left, made))
        before = item
    return tuple(one for one in top if isinstance(one, ListItem))


def _kind(text: str) -> re.Pattern[str] | None:
    return next((pattern for pattern in (_BULLET, _CIRCLE, _NUMBER, _LETTER) if pattern.match(text)), None)


def _item(text: str, line: Line) -> Item:
    left, top, _, bottom = polygon_box(line.polygon)
    marker, rest, labelled = "", text, False
    if found := _BULLET.match(text) or _CIRCLE.match(text):
        marker, rest = "-", text[found.end() :]
    elif found := _NUMBER.match(text):
        marker, rest = f"{found.group(1)}.", text[found.end() :]
    elif _LETTER.match(text):
        marker, labelled = "-", True
    return Item(marker, rest, left, top, bottom - top, labelled)
