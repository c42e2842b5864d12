"""Fonts that do not say what some of their letters are: when a page's own text is not good enough."""

from __future__ import annotations

import pymupdf
import pytest

from desktop_ocr.document_host.lost_glyphs import harm_of

PROSE = (
    "speech recognition can be much faster which practical systems",
    "each conversation contains such exchanges between machines",
    "the choice of the microphone becomes critical in practice",
    "access to the lecture recordings costs little more than cents",
)
REASON = "the page's fonts do not say what some of their letters are"


def bitmap_font(*, lost: str, lost_is: str, drawn: bool = True, blank: bool = False):
    """Puts PROSE on a page in a Type 3 font that says of one letter that it is another character.

    Args:
        lost: the letter.
        lost_is: what the font says it is.
        drawn: whether it leaves ink.
        blank: whether spaces are glyphs, too, and not merely gaps.
    """

    def change(page: pymupdf.Page) -> None:
        document = page.parent
        box, nothing = document.get_new_xref(), document.get_new_xref()
        for xref, ink in ((box, "50 0 400 600 re f"), (nothing, "")):
            document.update_object(xref, "<<>>")
            document.update_stream(xref, f"500 0 0 0 500 700 d1 {ink}".encode())
        letters = sorted(set("".join(PROSE)) | {" "})
        empty = {" "} if drawn else {" ", lost}
        procs = " ".join(f"/g{ord(c)} {nothing if c in empty else box} 0 R" for c in letters)
        names = " ".join(f"{ord(c)} /g{ord(c)}" for c in letters)
        says = {c: lost_is if c == lost else c for c in letters}
        unicode_map = document.get_new_xref()
        document.update_object(unicode_map, "<<>>")
        pairs = "\n".join(f"<{ord(c):02x}> <{ord(said):04x}>" for c, said in says.items())
        document.update_stream(
            unicode_map,
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
            b"1 begincodespacerange <00> <ff> endcodespacerange\n"
            + f"{len(says)} beginbfchar\n{pairs}\nendbfchar\nendcmap end end".encode(),
        )
        font = document.get_new_xref()
        widths = " ".join(["500"] * 256)
        document.update_object(
            font,
            f"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 0/LastChar 255"
            f"/Widths[{widths}]/Encoding<</Type/Encoding/Differences[{names}]>>/CharProcs<<{procs}>>"
            f"/Resources<<>>/ToUnicode {unicode_map} 0 R>>",
        )
        document.xref_set_key(page.xref, "Resources", f"<</Font<</F {font} 0 R>>>>")
        shown = []
        for number, line in enumerate(PROSE):
            text = f"({line})" if blank else "[" + " -500 ".join(f"({word})" for word in line.split()) + "]"
            shown.append(f"BT /F 12 Tf 60 {700 - 30 * number} Td {text} {'Tj' if blank else 'TJ'} ET")
        content = document.get_new_xref()
        document.update_object(content, "<<>>")
        document.update_stream(content, "\n".join(shown).encode())
        page.set_contents(content)

    return change


@pytest.mark.parametrize("lost_is", [" ", "\ufffd", "\ue000"])
@pytest.mark.parametrize("blank", [False, True])
def test_a_font_that_loses_a_letter_is_not_read(prepare, text_pdf, lost_is, blank):
    prepared = prepare(text_pdf(change=bitmap_font(lost="c", lost_is=lost_is, blank=blank)))
    assert prepared.layer is None
    assert "do not say what" in prepared.reason


def test_the_reason_tells_that_some_letters_are_lost(prepare, text_pdf):
    assert prepare(text_pdf(change=bitmap_font(lost="c", lost_is=" "))).reason == REASON


@pytest.mark.parametrize("blank", [False, True])
def test_a_font_that_loses_nothing_is_read(prepare, text_pdf, blank):
    layer = prepare(text_pdf(change=bitmap_font(lost="c", lost_is="c", blank=blank))).layer
    assert layer is not None
    assert [line.text for line in layer.lines] == list(PROSE)


def test_spaces_that_leave_no_ink_are_spaces(prepare, text_pdf):
    assert prepare(text_pdf(change=bitmap_font(lost="c", lost_is=" ", drawn=False))).layer is not None


def test_lost_glyphs_in_words_count():
    harm = harm_of("spee\ufffdh re\ufffdognition whi\ufffd\nand \ue001rst o\ufffder")
    assert (harm.lost, harm.words, harm.harmed) == (5, 6, 5)
    assert harm.much


@pytest.mark.parametrize(
    "text",
    [
        "\uf0b7 first point\n\uf0b7second point\n\uf0a7\tthird point\n\ufffd No\n\ufffd Yes",  # bullets
        "x\ufffdy = \ufffd(z + 1)\n5\ufffd and 3\ufffd ends\na\ufffd b\ufffd c\ufffd",  # signs of formulas
        "one o\ufffdce and tw\ufffdce in some text",  # a few odd signs
        "the quick brown fox\njumps over the lazy dog",
        "",
    ],
)
def test_bullets_and_odd_signs_do_not(text):
    assert not harm_of(text).much


def test_wide_letters_are_counted_one_by_one():
    line = "这些文字都没有空格" * 20
    assert not harm_of(f"{line}\ufffd{line}\ufffd{line}\ufffd{line}").much
    assert harm_of("这些文字\ufffd没有空" * 20).much
