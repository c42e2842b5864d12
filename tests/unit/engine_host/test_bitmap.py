"""Page bitmaps and the tiles they are cut into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop_ocr.engine_host.bitmap import load_bitmap, shrink, turn
from desktop_ocr.engine_host.tiles import plan_tiles
from desktop_ocr.schema.document_messages import Bitmap
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


def write(folder: Path, image: np.ndarray) -> Bitmap:
    file = folder / "page.rgb"
    file.write_bytes(image.tobytes())
    return Bitmap(str(file), image.shape[1], image.shape[0], 200.0)


def test_a_bitmap_is_mapped_row_by_row(tmp_path: Path) -> None:
    image = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
    loaded = load_bitmap(write(tmp_path, image))
    assert np.array_equal(loaded, image)
    assert not loaded.flags.writeable


def refused(bitmap: Bitmap) -> ErrorCode:
    with pytest.raises(DesktopOcrError) as caught:
        load_bitmap(bitmap)
    assert caught.value.info.message
    return caught.value.code


def test_a_bitmap_that_is_gone_short_or_absurd_is_told(tmp_path: Path) -> None:
    good = write(tmp_path, np.zeros((5, 4, 3), np.uint8))
    assert refused(Bitmap(str(tmp_path / "none"), 4, 5, 200.0)) is ErrorCode.NOT_FOUND
    assert refused(Bitmap(good.path, 4, 6, 200.0)) is ErrorCode.DAMAGED
    assert refused(Bitmap(good.path, 4, 4, 200.0)) is ErrorCode.DAMAGED
    assert refused(Bitmap(good.path, 1_000_000, 1_000_000, 200.0)) is ErrorCode.TOO_LARGE
    for dpi in (0.0, -1.0, float("nan"), float("inf"), 1e9):
        assert refused(Bitmap(good.path, 4, 5, dpi)) is ErrorCode.PROTOCOL


def test_turning_is_clockwise() -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    image[0, 0] = 255
    assert turn(image, 0) is image
    assert turn(image, 90)[0, 1, 0] == 255
    assert turn(image, 90).shape == (3, 2, 3)
    assert turn(image, 180)[1, 2, 0] == 255
    assert turn(image, 270)[2, 0, 0] == 255


def test_shrinking_keeps_the_shape() -> None:
    assert shrink(np.zeros((400, 200, 3), np.uint8), 100).shape == (100, 50, 3)
    small = np.zeros((40, 20, 3), np.uint8)
    assert shrink(small, 100) is small
    assert shrink(np.zeros((20000, 2, 3), np.uint8), 100).shape == (100, 1, 3)


@pytest.mark.parametrize("shape", [(2339, 1654), (1654, 2339), (900, 50), (3000, 1500), (1, 1)])
def test_ordinary_pages_stay_whole(shape: tuple[int, int]) -> None:
    height, width = shape
    assert plan_tiles(np.zeros((height, width, 3), np.uint8), 1280) == [(0, 0, width, height)]


@pytest.mark.parametrize("shape", [(6000, 1000), (1000, 6000), (20000, 50), (50, 20000), (100_000, 40)])
def test_long_pages_are_covered_by_tiles_without_gaps(shape: tuple[int, int]) -> None:
    height, width = shape
    tiles = plan_tiles(np.zeros((height, width, 3), np.uint8), 1280)
    assert len(tiles) > 1
    assert sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in tiles) == height * width
    assert all(max(x1 - x0, y1 - y0) <= max(1280, 2 * min(height, width)) * 1.3 for x0, y0, x1, y1 in tiles)


def test_a_long_page_is_cut_between_its_lines() -> None:
    image = np.full((6000, 1000, 3), 230, np.uint8)
    rng = np.random.default_rng(1)
    for top in range(0, 6000, 50):  # lines of 35 rows, gaps of 15
        image[top : top + 35] = rng.integers(0, 255, (35, 1000, 1), dtype=np.uint8)
    tiles = plan_tiles(image, 1280)
    assert all(y1 % 50 >= 35 or y1 % 50 == 0 for _, _, _, y1 in tiles)
