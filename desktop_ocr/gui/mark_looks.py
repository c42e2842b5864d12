"""How blocks and lines are marked on a page. Marks lie on paper, which is white in both themes: their colours stay.

The colours are told apart without red and green too (after Okabe and Ito), and nothing is said by colour alone: lines
differ in their pens, blocks have their kind's name at the pointer.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

from desktop_ocr.gui.page_marks import Trust
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.results import BlockKind


@dataclass(frozen=True)
class Look:
    """A pen's colour and style, its width on the screen, and how much of the colour fills what it goes around."""

    colour: str
    fill: float = 0.10
    width: float = 1.0  # wider pens take Qt ten times as long
    style: Qt.PenStyle = Qt.PenStyle.SolidLine

    @property
    def pen(self) -> QPen:
        """A pen that stays as wide when the page is zoomed."""
        pen = QPen(QColor(self.colour), self.width, self.style)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        pen.setCosmetic(True)
        return pen

    @property
    def brush(self) -> QBrush:
        """The filling."""
        colour = QColor(self.colour)
        colour.setAlphaF(self.fill)
        return QBrush(colour)


KINDS = {
    BlockKind.TITLE: Look("#6a1b9a", 0.13),
    BlockKind.SECTION_HEADER: Look("#a64dd1", 0.11),
    BlockKind.TEXT: Look("#0072b2", 0.07),
    BlockKind.LIST_ITEM: Look("#4aa3df", 0.12),
    BlockKind.TABLE: Look("#00805f", 0.10),
    BlockKind.PICTURE: Look("#b07d00", 0.12),
    BlockKind.CAPTION: Look("#d9a400", 0.12),
    BlockKind.PAGE_HEADER: Look("#6b7280", 0.12),
    BlockKind.PAGE_FOOTER: Look("#6b7280", 0.12),
    BlockKind.FOOTNOTE: Look("#374151", 0.10),
    BlockKind.FORMULA: Look("#c2377e", 0.11),
    BlockKind.CODE: Look("#5b4636", 0.11),
    BlockKind.CHART: Look("#d55e00", 0.11),
    BlockKind.SEAL: Look("#b3202c", 0.11),
}
LINES = {
    Trust.SURE: Look("#0072b2", 0.08, 1.0),
    Trust.FAIR: Look("#b07d00", 0.16, 1.0, Qt.PenStyle.DashLine),
    Trust.DOUBTFUL: Look("#d55e00", 0.26, 1.0),
    Trust.HUMAN: Look("#00805f", 0.12, 1.0, Qt.PenStyle.DotLine),
}
CHOSEN = Look("#1d4ed8", 0.16, 2.4)
CHOSEN_WORD = Look("#1d4ed8", 0.22, 1.6)
HOVERED = Look("#1b2130", 0.06, 1.2)
HIT = Look("#e0a800", 0.38, 1.0)
CURRENT_HIT = Look("#d55e00", 0.42, 2.0)
REGION = Look("#1d4ed8", 0.10, 1.6, Qt.PenStyle.DashLine)


def kind_name(kind: BlockKind) -> str:
    """A kind as people call it."""
    return {
        BlockKind.TITLE: tr("Title"),
        BlockKind.SECTION_HEADER: tr("Heading"),
        BlockKind.TEXT: tr("Text"),
        BlockKind.LIST_ITEM: tr("List item"),
        BlockKind.TABLE: tr("Table"),
        BlockKind.PICTURE: tr("Picture"),
        BlockKind.CAPTION: tr("Caption"),
        BlockKind.PAGE_HEADER: tr("Page header"),
        BlockKind.PAGE_FOOTER: tr("Page footer"),
        BlockKind.FOOTNOTE: tr("Footnote"),
        BlockKind.FORMULA: tr("Formula"),
        BlockKind.CODE: tr("Code"),
        BlockKind.CHART: tr("Chart"),
        BlockKind.SEAL: tr("Seal"),
    }[kind]


def trust_name(trust: Trust) -> str:
    """How sure a line is, in a word or two."""
    return {
        Trust.SURE: tr("Sure"),
        Trust.FAIR: tr("Fairly sure"),
        Trust.DOUBTFUL: tr("Doubtful"),
        Trust.HUMAN: tr("By hand"),
    }[trust]
