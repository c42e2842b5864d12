"""What a page of a searchable PDF shows that could not be read: a note at its top, which a PDF editor can remove."""

from __future__ import annotations

import zlib

import pymupdf

from desktop_ocr.document_host.export.invisible_text import ToPage
from desktop_ocr.document_host.export.pdf_text import Adder, number, text_string

FONT_NAME = "NimbusSans-Regular"
SIZE, SMALLEST, LEADING, PADDING = 11.0, 4.0, 1.3, 6.0  # points
MARGIN = 0.05  # of the page's width and height
USUAL_WIDTH = 400.0  # points: on narrower pages the letters are smaller
PAPER, INK, FRAME = "1 0.95 0.8", "0.35 0.05 0.05", "0.75 0.2 0.15"
# How a form is turned so that it stands upright on a page that is turned clockwise by so much.
_TURNED = {0: "1 0 0 1 0 0", 90: "0 1 -1 0 0 0", 180: "-1 0 0 -1 0 0", 270: "0 -1 1 0 0 0"}


class FailureStamps:
    """Makes them for one PDF; its font is written once."""

    def __init__(self, add: Adder) -> None:
        """Write objects by `add`."""
        self._add = add
        self._font = pymupdf.Font("helv")
        self._font_number = 0

    def annotation(self, sentence: str, size: tuple[float, float], to_page: ToPage, turn: int, page: str) -> int:
        """Write an annotation, and return its object's number.

        Args:
            sentence: what it says.
            size: width and height of the page as displayed, in points.
            to_page: see `ToPage`.
            turn: the page's /Rotate.
            page: what refers to the page: "12 0 R".
        """
        width, height = size
        text_size = max(SMALLEST, SIZE * min(1.0, width / USUAL_WIDTH))
        pad = PADDING * text_size / SIZE
        wide = width * (1 - 2 * MARGIN)
        rows = self._rows(sentence, (wide - 2 * pad) / text_size)
        high = len(rows) * LEADING * text_size + 2 * pad
        left, top = width * MARGIN, height * MARGIN
        corners = [to_page(left, top), to_page(left + wide, top + high)]
        xs, ys = sorted(x for x, _ in corners), sorted(y for _, y in corners)
        rect = " ".join(number(value) for value in (xs[0], ys[0], xs[1], ys[1]))
        shown = [
            f"{PAPER} rg {FRAME} RG 1 w 0.5 0.5 {number(wide - 1)} {number(high - 1)} re B",
            f"BT {INK} rg /F {number(text_size)} Tf {number(LEADING * text_size)} TL",
            f"{number(pad)} {number(high - pad - text_size * 0.95)} Td",
            *(f"<{row.encode('cp1252', 'replace').hex()}> Tj T*" for row in rows),
            "ET",
        ]
        form = self._add(
            f"/Type /XObject /Subtype /Form /BBox [0 0 {number(wide)} {number(high)}] /Matrix [{_TURNED[turn]}] "
            f"/Resources << /Font << /F {self._written_font()} 0 R >> >> /Filter /FlateDecode",
            zlib.compress("\n".join(shown).encode("ascii"), 9),
        )
        return self._add(
            f"/Type /Annot /Subtype /FreeText /Rect [{rect}] /Contents {text_string(sentence)} /F 4 /P {page} "
            f"/DA (/Helv {number(text_size)} Tf {INK} rg) /AP << /N {form} 0 R >>",
            None,
        )

    def _rows(self, sentence: str, room: float) -> list[str]:
        """The sentence in rows of so many ems."""
        rows: list[str] = []
        for word in sentence.split():
            longer = f"{rows[-1]} {word}" if rows else word
            if rows and self._font.text_length(longer, 1) <= room:
                rows[-1] = longer
            else:
                rows.append(word)
        return rows

    def _written_font(self) -> int:
        """The font is embedded: archives (PDF/A) want it, and it looks the same everywhere."""
        if self._font_number:
            return self._font_number
        file = self._add("/Subtype /Type1C /Filter /FlateDecode", zlib.compress(self._font.buffer, 9))
        descriptor = self._add(
            f"/Type /FontDescriptor /FontName /{FONT_NAME} /Flags 32 /FontBBox [-210 -299 1032 1075] /ItalicAngle 0 "
            f"/Ascent 1075 /Descent -299 /CapHeight 729 /StemV 80 /FontFile3 {file} 0 R",
            None,
        )
        signs = [bytes([code]).decode("cp1252", "replace") for code in range(32, 256)]
        widths = " ".join(f"{self._font.glyph_advance(ord(sign)) * 1000:.0f}" for sign in signs)
        self._font_number = self._add(
            f"/Type /Font /Subtype /Type1 /BaseFont /{FONT_NAME} /Encoding /WinAnsiEncoding /FirstChar 32 "
            f"/LastChar 255 /Widths [{widths}] /FontDescriptor {descriptor} 0 R",
            None,
        )
        return self._font_number
