"""A part of a page looks as it does in the whole page's picture, whichever way the page lies."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from desktop_ocr.document_host.document import Document
from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.document_host.opening import open_document
from desktop_ocr.document_host.parts import Part, part_of, stored_box
from desktop_ocr.document_host.raster import Raster
from desktop_ocr.schema.document_messages import MakePicture, Picture, PreparedPage, PreparePage, Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.results import Box

REGION = (0.21, 0.33, 0.74, 0.58)
PLENTY = 24_000_000
ROTATIONS = (0, 90, 180, 270)
TURNS = {0: 0, 90: 3, 180: 2, 270: 1}
"""Counter-clockwise quarters, as numpy turns, by degrees clockwise."""


class Grid(NamedTuple):
    """A picture's pixels, and how many make an inch."""

    pixels: np.ndarray
    dpi: float


def grid(raster: Raster) -> Grid:
    return Grid(np.frombuffer(raster.rgb, np.uint8).reshape(raster.height, raster.width, 3).copy(), raster.dpi)


def decoded(made: tuple[bytes, int, int]) -> np.ndarray:
    data, width, height = made
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert pixels.shape == (height, width, 3)
    return pixels


def cut(whole: np.ndarray, region: Box, size: tuple[float, float] | None = None) -> np.ndarray:
    """The same part of a picture, its edges rounded; `size` is the page's, where its last pixels are partial."""
    width, height = size or whole.shape[1::-1]
    x0, y0, x1, y1 = region
    return whole[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)]


def blurred(image: Image.Image) -> np.ndarray:
    """Without what is finer than a pixel or two."""
    return np.asarray(image.filter(ImageFilter.GaussianBlur(2)))


