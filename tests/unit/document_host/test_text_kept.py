"""A PDF/A is to say the same as the PDF it is made of."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from results import line, result
from rich_page import export_file

from desktop_ocr.document_host.export import ghostscript
from desktop_ocr.document_host.export.text_kept import TextHarm, text_harm
from desktop_ocr.schema.exports import ExportOptions

needs_ghostscript = pytest.mark.skipif(ghostscript.program() is None, reason="Ghostscript is not installed")

ARCHIVE = ExportOptions(pdfa=True)
PLAIN = "Plain letters that are what they look like, and quite a lot of them."
TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange
1 beginbfrange <41> <4a> <03b1> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end
"""


def greek(text: str) -> Callable[[pymupdf.Page], None]:
    """Writes in a font that draws A to J and says that they are alpha to kappa, which Ghostscript forgets."""

    def change(page: pymupdf.Page) -> None:
        document = page.parent
        page.insert_text((72, 600), text, fontname="cour", fontsize=14)
        unicode = document.get_new_xref()
        document.update_object(unicode, "<< >>")
        document.update_stream(unicode, TO_UNICODE)
        font = next(found[0] for found in page.get_fonts() if found[3] == "Courier")
        document.update_object(font, f"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /ToUnicode {unicode} 0 R >>")

    return change


def read(path: str | Path) -> str:
    """The text of all pages."""
    with pymupdf.open(path) as document:
        return "".join(page.get_text() for page in document)


def is_archive(path: str) -> bool:
    """Whether a PDF says that it is PDF/A."""
    with pymupdf.open(path) as document:
        return "pdfaid" in document.get_xml_metadata()


@needs_ghostscript
def test_no_archive_that_has_lost_the_text(handler, text_pdf, tmp_path):
    source = text_pdf(change=greek("ABCDEFGHIJ"))
    ghostscript.make_archive(source, tmp_path / "harmed.pdf")
    assert "αβγδ" not in read(tmp_path / "harmed.pdf")
    made = result(line("Hello wide world", (200, 1500, 600, 1550)), size=(1654, 2339), dpi=200)
    done = export_file(handler, "pdf", source, tmp_path / "out.pdf", made, options=ARCHIVE)
    assert done.notes == ("No PDF/A was made, but an ordinary PDF: Ghostscript would have harmed the text of page 1.",)
    assert Path(done.path).read_bytes().startswith(source.read_bytes())
    assert "αβγδεζηθικ" in read(done.path)
    assert "Hello wide world" in read(done.path)


@needs_ghostscript
def test_a_few_lost_letters_are_told(handler, text_pdf, tmp_path):
    source = text_pdf(*[PLAIN] * 10, change=greek("AB"), pages=2)
    done = export_file(handler, "pdf", source, tmp_path / "out.pdf", result(), options=ARCHIVE)
    assert is_archive(done.path)
    assert done.notes == (
        "In the PDF/A a few letters of the text can no longer be found or copied, on 2 pages, the first being page 1.",
    )


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ((PLAIN, "Other letters"), "harmed the text of page 2"),
        ((PLAIN,), "changed the number of pages"),
    ],
)
def test_an_archive_that_says_something_else_is_not_used(handler, text_pdf, tmp_path, monkeypatch, pages, reason):
    source = text_pdf(PLAIN, pages=2)

    def fake_make_archive(_source: Path, target: Path, **_: bool) -> None:
        with pymupdf.open() as document:
            for text in pages:
                document.new_page().insert_text((72, 100), text)
            document.save(target)

    monkeypatch.setattr(ghostscript, "make_archive", fake_make_archive)
    done = export_file(handler, "pdf", source, tmp_path / "out.pdf", None, options=ARCHIVE)
    assert done.notes == (f"No PDF/A was made, but an ordinary PDF: Ghostscript would have {reason}.",)
    assert Path(done.path).read_bytes().startswith(source.read_bytes())


def test_an_archive_with_the_same_text_is_used(handler, text_pdf, tmp_path, monkeypatch):
    source = text_pdf(PLAIN, pages=2)
    other = text_pdf(PLAIN, pages=2, name="other.pdf", change=lambda page: page.draw_rect((5, 5, 9, 9)))

    def fake_make_archive(_source: Path, target: Path, **_: bool) -> None:
        shutil.copyfile(other, target)

    monkeypatch.setattr(ghostscript, "make_archive", fake_make_archive)
    done = export_file(handler, "pdf", source, tmp_path / "out.pdf", None, options=ARCHIVE)
    assert done.notes == ()
    assert Path(done.path).read_bytes().startswith(other.read_bytes())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["one two", "three"], ["three", "onetwo"], TextHarm(None, ())),
        (["x²"], ["x2"], TextHarm(None, ())),
        (["abcdef"], ["abcd"], TextHarm(None, (0,))),
        (["abcdef"], ["abc"], TextHarm(0, ())),
        (["abcdef"], ["abcxyz"], TextHarm(0, ())),
        (["abc"], ["abc", "and more"], TextHarm(None, ())),
        (["x" * 50] * 12, ["x" * 50] * 11 + ["x" * 47], TextHarm(None, (0,))),
        (["x" * 50] * 12, ["x" * 50] * 11 + ["x" * 46], TextHarm(0, ())),
        ([], ["abc"], TextHarm(None, ())),
        (["abc"], [], TextHarm(0, ())),
    ],
)
def test_letters_are_compared(text_pdf, before, after, expected):
    with (
        pymupdf.open(text_pdf(*before, name="before.pdf")) as source,
        pymupdf.open(text_pdf(*after, name="after.pdf")) as copy,
    ):
        assert text_harm(source, copy) == expected


def test_the_first_ruined_page_is_named(text_pdf):
    with (
        pymupdf.open(text_pdf("abcdef", pages=25)) as source,
        pymupdf.open(text_pdf("abcdef", pages=25, name="after.pdf")) as copy,
    ):
        copy[3].add_redact_annot(copy[3].search_for("f")[0])
        copy[3].apply_redactions()
        copy[22].add_redact_annot(copy[22].rect)
        copy[22].apply_redactions()
        harm = text_harm(source, copy)
    assert harm.ruined == 22
    assert 3 in harm.touched
