"""PDF pages: how they are drawn, and when their own text is read."""

from __future__ import annotations

import io

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageDraw

from desktop_ocr.document_host.pdf_file import legible_dpi
from desktop_ocr.document_host.soundness import count_strokes
from desktop_ocr.schema.document_messages import MakePicture, Picture, Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.results import polygon_box


def picture_of_text(lines: int = 20) -> bytes:
    image = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(image)
    for i in range(lines):
        draw.text((100, 100 + 40 * i), "the quick brown fox jumps over the lazy dog " * 2, fill=0, font_size=24)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_lines_and_words_lie_where_they_are_shown(prepare, text_pdf):
    layer = prepare(text_pdf("Hello wide world", "second line")).layer
    assert [line.text for line in layer.lines] == ["Hello wide world", "second line"]
    assert [word.text for word in layer.lines[0].words] == ["Hello", "wide", "world"]
    x0, y0, _, y1 = polygon_box(layer.lines[0].words[0].polygon)
    assert x0 == pytest.approx(72, abs=1.5)
    assert y0 < 92 < 100 < y1 < 106
    assert layer.lines[0].confidence == 1.0


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_coordinates_are_those_of_the_page_as_displayed(prepare, text_pdf, rotation):
    def change(page):
        page.set_cropbox(pymupdf.Rect(50, 30, 500, 800))
        page.set_rotation(rotation)

    path = text_pdf("Hello wide world", change=change)
    layer = prepare(path, mode=TextLayerMode.ONLY).layer
    assert (layer.width, layer.height) == ((450, 770) if rotation in (0, 180) else (770, 450))
    bitmap = prepare(path, dpi=72, mode=TextLayerMode.ALWAYS_OCR).bitmap
    ink = np.fromfile(bitmap.path, dtype=np.uint8).reshape(bitmap.height, bitmap.width, 3).min(axis=2) < 128
    rows, columns = np.nonzero(ink)
    scale = bitmap.dpi / 72
    x0, y0, x1, y1 = (value * scale for value in polygon_box(layer.lines[0].polygon))
    assert x0 - 2 <= columns.min() <= columns.max() <= x1 + 2
    assert y0 - 2 <= rows.min() <= rows.max() <= y1 + 2
    # The first corner is where the text begins.
    first, second = layer.lines[0].polygon[0:2], layer.lines[0].polygon[2:4]
    direction = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[rotation]
    length = np.hypot(second[0] - first[0], second[1] - first[1])
    assert (second[0] - first[0]) / length == pytest.approx(direction[0], abs=0.01)
    assert (second[1] - first[1]) / length == pytest.approx(direction[1], abs=0.01)


def test_text_outside_of_the_page_is_left_out(prepare, text_pdf):
    path = text_pdf("inside", change=lambda page: page.insert_text((-200, 300), "outside"))
    assert [line.text for line in prepare(path).layer.lines] == ["inside"]


def test_ligatures_are_letters_and_soft_hyphens_go(prepare, text_pdf):
    def change(page):
        page.insert_htmlbox((72, 72, 500, 200), "<p>&#xfb01;ne af&#xfb02;uent co&#173;operate</p>")

    text = prepare(text_pdf(change=change)).layer.lines[0].text
    assert text == "fine affluent cooperate"


def test_rulings_and_pictures(prepare, text_pdf):
    def change(page):
        page.draw_line((72, 300), (400, 300), width=1)
        page.draw_rect((72, 320, 400, 321), color=None, fill=(0, 0, 0))
        page.insert_image((100, 400, 200, 450), stream=picture_of_text(1))

    layer = prepare(text_pdf("some text that is long enough to be more than the picture", change=change)).layer
    assert len(layer.rulings) == 2
    assert all(box[2] - box[0] > 300 and box[3] - box[1] < 3 for box in layer.rulings)
    assert [round(v) for v in layer.pictures[0]] == pytest.approx([100, 400, 200, 450], abs=40)


