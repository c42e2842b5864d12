"""A page is turned only where reading its lines agrees."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_ocr.engine_host.crops import Quad, crop, is_high, readings
from desktop_ocr.engine_host.orientation import decide

PAGE = np.zeros((1000, 1000, 3), np.uint8)


def quad(x: float, y: float, wide: float, high: float) -> Quad:
    return np.array([[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]], np.float32)


ACROSS = [quad(10, 40 * number, 300, 20) for number in range(1, 9)]
DOWN = [quad(40 * number, 10, 20, 300) for number in range(1, 9)]


class Reader:
    """Reads lines well from one corner alone: 0 as they are, 1 upwards, 2 upside down, 3 downwards."""

    def __init__(self, good: int, text: str = "some text", other: float = 0.5) -> None:
        self.good, self.text, self.other = good, text, other

    def find(self, image: np.ndarray) -> list[Quad]:
        raise AssertionError(image.shape)

    def try_quad(self, _: np.ndarray, line: Quad) -> tuple[str, float]:
        first = line[0]
        low, high = line.min(axis=0), line.max(axis=0)
        corners = [low, [low[0], high[1]], high, [high[0], low[1]]]
        corner = next(number for number, one in enumerate(corners) if np.allclose(first, one))
        return self.text, 0.95 if corner == self.good else self.other


@pytest.mark.parametrize(
    ("quads", "good", "proposed", "turned"),
    [
        (ACROSS, 0, 180, 0),
        (ACROSS, 2, 180, 180),
        (ACROSS, 2, None, 180),
        (ACROSS, 0, None, 0),
        (ACROSS, 0, 90, 0),
        (DOWN, 1, 90, 90),
        (DOWN, 3, 270, 270),
        (DOWN, 3, 90, 270),
        (DOWN, 1, None, 90),
        (DOWN, 1, 180, 0),
        ([], 0, 180, 0),
    ],
)
def test_turns_are_verified(quads: list[Quad], good: int, proposed: int | None, turned: int) -> None:
    assert decide(PAGE, quads, Reader(good), proposed) == turned


def test_a_script_that_cannot_be_read_is_not_turned() -> None:
    assert decide(PAGE, ACROSS, Reader(2, other=0.9), 180) == 0
    unreadable = Reader(4, other=0.4)
    assert decide(PAGE, ACROSS, unreadable, 180) == 0


def test_vertical_writing_is_not_taken_for_a_page_on_its_side() -> None:
    assert decide(PAGE, DOWN, Reader(3, "縦書きの文章"), None) == 0


def test_a_high_box_may_be_read_in_more_than_one_way() -> None:
    assert len(readings(quad(0, 0, 100, 20))) == 1
    assert len(readings(quad(0, 0, 20, 200))) == 2
    upright, downwards, upwards = readings(quad(0, 0, 20, 40))
    assert np.array_equal(upright, quad(0, 0, 20, 40))
    assert downwards[0].tolist() == [20, 0]
    assert upwards[0].tolist() == [0, 40]
    assert is_high(quad(0, 0, 20, 40))


def test_a_crop_is_straightened_from_the_writings_corner() -> None:
    page = np.zeros((100, 200, 3), np.uint8)
    page[10:30, 50:60] = (255, 0, 0)  # red, at the quad's left
    line = quad(50, 10, 100, 20)
    straight = crop(page, line)
    assert straight is not None
    assert straight.shape == (20, 100, 3)
    assert straight[10, 4].tolist() == [0, 0, 255]  # BGR
    upside_down = crop(page, np.roll(line, 2, axis=0))
    assert upside_down is not None
    assert upside_down[10, 95].tolist() == [0, 0, 255]
    assert crop(page, quad(5, 5, 0, 0)) is None
    assert crop(page, quad(500, 500, 10, 10)) is None
