"""Lists as Word knows them: bullets and numbers that Word itself writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from desktop_ocr.document_host.export.word_text import paragraph
from desktop_ocr.text.lists import ListItem

INDENT = 360  # twentieths of a point, for each level
LEVELS = 9
_BULLETS = "•◦▪"


class Numbering:
    """The document's lists. Bullets share one; numbers that do not go on are a list of their own."""

    def __init__(self, document: Any) -> None:
        """Define how bullets and numbers look."""
        self._element = document.part.numbering_part.element
        for child in list(self._element):
            self._element.remove(child)
        self._element.append(_abstract(0, bullets=True))
        self._element.append(_abstract(1, bullets=False))
        self._next = 1
        self._bullets = self._list(0, 0, 0)

    def written(self, items: Sequence[ListItem | str], level: int = 0) -> Iterator[str]:
        """The items as paragraphs, those below them too."""
        level = min(level, LEVELS - 1)
        numbers, expected = 0, 0
        for item in items:
            if isinstance(item, str):
                yield paragraph(item, indent=INDENT * (level + 1))
                continue
            if item.labelled:  # "a) ...": what has a label of its own needs none of Word's
                yield paragraph(item.text, indent=INDENT * (level + 1))
            elif item.marker == "-":
                yield paragraph(item.text, numbered=(self._bullets, level))
            else:
                number = int(item.marker[:-1])
                if not numbers or number != expected:
                    numbers = self._list(1, level, number)
                expected = number + 1
                yield paragraph(item.text, numbered=(numbers, level))
            for below in item.below:
                if isinstance(below, str):
                    yield paragraph(below, indent=INDENT * (level + 1))
            yield from self.written([below for below in item.below if isinstance(below, ListItem)], level + 1)

    def _list(self, kind: int, level: int, start: int) -> int:
        number = self._next
        self._next += 1
        begins = (
            f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{min(start, 32767)}"/></w:lvlOverride>'
            if kind
            else ""
        )
        self._element.append(
            parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{kind}"/>{begins}</w:num>')
        )
        return number


def _abstract(number: int, *, bullets: bool) -> Any:
    levels = []
    for level in range(LEVELS):
        form, text = ("bullet", _BULLETS[level % 3]) if bullets else ("decimal", f"%{level + 1}.")
        levels.append(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
            f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{INDENT * (level + 1)}" w:hanging="{INDENT}"/></w:pPr>'
            "</w:lvl>"
        )
    return parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:multiLevelType w:val="hybridMultilevel"/>'
        f"{''.join(levels)}</w:abstractNum>"
    )