def test_form_fields_and_notes_are_drawn_and_read(prepare, text_pdf):
    def change(page):
        field = pymupdf.Widget()
        field.field_name, field.field_type = "name", pymupdf.PDF_WIDGET_TYPE_TEXT
        field.rect, field.field_value = pymupdf.Rect(72, 200, 300, 220), "Ada Lovelace"
        page.add_widget(field)

    path = text_pdf(change=change)
    assert "Ada Lovelace" in [line.text for line in prepare(path).layer.lines]
    bitmap = prepare(path, mode=TextLayerMode.ALWAYS_OCR).bitmap
    assert np.fromfile(bitmap.path, dtype=np.uint8).min() < 100


def verdict(prepared) -> tuple[bool, str]:
    assert prepared.reason
    return prepared.layer is not None, prepared.reason


def test_a_blank_page_is_read_and_empty(prepare, text_pdf):
    prepared = prepare(text_pdf())
    assert prepared.layer is not None
    assert prepared.layer.lines == ()


def test_a_scan_is_recognised(prepare, text_pdf):
    path = text_pdf(change=lambda page: page.insert_image(page.rect, stream=picture_of_text()))
    assert not verdict(prepare(path))[0]


def test_a_scan_with_a_stamp_is_recognised(prepare, text_pdf):
    def change(page):
        page.insert_image(page.rect, stream=picture_of_text())
        page.insert_text((72, 20), "Downloaded from an archive on a rainy day", fontsize=8)

    sound, reason = verdict(prepare(text_pdf(change=change)))
    assert not sound
    assert "more text" in reason


def test_hidden_text_is_not_trusted_but_read_when_asked_for(prepare, text_pdf):
    def change(page):
        page.insert_image(page.rect, stream=picture_of_text())
        page.insert_text((72, 100), "teh qvick brovvn", render_mode=3)

    path = text_pdf(change=change)
    assert not verdict(prepare(path))[0]
    assert [line.text for line in prepare(path, mode=TextLayerMode.ONLY).layer.lines] == ["teh qvick brovvn"]


def test_text_behind_a_picture_is_not_trusted(prepare, text_pdf):
    path = text_pdf(
        *["behind the picture there is text"] * 10,
        change=lambda page: page.insert_image(page.rect, stream=picture_of_text()),
    )
    sound, reason = verdict(prepare(path))
    assert not sound
    assert "behind" in reason


def test_a_cipher_is_not_text(prepare, text_pdf):
    cipher = "Zm Nodm Bnqotr ne Sgqdd Sqhkkhnm Snjdmr enq Kzmftzfd Lncdk Oqdsqzhmhmf Qdrdzqbg"
    assert not verdict(prepare(text_pdf(cipher, cipher)))[0]
    plain = "An Open Corpus of Three Trillion Tokens for Language Model Pretraining Research"
    assert verdict(prepare(text_pdf(plain, plain)))[0]


def test_characters_without_meaning_are_not_text(prepare, text_pdf):
    path = text_pdf(change=lambda page: page.insert_htmlbox((72, 72, 500, 300), "&#xe000;&#xe001;&#xe002; ab"))
    assert not verdict(prepare(path))[0]


def test_only_the_text_layer(prepare, text_pdf):
    path = text_pdf(change=lambda page: page.insert_image(page.rect, stream=picture_of_text()))
    with pytest.raises(DesktopOcrError) as caught:
        prepare(path, mode=TextLayerMode.ONLY)
    assert caught.value.code is ErrorCode.NO_TEXT_LAYER


def test_strokes_are_counted_dark_and_light():
    stripes = np.full((10, 100), 255, dtype=np.int16)
    stripes[:, ::10] = 0
    assert count_strokes(stripes) == 10 * 9
    assert count_strokes((255 - stripes).astype(np.int16)) == 10 * 9
    assert count_strokes(np.zeros((5, 1), dtype=np.int16)) == 0


