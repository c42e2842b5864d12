"""A font without shapes: every character is a blank half an em wide, but for the space, which is thin.

Invisible text needs no shapes, only codes that stand for the right characters. The design is that of Tesseract's
"GlyphLessFont" (src/api/pdfrenderer.cpp there): a composite font with two-byte codes, one empty glyph for all of
them (here a second one for the space), and a /ToUnicode map. A code is the character's number; characters beyond
U+FFFF get codes out of the range of surrogates, which stand for no character themselves.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from desktop_ocr.document_host.export.pdf_text import escaped

RESOURCE_NAME = "DesktopOcrText"
ADVANCE, SPACE_ADVANCE = 0.5, 0.01  # em
ASCENT, DESCENT = 0.8, -0.2  # em; readers take a word's height from them
UNITS = 1000
FIRST_SPARE, LAST_SPARE = 0xD800, 0xDFFF
REPLACEMENT = 0xFFFD
_END, _END_BYTES = "\ufffe", "\xff\xfe"  # no character; its bytes differ, so that two of them never overlap
_BLANK, _SPACE = 1, 2  # glyphs; readers may treat glyph 0 as missing and look for another font


class CodeTable:
    """The characters used, and their codes."""

    def __init__(self) -> None:
        """None used yet."""
        self._codes: dict[str, int] = {}
        self._next_spare = FIRST_SPARE

    def encode(self, text: str) -> bytes:
        """The text's codes, two bytes a character."""
        return b"".join(self._code(character).to_bytes(2, "big") for character in text)

    def strings(self, texts: list[str], ending: str = "") -> list[str]:
        """The codes of texts, each followed by `ending`, as they stand between the brackets of PDF strings.

        Their bytes are the characters of the same numbers, so that they can be put into text.
        """
        joined = f"{ending}{_END}".join([*texts, ""])
        used = set(joined)
        new = used.difference(self._codes, _END)
        if max(used, default="") == _END and not any(map(_is_surrogate, new)):
            for character in new:
                self._codes[character] = ord(character)
            strings = escaped(joined.encode("utf-16-be")).split(_END_BYTES)
            if len(strings) == len(texts) + 1:
                return strings[:-1]
        # Some characters need spare codes, or two characters' bytes look like the end of a text.
        return [escaped(self.encode(text + ending)) for text in texts]

    def _code(self, character: str) -> int:
        code = self._codes.get(character)
        if code is None:
            number = ord(character)
            if _is_surrogate(character):
                return self._code(chr(REPLACEMENT))  # a lone surrogate is no character
            code = number
            if number > 0xFFFF:
                if self._next_spare > LAST_SPARE:
                    return self._code(chr(REPLACEMENT))  # 2048 different rare characters are in use already
                code = self._next_spare
                self._next_spare += 1
            self._codes[character] = code
        return code

    def to_unicode(self) -> bytes:
        """The /ToUnicode map of the characters used."""
        entries = [
            f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>"
            for character, code in sorted(self._codes.items(), key=lambda item: item[1])
        ]
        parts = [
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        ]
        for start in range(0, len(entries), 100):  # a block may hold a hundred
            block = entries[start : start + 100]
            parts.append(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n")
        parts.append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
        return "".join(parts).encode("ascii")


def _is_surrogate(character: str) -> bool:
    return FIRST_SPARE <= ord(character) <= LAST_SPARE


Adder = Callable[[str, bytes | None], int]


def add_font(add: Adder, codes: CodeTable, *, font: Callable[[str], None]) -> None:
    """Write the font's objects.

    Args:
        add: adds an object, given its dictionary's entries and its stream (already deflated) or None; returns its
            number.
        codes: the characters that were used.
        font: called with the text of the font's own dictionary.
    """
    program = font_program()
    packed = zlib.compress(program, 9)
    file = add(f"/Length1 {len(program)} /Filter /FlateDecode", packed)
    descriptor = add(
        f"/Type /FontDescriptor /FontName /GlyphLessFont /Flags 5 /FontBBox [0 {DESCENT * UNITS:.0f} "
        f"{ADVANCE * UNITS:.0f} {ASCENT * UNITS:.0f}] /ItalicAngle 0 /Ascent {ASCENT * UNITS:.0f} "
        f"/Descent {DESCENT * UNITS:.0f} /CapHeight {ASCENT * UNITS:.0f} /StemV 80 /FontFile2 {file} 0 R",
        None,
    )
    glyphs = bytearray(_BLANK.to_bytes(2, "big") * 0x10000)
    glyphs[2 * ord(" ") : 2 * ord(" ") + 2] = _SPACE.to_bytes(2, "big")
    to_glyph = add("/Filter /FlateDecode", zlib.compress(glyphs, 9))
    descendant = add(
        "/Type /Font /Subtype /CIDFontType2 /BaseFont /GlyphLessFont /CIDSystemInfo << /Registry (Adobe) "
        f"/Ordering (Identity) /Supplement 0 >> /FontDescriptor {descriptor} 0 R /DW {ADVANCE * UNITS:.0f} "
        f"/W [{ord(' ')} [{SPACE_ADVANCE * UNITS:.0f}]] /CIDToGIDMap {to_glyph} 0 R",
        None,
    )
    to_unicode = add("/Filter /FlateDecode", zlib.compress(codes.to_unicode(), 9))
    font(
        "/Type /Font /Subtype /Type0 /BaseFont /GlyphLessFont /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] /ToUnicode {to_unicode} 0 R"
    )


def font_program() -> bytes:
    """A TrueType font of three empty glyphs, with the tables that PDF asks for (ISO 32000-1, 9.9)."""
    ascent, descent = int(ASCENT * UNITS), int(DESCENT * UNITS)
    advance, space = int(ADVANCE * UNITS), int(SPACE_ADVANCE * UNITS)
    tables = {
        b"glyf": b"\0\0\0\0",
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh",
            0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0, UNITS, 0, 0, 0, descent, advance, ascent, 0, 3, 2, 0, 0,
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x00010000, ascent, descent, 0, advance, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3
        ),
        b"hmtx": struct.pack(">HhHhHh", advance, 0, advance, 0, space, 0),
        b"loca": struct.pack(">HHHH", 0, 0, 0, 0),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x00010000, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    }  # fmt: skip
    offset = 12 + 16 * len(tables)
    directory, body = struct.pack(">IHHHH", 0x00010000, len(tables), 64, 2, 16 * len(tables) - 64), b""
    for tag, data in tables.items():
        padded = data + b"\0" * (-len(data) % 4)
        directory += struct.pack(">4sIII", tag, _checksum(padded), offset + len(body), len(data))
        body += padded
    font = bytearray(directory + body)
    adjustment = (0xB1B0AFBA - _checksum(bytes(font))) & 0xFFFFFFFF
    at = 12 + 16 * len(tables) + sum(len(d) + (-len(d) % 4) for t, d in tables.items() if t < b"head") + 8
    font[at : at + 4] = struct.pack(">I", adjustment)
    return bytes(font)


def _checksum(data: bytes) -> int:
    return sum(int(word) for word in struct.unpack(f">{len(data) // 4}I", data)) & 0xFFFFFFFF