def differences(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far each value is from the other picture's."""
    assert one.dtype == other.dtype == np.uint8
    return np.maximum(one, other) - np.minimum(one, other)


def same(part: np.ndarray, wanted: np.ndarray, tolerance: int = 2) -> None:
    """Pixel for pixel."""
    assert part.shape == wanted.shape
    assert wanted.min() < 128, "nothing is to be seen there"
    assert differences(part, wanted).max() <= tolerance


def check(document: Document, page: int, rotation: int, region: Box, dpi: int = 150) -> None:
    """As bitmap and as picture, a part is the same part of the whole."""
    upright = grid(document.render(page, dpi, PLENTY)).pixels
    whole = grid(document.render(page, dpi, PLENTY, Part(rotation)))
    turned = np.rot90(upright, TURNS[rotation])
    assert turned.shape == whole.pixels.shape
    assert differences(turned, whole.pixels).mean() < 6  # a letter's edges are not those of a turned one
    part = grid(document.render(page, dpi, PLENTY, Part(rotation, region)))
    assert part.dpi == pytest.approx(whole.dpi)
    size = Part(rotation).turned(*(side * whole.dpi / 72 for side in document.page_size(page)))
    same(part.pixels, cut(whole.pixels, region, size))
    # The box takes the whole page at one resolution, the region's own box takes the region at the same.
    shown = decoded(document.picture(page, 900, 900, Part(rotation)))
    height, width = shown.shape[:2]
    box = math.ceil((region[2] - region[0]) * width), math.ceil((region[3] - region[1]) * height)
    drawn = decoded(document.picture(page, *box, Part(rotation, region)))
    assert drawn.shape[0] <= box[1]
    assert drawn.shape[1] <= box[0]
    wanted = Image.fromarray(cut(shown, region)).resize(drawn.shape[1::-1], Image.Resampling.LANCZOS)
    assert differences(blurred(Image.fromarray(drawn)), blurred(wanted)).mean() < 8  # the same things in the same place


@pytest.fixture
def lettered(tmp_path: Path) -> Callable[..., Path]:
    """Makes a PDF page of lines of text with a frame, turned by its own /Rotate."""

    def make(turned: int = 0, *, picture: bool = False) -> Path:
        with pymupdf.open() as document:
            page = document.new_page(width=401.3, height=602.7)
            for line in range(24):
                page.insert_text(
                    (20, 40 + 23 * line), f"{line} the quick brown fox jumps over the lazy dog", fontsize=13
                )
            if picture:
                page.insert_image(page.rect, stream=scan())
            page.draw_rect((3, 3, 398, 599), width=2)
            page.set_rotation(turned)
            path = tmp_path / f"lettered-{turned}-{picture}.pdf"
            document.save(path)
        return path

    return make


def drawing(width: int = 500, height: int = 700) -> Image.Image:
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    for line in range(18):
        draw.text((width // 20, 20 + height // 20 * line), f"{line} pack my box with liquor jugs", fill=0, font_size=24)
    draw.line((0, 0, width, height), fill=90, width=5)
    return image


def scan() -> bytes:
    out = io.BytesIO()
    drawing(1000, 1500).save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.mark.parametrize(("turned", "rotation"), list(itertools.product(ROTATIONS, ROTATIONS)))
def test_a_part_of_a_pdf_page(lettered, turned: int, rotation: int):
    document = open_document(Source(str(lettered(turned))))
    check(document, 0, rotation, REGION)
    document.close()


def test_a_part_of_a_scan_in_a_pdf(lettered):
    document = open_document(Source(str(lettered(picture=True))))
    check(document, 0, 90, REGION)
    document.close()


@pytest.mark.parametrize("turned", [0, 90])
def test_a_part_of_a_pdf_page_is_cut_along_the_pixels_of_the_whole(lettered, turned: int):
    document = open_document(Source(str(lettered(turned))))
    for dpi, region in ((400, REGION), (800, (0.203, 0.503, 0.28, 0.57))):
        whole = grid(document.render(0, dpi, 200_000_000))
        part = grid(document.render(0, dpi, 200_000_000, Part(0, region)))
        width, height = document.page_size(0)
        same(part.pixels, cut(whole.pixels, region, (width * dpi / 72, height * dpi / 72)), 0)
    document.close()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("rotation", [0, 90])
def test_a_part_of_a_picture_with_exif(tmp_path: Path, orientation: int, rotation: int):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.png"
    drawing().save(path, exif=exif, dpi=(150, 150))
    check(open_document(Source(str(path))), 0, rotation, REGION)


def modes() -> list[Image.Image]:
    """The same drawing in every kind of pixel."""
    grey = drawing()
    values = np.asarray(grey)
    half_clear = Image.merge("LA", (Image.new("L", grey.size, 255), grey.point(lambda value: 255 - value)))
    return [
        grey.convert("1"),
        grey,
        grey.convert("RGB"),
        grey.convert("RGB").quantize(8),
        half_clear,  # white on nothing: black ground
        half_clear.convert("RGBA"),
        grey.convert("CMYK"),
        Image.fromarray(values.astype(np.uint16) * 16),  # 12 of 16 bits
        Image.fromarray(values.astype(np.float32) / 255),
    ]


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_part_of_each_page_of_a_tiff(tmp_path: Path, rotation: int):
    path = tmp_path / "pages.tif"
    first, *others = modes()
    first.save(path, save_all=True, append_images=others, dpi=(200, 200))
    document = open_document(Source(str(path)))
    assert document.page_count == len(others) + 1
    for page in range(document.page_count):
        check(document, page, rotation, REGION)


def test_a_part_with_other_light_than_the_whole(tmp_path: Path):
    """What is white, and what lies behind the transparent, is decided by the whole picture."""
    dim = np.full((400, 400), 1000, np.uint16)
    dim[:50] = 60_000
    dim[200:220, 200:220] = 0
    clear = np.zeros((400, 400, 4), np.uint8)
    clear[:200] = (0, 0, 0, 255)
    clear[300:320, 200:220] = (255, 255, 255, 255)
    for number, values in enumerate((dim, clear)):
        path = tmp_path / f"{number}.png"
        Image.fromarray(values).save(path, dpi=(200, 200))
        document = open_document(Source(str(path)))
        whole = grid(document.render(0, 200, PLENTY)).pixels
        part = grid(document.render(0, 200, PLENTY, Part(0, (0.25, 0.45, 0.75, 0.95)))).pixels
        assert (part == whole[180:380, 100:300]).all()


def test_a_part_of_what_is_made_smaller(tmp_path: Path):
    """Averaging looks beyond the edges of what is cut out."""
    for number, image in enumerate(modes()):
        path = tmp_path / f"{number}.tif"
        image.save(path, dpi=(200, 200))
        document = open_document(Source(str(path)))
        shown = decoded(document.picture(0, 250, 350))  # exactly half
        part = decoded(document.picture(0, 150, 140, Part(0, (0.2, 0.2, 0.8, 0.6))))
        assert shown.shape[:2] == (350, 250)
        assert part.shape == (140, 150, 3)
        if image.mode != "CMYK":  # which is shown as JPEG
            same(part, shown[70:210, 50:200], 0)


@pytest.mark.parametrize("suffix", ["jpg", "jp2", "webp"])
def test_a_part_of_a_photograph(tmp_path: Path, suffix: str):
    path = tmp_path / f"a.{suffix}"
    drawing(2000, 2800).convert("RGB").save(path, quality=95)
    document = open_document(Source(str(path)))
    shown = decoded(document.picture(0, 500, 700))
    part = decoded(document.picture(0, 300, 280, Part(0, (0.2, 0.2, 0.8, 0.6))))
    assert part.shape == (280, 300, 3)
    assert differences(part, shown[140:420, 100:400]).mean() < 3  # encoded by itself


def test_pixels_of_a_fax_are_square_in_a_part_too(tmp_path: Path):
    path = tmp_path / "fax.tif"
    drawing(864, 550).convert("1").save(path, dpi=(204, 98), compression="group4")
    check(open_document(Source(str(path))), 0, 0, REGION)


def test_a_part_may_have_all_the_pixels_that_the_whole_may_not(tmp_path: Path, lettered):
    """Whoever reads a small part again at a higher resolution gets it."""
    path = tmp_path / "large.png"
    drawing(3000, 4000).save(path, dpi=(300, 300))
    for file, dpi in ((path, 300), (lettered(), 600)):
        document = open_document(Source(str(file)))
        limit = 1_000_000
        whole = grid(document.render(0, dpi, limit))
        part = grid(document.render(0, dpi, limit, Part(0, (0.1, 0.1, 0.3, 0.3))))
        assert whole.dpi < dpi / 2
        assert part.dpi == pytest.approx(dpi, abs=0.1)
        most = grid(document.render(0, dpi, limit, Part(0, (0.1, 0.1, 0.9, 0.9))))
        assert most.pixels.shape[0] * most.pixels.shape[1] <= limit
        document.close()


@pytest.mark.parametrize("side", [64, 1000])
def test_a_hugely_zoomed_part_stays_within_its_box(tmp_path: Path, lettered, side: int):
    path = tmp_path / "a.png"
    drawing().save(path)
    for file in (path, lettered()):
        document = open_document(Source(str(file)))
        for region in ((0.5, 0.5, 0.5 + 1e-9, 0.5 + 1e-9), (0.99999, 0.0, 1.0, 0.00001), (0.0, 0.5, 1.0, 0.500001)):
            for rotation in (0, 270):
                pixels = decoded(document.picture(0, side, side, Part(rotation, region)))
                assert 1 <= pixels.shape[0] <= side
                assert 1 <= pixels.shape[1] <= side
        document.close()


def test_an_empty_part_of_a_page_with_a_broken_picture_is_no_damage(tmp_path: Path):
    """MuPDF's warnings count where nothing of the whole page is to be seen."""
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=400)
        page.insert_text((20, 40), "a page of text", fontsize=20)
        page.insert_image((200, 200, 300, 300), stream=scan())
        path = tmp_path / "a.pdf"
        for xref in range(1, document.xref_length()):
            if document.xref_get_key(xref, "Subtype")[1] == "/Image":
                document.update_stream(xref, b"rubbish", compress=False)
        document.save(path)
    document = open_document(Source(str(path)))
    assert grid(document.render(0, 100, PLENTY, Part(0, (0.0, 0.8, 0.4, 1.0)))).pixels.min() == 255
    document.close()


def test_the_handler_answers_for_a_part(handler: DocumentHandler, lettered, tmp_path: Path):
    source, bitmap = Source(str(lettered(90))), tmp_path / "page.rgb"
    request = PreparePage(source, 0, 600, PLENTY, TextLayerMode.AUTO, str(bitmap), 270, REGION)
    prepared = handler(request)
    assert isinstance(prepared, PreparedPage)
    assert prepared.layer is None, "a part is never read from the text layer"
    assert prepared.bitmap is not None
    assert bitmap.stat().st_size == prepared.bitmap.width * prepared.bitmap.height * 3
    # /Rotate turned it on its side, and we turn it back: 401.3 x 602.7 points.
    assert prepared.bitmap.width == pytest.approx(0.53 * 401.3 / 72 * prepared.bitmap.dpi, abs=1)
    assert prepared.bitmap.height == pytest.approx(0.25 * 602.7 / 72 * prepared.bitmap.dpi, abs=1)
    picture = handler(MakePicture(source, 0, 300, 300, 270, str(tmp_path / "shown"), REGION))
    assert isinstance(picture, Picture)
    assert (picture.page_width, picture.page_height) == pytest.approx((401.3, 602.7), abs=0.1)
    assert max(picture.width, picture.height) == 300


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ((0.5, 0.5, 0.5, 0.9), "empty"),
        ((0.5, 0.9, 0.8, 0.2), "empty"),
        ((-0.1, 0.0, 0.5, 0.5), "outside"),
        ((0.5, 0.5, 0.9, 1.2), "outside"),
        ((0.0, 0.0, math.nan, 0.5), "outside"),
        ((0.0, 0.0, math.inf, 0.5), "outside"),
    ],
)
def test_a_part_that_is_none(handler: DocumentHandler, lettered, tmp_path: Path, region: Box, words: str):
    source, file = Source(str(lettered())), tmp_path / "out"
    for request in (
        PreparePage(source, 0, 200, PLENTY, TextLayerMode.AUTO, str(file), 0, region),
        MakePicture(source, 0, 300, 300, 0, str(file), region),
    ):
        with pytest.raises(DesktopOcrError, match=words) as caught:
            handler(request)
        assert caught.value.code is ErrorCode.USAGE
    assert not file.exists()