@pytest.mark.parametrize("size", [(20, 20), (14400, 14400), (14400, 3), (3, 14400), (40_000, 40_000)])
def test_pages_of_any_size_keep_to_the_limit(prepare, tmp_path, size):
    document = pymupdf.open()
    document.new_page(width=size[0], height=size[1])
    path = tmp_path / "a.pdf"
    document.save(path)
    bitmap = prepare(path, mode=TextLayerMode.ALWAYS_OCR, max_pixels=500_000).bitmap
    assert bitmap.dpi >= 1


def test_a_page_without_end_is_refused(prepare, tmp_path):
    document = pymupdf.open()
    document.new_page(width=1_000_000, height=1_000_000)
    document.save(tmp_path / "a.pdf")
    with pytest.raises(DesktopOcrError) as caught:
        prepare(tmp_path / "a.pdf", mode=TextLayerMode.ALWAYS_OCR, max_pixels=500_000)
    assert caught.value.code is ErrorCode.TOO_LARGE


def test_a_picture_that_cannot_be_drawn_is_no_empty_page(prepare, text_pdf):
    def change(page):
        page.insert_image(page.rect, stream=picture_of_text())
        number = page.get_images()[0][0]
        page.parent.update_stream(number, b"rubbish", compress=False)
        page.parent.xref_set_key(number, "Filter", "/DCTDecode")

    with pytest.raises(DesktopOcrError) as caught:
        prepare(text_pdf(change=change))
    assert caught.value.code is ErrorCode.DAMAGED


def test_small_pages_are_drawn_finer_and_coarse_pictures_are_not(text_pdf):
    with pymupdf.open(text_pdf("hello")) as document:
        assert legible_dpi(document[0], 200) == 200
        document[0].set_cropbox(pymupdf.Rect(0, 0, 144, 200))
        assert legible_dpi(document[0], 200) == 300
    with pymupdf.open() as document:
        page = document.new_page(width=1240, height=1754)
        page.insert_image(page.rect, stream=picture_of_text())
        assert legible_dpi(page, 200) == pytest.approx(200 * 11 * 72 / 1754, abs=1)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pictures_for_the_screen(handler, text_pdf, tmp_path, rotation):
    shown = tmp_path / "shown"
    reply = handler(MakePicture(Source(str(text_pdf("hello"))), 0, 400, 300, rotation, str(shown)))
    assert isinstance(reply, Picture)
    assert Image.open(shown).size == (reply.width, reply.height)
    assert reply.width <= 400
    assert reply.height <= 300
    assert (round(reply.page_width), round(reply.page_height)) == ((595, 842) if rotation in (0, 180) else (842, 595))


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("born_digital/2305.03393v1-pg9.pdf", True),
        ("born_digital/right_to_left_01.pdf", True),
        ("born_digital/table_mislabeled_as_picture.pdf", True),
        ("gnarly/edgar.pdf", True),
        ("gnarly/ambiguous.pdf", False),
        ("gnarly/dolma-page-1.pdf", False),
        ("gnarly/handwriting_bad_ocr.pdf", False),
        ("gnarly/some_ocr1.pdf", False),
        ("hostile/type3_font_nomapping.pdf", False),
        ("rules/headers_footers__ff518b1240a66978f22035528ccb029450b5_pg2.pdf", False),
        ("scans/graph_ocred.pdf", False),
        ("scans/acroform.pdf", False),
    ],
)
def test_verdicts_on_the_corpus(prepare, corpus, name, read):
    assert verdict(prepare(corpus / name))[0] is read


@pytest.mark.corpus
def test_arabic_is_in_logical_order(prepare, corpus):
    first = prepare(corpus / "born_digital" / "right_to_left_01.pdf").layer.lines[0]
    assert first.text == "تحسين الإنتاجية وحل المشكلات من خلال البرمجة بلغة R وPython"


def test_pages_that_a_cut_off_pdf_has_lost_are_not_empty_pages(prepare, text_pdf, tmp_path):
    whole, path = text_pdf("hello", pages=3), tmp_path / "cut.pdf"
    data = whole.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert prepare(path, page=0).layer.lines
    with pytest.raises(DesktopOcrError) as caught:
        prepare(path, page=2)
    assert caught.value.code is ErrorCode.DAMAGED
