"""How long the rest of a document will take."""

from __future__ import annotations

from collections import Counter

import pytest

from desktop_ocr.core import pace
from desktop_ocr.core.pace import Pace
from desktop_ocr.schema.features import Feature

FORMULAS = Feature.FORMULAS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its last number is the time."""
    times = [100.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: times[-1])
    return times


def started() -> Pace:
    made = Pace()
    made.start()
    return made


def test_nothing_is_said_before_anything_is_known() -> None:
    assert Pace().left(5, Counter()) is None
    assert started().left(5, Counter()) is None


def test_pages_take_as_long_as_those_before_them(clock: list[float]) -> None:
    one = started()
    for number in range(1, 5):
        clock.append(100.0 + 2 * number)
        one.note(None, 2.0)
    assert one.left(10, Counter()) == pytest.approx(20)
    assert one.left(0, Counter()) == 0


def test_pages_that_come_two_at_a_time_take_half_as_long(clock: list[float]) -> None:
    one = started()
    clock.append(104.0)
    for _ in range(4):
        one.note(None, 2.0)
    assert one.left(10, Counter()) == pytest.approx(10)


def test_stages_count_by_what_they_take_and_how_many_pages_need_them(clock: list[float]) -> None:
    one = started()
    clock.append(104.0)
    for number in range(4):
        one.note(None, 1.0, (FORMULAS,) if number % 2 else ())
    clock.append(114.0)
    one.note(FORMULAS, 10.0)
    # Ten pages of a second, five of them with a stage of ten; and the one that waits for its stage already.
    assert one.left(10, Counter({FORMULAS: 1})) == pytest.approx(10 + 50 + 10)


def test_a_stage_that_was_never_done_is_thought_to_take_as_long_as_others(clock: list[float]) -> None:
    one = started()
    clock.append(103.0)
    one.note(None, 3.0, (FORMULAS,))
    assert one.left(0, Counter({FORMULAS: 2})) == pytest.approx(6)
