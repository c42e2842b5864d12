"""The codes of invisible text, and the font's widths."""

from __future__ import annotations

import re
import struct
import sys
import unicodedata
import zlib

import pytest

from desktop_ocr.document_host.export.glyphless import ADVANCE, SPACE_ADVANCE, UNITS, CodeTable, add_font, font_program
from desktop_ocr.document_host.export.visual_order import may_run_backwards

ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def shown(string: str) -> bytes:
    """The bytes of a PDF string, given what stands between its brackets."""
    assert not re.search(r"(?<!\\)[()\r]", string.replace("\\\\", ""))
    return ESCAPED.sub(lambda found: "\r" if found[1] == "r" else found[1], string).encode("latin-1")


@pytest.mark.parametrize(
    "texts",
    [
        ["plain", "words"],
        [
            "(brackets)",
            "back\\slash",
            "\u0d28\u285c\u0a0d",
        ],  # some of their bytes are escaped
        ["Größe", "ÿ", "漢字", "שלום"],
        ["ÿ\ufe30", "ÿ", "\ufe30"],  # the bytes of the two beside each other are those of the end of a text
        ["\ufffe", "a"],
        ["𠮷野", "a", "𠮷"],
        ["lone \ud801", "a"],
        ["new\nline", "nul\0"],
        [],
    ],
    ids=["plain", "escaped", "scripts", "end", "no character", "rare", "surrogate", "control", "none"],
)
@pytest.mark.parametrize("ending", ["", " "])
def test_strings_of_many_texts_are_the_codes_of_each(texts, ending):
    codes, one_by_one = CodeTable(), CodeTable()
    strings = codes.strings(texts, ending)
    assert [shown(string) for string in strings] == [one_by_one.encode(text + ending) for text in texts]
    if texts:
        assert codes.to_unicode() == one_by_one.to_unicode()


def test_every_character_that_runs_backwards_is_noticed():
    backwards = [
        chr(number) for number in range(sys.maxunicode + 1) if unicodedata.bidirectional(chr(number)) in ("R", "AL")
    ]
    assert len(backwards) > 1000
    assert all(map(may_run_backwards, backwards))
    assert not may_run_backwards("Größe 漢字 Ω 42 € 𠮷")


def test_widths_are_the_same_in_the_font_and_beside_it():
    """As PDF/A asks: the space is thin, everything else half an em wide."""
    added: list[tuple[str, bytes | None]] = []

    def add(entries: str, stream: bytes | None) -> int:
        added.append((entries, stream))
        return len(added)

    add_font(add, CodeTable(), font=lambda _: None)
    (described,) = (entries for entries, _ in added if "/CIDFontType2" in entries)
    assert f"/DW {ADVANCE * UNITS:g} /W [32 [{SPACE_ADVANCE * UNITS:g}]]" in described
    map_number = re.search(r"/CIDToGIDMap (\d+) 0 R", described)
    glyphs = zlib.decompress(added[int(map_number[1]) - 1][1])
    assert len(glyphs) == 2 * 0x10000
    program = font_program()
    tables = {program[at : at + 4]: struct.unpack(">II", program[at + 8 : at + 16]) for at in range(12, 108, 16)}
    (count,) = struct.unpack_from(">H", program, tables[b"maxp"][0] + 4)
    (metrics,) = struct.unpack_from(">H", program, tables[b"hhea"][0] + 34)
    assert count == metrics == tables[b"hmtx"][1] / 4 == tables[b"loca"][1] / 2 - 1
    for code in range(0x10000):
        (glyph,) = struct.unpack_from(">H", glyphs, 2 * code)
        (advance,) = struct.unpack_from(">H", program, tables[b"hmtx"][0] + 4 * glyph)
        assert advance == (SPACE_ADVANCE if code == 32 else ADVANCE) * UNITS