def test_pages_are_turned_by_quarters(handler: DocumentHandler, lettered, tmp_path: Path):
    with pytest.raises(DesktopOcrError, match="quarters"):
        handler(PreparePage(Source(str(lettered())), 0, 200, PLENTY, TextLayerMode.AUTO, str(tmp_path / "out"), 45))


def test_all_of_a_page_is_no_part():
    assert part_of(90, (0.0, -1e-9, 1.0 + 1e-9, 1.0)) == Part(90)


@given(
    st.integers(1, 8),
    st.integers(1, 40),
    st.integers(1, 40),
    st.tuples(*[st.floats(0, 1)] * 4).filter(lambda box: box[0] < box[2] and box[1] < box[3]),
)
def test_where_a_box_lay_before_the_picture_was_turned(orientation: int, width: int, height: int, region: Box):
    """By numpy: what is cut out before turning is the same as what is cut out afterwards."""
    stored = np.arange(width * height).reshape(height, width)

    def turn(values: np.ndarray) -> np.ndarray:
        flips = {1: 0, 2: 0, 3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}
        values = np.rot90(values, flips[orientation])
        return values[:, ::-1] if orientation in (2, 4, 5, 7) else values

    shown = turn(stored)
    x0, y0, x1, y1 = box = Part(0, region).pixels(shown.shape[1], shown.shape[0])
    assert 0 <= x0 < x1 <= shown.shape[1]
    assert 0 <= y0 < y1 <= shown.shape[0]
    a0, b0, a1, b1 = stored_box(box, shown.shape[1], shown.shape[0], orientation)
    assert (turn(stored[b0:b1, a0:a1]) == shown[y0:y1, x0:x1]).all()
