"""What is seen in a page's picture without a model, and what the model's raw heads say."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_ocr.engine_host.features.interfaces import View
from desktop_ocr.engine_host.features.looking import has_more_than_lines
from desktop_ocr.engine_host.features.regions_cdla import decode
from desktop_ocr.engine_host.features.ruling_finder import find_rulings
from desktop_ocr.engine_host.features.table_picture import TablePicture
from desktop_ocr.schema.results import Line, box_polygon

BINS = 8
PLACES = (7600, 1900, 475, 130)


def blank(height: int = 600, width: int = 800) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)


def with_text(image: np.ndarray, boxes: list[tuple[int, int, int, int]]) -> list[Line]:
    """Dashes where letters would be, and the lines around them."""
    for x0, y0, x1, y1 in boxes:
        for x in range(x0, x1 - 6, 10):
            image[y0 + 2 : y1 - 2, x : x + 5] = 0
    return [Line("text", box_polygon(box), 1.0) for box in boxes]


def test_rulings_and_edges_of_coloured_rows_are_seen_and_letters_are_not() -> None:
    image = blank()
    with_text(image, [(50, 100, 300, 120), (50, 160, 300, 180)])
    image[80:82, 40:400] = 0
    image[80:240, 40:42] = 60
    image[200:240, 44:400] = (150, 180, 230)
    found = find_rulings(image, 20)
    across = [box for box in found if box[2] - box[0] > box[3] - box[1]]
    down = [box for box in found if box not in across]
    assert any(abs(box[1] - 80) <= 2 and box[2] - box[0] > 340 for box in across)
    assert any(abs(box[1] - 200) <= 3 or abs(box[3] - 240) <= 3 for box in across)
    assert not any(100 < (box[1] + box[3]) / 2 < 190 for box in across)
    assert any(abs(box[0] - 40) <= 2 for box in down)
    assert find_rulings(image[:2], 20) == []


def test_lines_alone_are_not_worth_a_model() -> None:
    image = blank()
    lines = with_text(image, [(50, 60 + 40 * row, 700, 80 + 40 * row) for row in range(6)])
    assert not has_more_than_lines(image, lines)
    assert not has_more_than_lines(blank(), [])
    image[400:402, 50:700] = 0
    assert has_more_than_lines(image, lines)


def test_a_drawing_and_rows_of_lines_are_worth_it() -> None:
    image = blank()
    image[100:200, 100:200] = np.random.default_rng(1).integers(0, 255, (100, 100, 1), np.uint8)
    assert has_more_than_lines(image, [])
    boxes = [
        (50 + 250 * column, 60 + 40 * row, 150 + 250 * column, 80 + 40 * row) for row in range(3) for column in range(3)
    ]
    page = blank()
    assert has_more_than_lines(page, with_text(page, boxes))


def test_a_slanted_table_is_cut_out_straight() -> None:
    image = blank()
    skew = 0.05
    for x in range(100, 700):
        y = round(300 + (x - 400) * np.tan(skew))
        image[y : y + 3, x] = 0
    straight = TablePicture(View(image), (100.0, 250.0, 700.0, 350.0), 10.0, skew, (400.0, 300.0))
    (ruling,) = straight.rulings(20.0)
    assert ruling[1] == pytest.approx(300, abs=4)
    assert ruling[3] - ruling[1] <= 8
    assert ruling[0] == pytest.approx(100, abs=6)
    plain = TablePicture(View(image, 2.0), (60.0, 100.0, 360.0, 200.0), 5.0, 0.0, (0.0, 0.0))
    assert plain.image.shape == (220, 620, 3)
    assert plain.inside((60.0, 100.0, 70.0, 110.0)) == (10.0, 10.0, 30.0, 30.0)


def heads() -> list[np.ndarray]:
    scores = [np.zeros((1, count, 10), np.float32) for count in PLACES]
    return [*scores, *(np.zeros((1, count, 4 * BINS), np.float32) for count in PLACES)]


def test_a_box_of_the_models_heads() -> None:
    outputs = heads()
    # Of stride 32: 19 columns; the place in row 2, column 3, distances of 1, 2, 3, 4 strides.
    place = 2 * 19 + 3
    outputs[2][0, place, 4] = 0.9
    for side, distance in enumerate((1, 2, 3, 4)):
        outputs[6][0, place, side * BINS + distance] = 50.0
    ((label, score, box),) = decode(outputs)
    assert (label, score) == (4, pytest.approx(0.9))
    assert box.tolist() == pytest.approx([112 - 32, 80 - 64, 112 + 96, 80 + 128], abs=0.01)


def test_doubles_of_one_class_go_and_those_of_others_stay() -> None:
    outputs = heads()
    outputs[2][0, 50, 4], outputs[2][0, 51, 4], outputs[2][0, 51, 2] = 0.9, 0.8, 0.5
    for place in (50, 51):
        for side in range(4):
            outputs[6][0, place, side * BINS + 7] = 50.0
    assert sorted((label, round(score, 1)) for label, score, _ in decode(outputs)) == [(2, 0.5), (4, 0.9)]
    assert decode(heads()) == []
