"""Pictures of every kind of pixel become RGB that shows what they hold, within the limits."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from desktop_ocr.document_host.picture_pixels import to_rgb
from desktop_ocr.schema.document_messages import MakePicture, Picture, Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import TextLayerMode


def pixels(prepared) -> np.ndarray:
    bitmap = prepared.bitmap
    return np.fromfile(bitmap.path, dtype=np.uint8).reshape(bitmap.height, bitmap.width, 3)


def drawing(mode: str = "L", ground: object = 255, ink: object = 0) -> Image.Image:
    """60 x 40, a bar of ink in the upper left."""
    image = Image.new(mode, (60, 40), ground)
    ImageDraw.Draw(image).rectangle((5, 5, 30, 12), fill=ink)
    return image


@pytest.mark.parametrize(
    ("image", "suffix"),
    [
        (drawing("1", 1, 0), "tif"),
        (drawing("L"), "png"),
        (drawing("RGB", "white", "black"), "bmp"),
        (drawing("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), "jpg"),
        (drawing("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), "tif"),
        (drawing("RGB", "white", "black").quantize(4), "png"),
        (drawing("LA", (255, 255), (0, 255)), "png"),
        (drawing("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)), "png"),
        (Image.fromarray(np.where(np.asarray(drawing()) > 0, 65535, 0).astype(np.uint16)), "png"),
        (Image.fromarray(np.where(np.asarray(drawing()) > 0, 4095, 0).astype(np.uint16)), "tif"),
        (Image.fromarray(np.where(np.asarray(drawing()) > 0, 1.0, 0.0).astype(np.float32)), "tif"),
    ],
)
def test_every_kind_of_pixel(prepare, tmp_path, image, suffix):
    path = tmp_path / f"a.{suffix}"
    image.save(path)
    found = pixels(prepare(path))
    assert found.shape == (40, 60, 3)
    assert found[8, 15].max() < 60
    assert found[30, 50].min() > 200


def test_a_bad_colour_profile_does_no_harm():
    image = drawing("CMYK", (0, 0, 0, 0), (0, 0, 0, 255))
    image.info["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # for another mode
    assert to_rgb(image).mode == "RGB"
    image.info["icc_profile"] = b"rubbish"
    assert to_rgb(image).getpixel((50, 30)) == (255, 255, 255)


@pytest.mark.parametrize(("ink", "ground"), [("black", 255), ("white", 0), ((255, 255, 120), 0), ("red", 255)])
def test_transparent_pictures_get_a_ground_that_shows_them(ink, ground):
    image = drawing("RGBA", (0, 0, 0, 0), ink)
    assert to_rgb(image).getpixel((50, 30)) == (ground, ground, ground)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_picture_upright(prepare, handler, tmp_path, orientation):
    upright = drawing("RGB", "white", "black")
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright.transpose(back) if back is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.png"
    stored.save(path, exif=exif)
    assert (pixels(prepare(path)) == np.asarray(upright)).all()
    shown = handler(MakePicture(Source(str(path)), 0, 300, 300, 0, str(tmp_path / "shown")))
    assert isinstance(shown, Picture)
    assert (shown.width, shown.height) == (300, 200)
    assert shown.page_width > shown.page_height


def test_pixels_of_a_fax_become_square(prepare, tmp_path):
    path = tmp_path / "fax.tif"
    Image.new("1", (1728, 1100), 1).save(path, dpi=(204, 98), compression="group4")
    bitmap = prepare(path).bitmap
    assert bitmap.width == 1728
    assert bitmap.height == pytest.approx(1100 * 204 / 98, abs=2)
    assert bitmap.dpi == pytest.approx(204, abs=0.1)


@pytest.mark.parametrize(
    ("size", "told", "dpi"),
    [
        ((1654, 2339), 200, 200),  # plausible
        ((600, 800), 72, 72),  # a small page by a program that knows of no paper
        ((2480, 3508), 72, 300.1),  # the same, but A4 by its size
        ((2480, 3508), None, 300.1),
        ((300, 200), None, 96),  # a snippet
        ((3600, 4800), None, 400),
        ((1000, 1000), 5000, 96),
    ],
)
def test_resolution(prepare, tmp_path, size, told, dpi):
    path = tmp_path / "a.png"
    Image.new("1", size, 1).save(path, **({"dpi": (told, told)} if told else {}))
    found = prepare(path, max_pixels=100_000_000).bitmap
    assert found.dpi == pytest.approx(dpi, abs=0.2)
    assert (found.width, found.height) == size


@pytest.mark.parametrize("suffix", ["png", "jpg", "jp2", "tif"])
def test_large_pictures_are_made_smaller(prepare, tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.new("L", (3000, 2000), 255).save(path, dpi=(300, 300))
    bitmap = prepare(path, max_pixels=1_000_000).bitmap
    assert 0.95e6 < bitmap.width * bitmap.height <= 1e6
    inches = 3000 / 300 if suffix != "jp2" else 11.69  # Pillow writes no resolution there
    assert bitmap.dpi == pytest.approx(bitmap.width / inches, rel=0.01)


def png_header(width: int, height: int, depth: int, colour: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rows + chunk(b"IEND", b"")


def test_a_bomb_is_refused_when_it_is_added(prepare, tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(35_000, 35_000, 8, 2))
    with pytest.raises(DesktopOcrError) as caught:
        prepare(path)
    assert caught.value.code is ErrorCode.TOO_LARGE
    assert "35000 x 35000" in caught.value.info.message


def test_a_large_jpeg_is_decoded_smaller(prepare, tmp_path):
    path = tmp_path / "a.jpg"
    Image.new("L", (12_000, 9_000), 255).save(path)  # 432 MB as Pillow keeps RGB
    bitmap = prepare(path, max_pixels=4_000_000).bitmap
    assert bitmap.width * bitmap.height <= 4_000_000


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "bmp"])
def test_a_picture_that_is_cut_off_is_no_whole_page(prepare, tmp_path, suffix):
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper()))
    path = tmp_path / "cut"
    path.write_bytes(out.getvalue()[: len(out.getvalue()) // 2])
    with pytest.raises(DesktopOcrError) as caught:
        prepare(path)
    assert caught.value.code is ErrorCode.DAMAGED


def test_a_picture_has_no_text_layer(prepare, tmp_path):
    path = tmp_path / "a.png"
    drawing().save(path)
    with pytest.raises(DesktopOcrError) as caught:
        prepare(path, mode=TextLayerMode.ONLY)
    assert caught.value.code is ErrorCode.NO_TEXT_LAYER


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pictures_for_the_screen_are_turned(handler, tmp_path, rotation):
    path, shown = tmp_path / "a.png", tmp_path / "shown"
    drawing().save(path, dpi=(60, 60))
    reply = handler(MakePicture(Source(str(path)), 0, 30, 30, rotation, str(shown)))
    assert isinstance(reply, Picture)
    image = Image.open(shown)
    assert image.size == (reply.width, reply.height) == ((30, 20) if rotation in (0, 180) else (20, 30))
    corner = {0: (7, 4), 90: (15, 7), 180: (22, 15), 270: (4, 22)}[rotation]
    assert image.convert("L").getpixel(corner) < 128
    assert (reply.page_width > reply.page_height) == (rotation in (0, 180))


def test_what_pillow_does_not_know_is_read_all_the_same(prepare, tmp_path):
    """A BMP with the short header of OS/2 2.0."""
    rows = bytes(3 * 8 * 7) + b"\xff" * (3 * 8)  # bottom row first: 7 black ones, then a white one at the top
    head = struct.pack("<IIIHH", 16, 8, 8, 1, 24)
    path = tmp_path / "os2.bmp"
    path.write_bytes(b"BM" + struct.pack("<IHHI", 14 + len(head) + len(rows), 0, 0, 14 + len(head)) + head + rows)
    with pytest.raises(OSError, match="BMP header"):
        Image.open(path).load()
    found = pixels(prepare(path))
    assert found[0].min() == 255
    assert found[1:].max() == 0


@pytest.mark.corpus
def test_white_text_on_nothing_is_seen(prepare, corpus: Path):
    found = pixels(prepare(corpus / "languages" / "white_font_color_transparent.png"))
    assert found[0, 0].max() == 0
    assert found.max() == 255


@pytest.mark.parametrize(("suffix", "kept"), [("png", 40), ("tif", -10)])
def test_what_only_mupdf_reads_of_a_cut_off_picture_is_no_whole_page(prepare, tmp_path, suffix, kept):
    whole, path = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    Image.effect_noise((300, 200), 50).save(whole, **({"compression": "tiff_lzw"} if suffix == "tif" else {}))
    path.write_bytes(whole.read_bytes()[:kept])
    with pytest.raises(DesktopOcrError) as caught:
        prepare(path)
    assert caught.value.code is ErrorCode.DAMAGED
