"""What is seen and changed of a PDF page without loading it."""

from __future__ import annotations

import pymupdf
import pytest
from pymupdf import mupdf as raw

from desktop_ocr.document_host.export.page_objects import (
    TextAppender,
    pdf_of,
    put_objects,
    shows_only_pictures,
    to_page,
)

MARK = b"q BT /DesktopOcrText 10 Tf 20 30 Td (xx) Tj ET Q\n"


def with_contents(*streams: bytes) -> pymupdf.Document:
    """A page of such operators; several are an array of streams, none is a page without any."""
    document = pymupdf.open()
    page = document.new_page(width=300, height=400)
    numbers = []
    for operators in streams:
        numbers.append(document.get_new_xref())
        document.update_object(numbers[-1], "<< >>")
        document.update_stream(numbers[-1], operators)
    if numbers:
        wanted = " ".join(f"{number} 0 R" for number in numbers)
        document.xref_set_key(page.xref, "Contents", f"[{wanted}]" if len(numbers) > 1 else wanted)
    return document


def appended(document: pymupdf.Document) -> list[bytes]:
    """Append `MARK` to the first page; its streams."""
    appender = TextAppender(document)
    put_objects(pdf_of(document), {appender.font: "/Type /Font /Subtype /Type1 /BaseFont /Helvetica"})
    appender.append(raw.pdf_lookup_page_obj(pdf_of(document), 0), MARK)
    return [document.xref_stream(number) for number in document[0].get_contents()]


@pytest.mark.parametrize(
    ("streams", "enclosed"),
    [
        ((), False),
        ((b"q 100 0 0 100 0 0 cm /Im0 Do Q",), True),
        ((b"q Q q 0 0 5 5 re W n q 3 0 0 3 0 0 cm Q Q\n",), True),
        ((b"2 0 0 2 50 50 cm",), False),
        ((b"q Q 2 0 0 2 50 50 cm q Q",), False),
        ((b"q 2 0 0 2 50 50 cm",), False),
        ((b"q Q Q 2 0 0 2 50 50 cm",), False),
        ((b"Q Q q 2 0 0 2 50 50 cm q",), False),
        ((b"q BT (Q Q) Tj ET 2 0 0 2 50 50 cm",), False),
        ((b"q 2 0 0 2 50 50 cm % Q",), False),
        ((b"q/Im0 Do 2 0 0 2 50 50 cm/Im0 Do Q",), True),
        ((b"q/Im0 Do Q/q gs 2 0 0 2 50 50 cm/Q gs",), False),
        ((b"q [] 0 d Q[]0 d", b"2 0 0 2 50 50 cm"), False),
        ((b"q 2 0 0 2 50 50 cm " + b"0 0 m " * 1000,), False),
    ],
)
def test_what_stands_before_leaves_no_trace(streams, enclosed):
    document = with_contents(*streams)
    found = appended(document)
    assert found[-1].endswith(MARK)
    assert (len(found) == len(streams) + 1) == enclosed
    assert [part for part in found if part in streams] == list(streams)
    ((x, y),) = {
        span["origin"]
        for block in document[0].get_text("dict")["blocks"]
        for line in block.get("lines", ())
        for span in line["spans"]
        if span["text"] == "xx"
    }
    assert (x, y) == pytest.approx((20, 370), abs=0.01)


def test_pages_share_what_opens_them_and_not_what_they_show():
    """Two pages of one array of streams, as some programs write them."""
    document = with_contents(b"1 0 0 1 0 0 cm", b"1 0 0 1 0 0 cm")
    array = document.get_new_xref()
    document.update_object(array, document.xref_get_key(document[0].xref, "Contents")[1])
    document.new_page(width=300, height=400)
    for page in document:
        document.xref_set_key(page.xref, "Contents", f"{array} 0 R")
    appender = TextAppender(document)
    pdf = pdf_of(document)
    for number, mark in enumerate((b"first", b"second")):
        appender.append(raw.pdf_lookup_page_obj(pdf, number), b"% " + mark)
    first, second = (page.get_contents() for page in document)
    assert first[:3] == second[:3]
    assert len(first) == len(second) == 4
    assert document.xref_stream(first[3]).endswith(b"% first")
    assert document.xref_stream(second[3]).endswith(b"% second")


def test_scans_are_told_from_pages_that_may_have_text():
    document = pymupdf.open()
    picture = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 8, 8))
    picture.clear_with(200)
    for _ in range(5):
        document.new_page()
    document[0].insert_image((0, 0, 50, 50), pixmap=picture)
    document[1].insert_text((50, 50), "text")
    document[2].add_text_annot((50, 50), "note")
    with with_contents(b"0 0 5 5 re f") as other:
        document[3].show_pdf_page(pymupdf.Rect(0, 0, 50, 50), other)
    document.xref_set_key(document[4].xref, "Resources", "null")
    pdf = pdf_of(document)
    found = [shows_only_pictures(raw.pdf_lookup_page_obj(pdf, number)) for number in range(5)]
    assert found == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("rotation", "corner", "inside"),
    [(0, (10, 370), (60, 350)), (90, (10, 10), (30, 60)), (180, (250, 10), (200, 30)), (270, (250, 370), (230, 320))],
)
def test_where_the_corner_of_a_page_lies(rotation, corner, inside):
    document = pymupdf.open()
    page = document.new_page(width=300, height=400)
    page.set_cropbox(pymupdf.Rect(10, 30, 250, 390))
    page.set_rotation(rotation)
    place = to_page(raw.pdf_lookup_page_obj(pdf_of(document), 0))
    assert place(0, 0) == pytest.approx(corner, abs=1e-3)
    assert place(50, 20) == pytest.approx(inside, abs=1e-3)
