"""A font without shapes: every character is a blank half an em wide.

Invisible text needs no shapes, only codes that stand for the right characters. The design is that of Tesseract's
"GlyphLessFont" (src/api/pdfrenderer.cpp there): a composite font with two-byte codes, one empty glyph for all of
them, and a /ToUnicode map. A code is the character's number; characters beyond U+FFFF get codes out of the range
of surrogates, which stand for no character themselves.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

RESOURCE_NAME = "DesktopOcrText"
ADVANCE = 0.5  # em
ASCENT, DESCENT = 0.8, -0.2  # em; readers take a word's height from them
UNITS = 1000
FIRST_SPARE, LAST_SPARE = 0xD800, 0xDFFF
REPLACEMENT = 0xFFFD


class CodeTable:
    """The characters used, and their codes."""

    def __init__(self) -> None:
        """None used yet."""
        self._codes: dict[str, int] = {}
        self._digits: dict[str, str] = {}
        self._next_spare = FIRST_SPARE

    def encode(self, text: str) -> bytes:
        """The text's codes, two bytes a character."""
        return b"".join(self._code(character).to_bytes(2, "big") for character in text)

    def digits(self, text: str) -> str:
        """The text's codes in hexadecimal digits."""
        try:
            return "".join(map(self._digits.__getitem__, text))
        except KeyError:
            for character in text:
                self._digits[character] = f"{self._code(character):04x}"
            return "".join(map(self._digits.__getitem__, text))

    def _code(self, character: str) -> int:
        code = self._codes.get(character)
        if code is None:
            number = ord(character)
            if FIRST_SPARE <= number <= LAST_SPARE:
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
    # Every code shows glyph 1: some readers treat glyph 0 as missing and look for another font.
    to_glyph = add("/Filter /FlateDecode", zlib.compress(b"\x00\x01" * 0x10000, 9))
    descendant = add(
        "/Type /Font /Subtype /CIDFontType2 /BaseFont /GlyphLessFont /CIDSystemInfo << /Registry (Adobe) "
        f"/Ordering (Identity) /Supplement 0 >> /FontDescriptor {descriptor} 0 R /DW {ADVANCE * UNITS:.0f} "
        f"/CIDToGIDMap {to_glyph} 0 R",
        None,
    )
    to_unicode = add("/Filter /FlateDecode", zlib.compress(codes.to_unicode(), 9))
    font(
        "/Type /Font /Subtype /Type0 /BaseFont /GlyphLessFont /Encoding /Identity-H "
        f"/DescendantFonts [{descendant} 0 R] /ToUnicode {to_unicode} 0 R"
    )


def font_program() -> bytes:
    """A TrueType font of two empty glyphs, with the tables that PDF asks for (ISO 32000-1, 9.9)."""
    ascent, descent, advance = int(ASCENT * UNITS), int(DESCENT * UNITS), int(ADVANCE * UNITS)
    tables = {
        b"glyf": b"\0\0\0\0",
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh",
            0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0, UNITS, 0, 0, 0, descent, advance, ascent, 0, 3, 2, 0, 0,
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x00010000, ascent, descent, 0, advance, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1
        ),
        b"hmtx": struct.pack(">Hhh", advance, 0, 0),
        b"loca": struct.pack(">HHH", 0, 0, 0),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x00010000, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
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
