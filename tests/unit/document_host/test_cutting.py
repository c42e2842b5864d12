"""Pictures cut out of pages: from the right place, turned as the page was, no finer than wanted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pymupdf
import pytest
from PIL import Image
from results import result

from desktop_ocr.document_host.export.cutting import PictureCutter, encoded
from desktop_ocr.document_host.export.registry import CutPicture
from desktop_ocr.document_host.open_documents import OpenDocuments
from desktop_ocr.schema.document_messages import Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


@pytest.fixture
def cutter() -> Iterator[PictureCutter]:
    documents = OpenDocuments()
    yield PictureCutter(documents)
    documents.close()


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """Two pages of 4 x 8 inches: the first's upper left inch is red, the second's blue."""
    document = pymupdf.open()
    for colour in ((1, 0, 0), (0, 0, 1)):
        page = document.new_page(width=288, height=576)
        page.draw_rect(pymupdf.Rect(0, 0, 72, 72), color=colour, fill=colour)
    document.save(tmp_path / "a.pdf")
    return Source(str(tmp_path / "a.pdf"))


def opened(cut: CutPicture) -> Image.Image:
    image = Image.open(io.BytesIO(cut.data)).convert("RGB")
    assert image.size == (cut.width, cut.height)
    return image


@pytest.mark.parametrize(
    ("rotation", "box"),
    [(0, (0, 0, 200, 200)), (90, (1400, 0, 1600, 200)), (180, (600, 1400, 800, 1600)), (270, (0, 600, 200, 800))],
)
def test_a_corner_of_a_turned_page(
    cutter: PictureCutter, source: Source, rotation: int, box: tuple[float, float, float, float]
) -> None:
    size = (1600.0, 800.0) if rotation in (90, 270) else (800.0, 1600.0)
    page = result(size=size, rotation=rotation)
    for number, colour in ((0, RED), (1, BLUE), (0, RED)):
        made = opened(cutter.cut(source, msgspec.structs.replace(page, page=number), box, 100))
        assert abs(made.width - 100) <= 1
        assert abs(made.height - 100) <= 1
        assert made.getpixel((50, 50)) == colour
    far = (size[0] / 2, size[1] / 2, size[0] / 2 + 40, size[1] / 2 + 20)
    assert opened(cutter.cut(source, page, far, 100)).getpixel((5, 5)) == WHITE


def test_the_result_may_be_in_points(cutter: PictureCutter, source: Source) -> None:
    made = opened(cutter.cut(source, result(size=(288, 576), dpi=72), (0, 0, 144, 144), 200))
    assert abs(made.width - 400) <= 1
    assert (made.getpixel((190, 190)), made.getpixel((210, 210))) == (RED, WHITE)


def test_a_fine_scan_is_made_smaller(cutter: PictureCutter, tmp_path: Path) -> None:
    scan = Image.new("RGB", (2400, 2400), WHITE)
    scan.paste(RED, (0, 0, 1200, 1200))
    scan.save(tmp_path / "a.png", dpi=(600, 600))
    page = result(size=(2400, 2400), dpi=600)
    made = opened(cutter.cut(Source(str(tmp_path / "a.png")), page, (0, 0, 600, 1200), 150))
    assert made.size == (150, 300)
    assert made.getpixel((75, 150)) == RED


def test_what_is_not_there(cutter: PictureCutter, source: Source, tmp_path: Path) -> None:
    page = result(size=(800, 1600))
    with pytest.raises(DesktopOcrError) as caught:
        cutter.cut(source, page, (900, 0, 1000, 50), 100)
    assert caught.value.code is ErrorCode.EXPORT_FAILED
    with pytest.raises(DesktopOcrError) as caught:
        cutter.cut(source, msgspec.structs.replace(page, page=2), (0, 0, 10, 10), 100)
    assert caught.value.code is ErrorCode.NO_SUCH_PAGE
    with pytest.raises(DesktopOcrError) as caught:
        cutter.cut(Source(str(tmp_path / "gone.pdf")), page, (0, 0, 10, 10), 100)
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_another_file_of_that_name_is_drawn_anew(cutter: PictureCutter, source: Source) -> None:
    page = result(size=(800, 1600))
    assert opened(cutter.cut(source, page, (0, 0, 200, 200), 100)).getpixel((50, 50)) == RED
    document = pymupdf.open()
    document.new_page(width=288, height=576)
    Path(source.path).unlink()
    document.save(source.path)
    assert opened(cutter.cut(source, page, (0, 0, 200, 200), 100)).getpixel((50, 50)) == WHITE


def test_drawings_are_png_and_photographs_jpeg() -> None:
    grey = encoded(Image.new("RGB", (64, 64), (9, 9, 9)))
    assert (grey.suffix, grey.media_type, Image.open(io.BytesIO(grey.data)).mode) == (".png", "image/png", "L")
    assert Image.open(io.BytesIO(encoded(Image.new("RGB", (64, 64), RED)).data)).mode == "RGB"
    photograph = encoded(Image.effect_noise((128, 128), 90).convert("RGB"))
    assert photograph.suffix == ".png", "grey noise has 256 colours"
    channels = [Image.effect_noise((128, 128), 90) for _ in range(3)]
    photograph = encoded(Image.merge("RGB", channels))
    assert (photograph.suffix, photograph.media_type) == (".jpg", "image/jpeg")
