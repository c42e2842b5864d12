"""Which hosts count as growing."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.models.leaks import LeakGuard, slope, steady_growth


def first_reason(guard: LeakGuard, series: list[float], generation: int = 1) -> tuple[int, str] | None:
    for number, held in enumerate(series, start=1):
        why = guard.note("cpu/0", generation, held)
        if why is not None:
            return number, why
    return None


def test_a_host_that_grows_with_each_page_is_found_after_thirty() -> None:
    guard = LeakGuard(5.0, 0, 0)
    assert first_reason(guard, [500 + 8.0 * page for page in range(100)]) == (30, "grew by 8.0 MB a page")


@pytest.mark.parametrize("seed", range(5))
def test_a_noisy_leak_is_found_and_noise_alone_is_not(seed: int) -> None:
    noise = random.Random(seed)
    leaking = [500 + 10.0 * page + noise.uniform(-20, 20) for page in range(100)]
    assert first_reason(LeakGuard(5.0, 0, 0), leaking) is not None
    level = [500 + noise.uniform(-40, 40) for _ in range(300)]
    assert first_reason(LeakGuard(5.0, 0, 0), level) is None


@pytest.mark.parametrize("at", range(5, 60, 5))
def test_growth_while_warming_up_and_one_larger_page_are_no_leak(at: int) -> None:
    warming = [400 + 60.0 * min(page, 9) + (300.0 if page >= at else 0.0) for page in range(100)]
    assert first_reason(LeakGuard(5.0, 0, 0), warming) is None


def test_a_leak_below_the_limit_is_left_alone_and_nothing_is_judged_where_it_is_off() -> None:
    assert first_reason(LeakGuard(5.0, 0, 0), [500 + 3.0 * page for page in range(200)]) is None
    assert first_reason(LeakGuard(0, 0, 0), [500 + 50.0 * page for page in range(200)]) is None


def test_a_host_is_replaced_after_its_pages() -> None:
    assert first_reason(LeakGuard(0, 7, 0), [500.0] * 20) == (7, "has done 7 pages")


def test_a_host_over_its_limit_is_replaced_at_once() -> None:
    assert first_reason(LeakGuard(0, 0, 900), [500.0, 800.0, 950.0]) == (
        3,
        "held 950 MB, more than the 900 MB allowed",
    )


def test_each_host_has_a_history_of_its_own() -> None:
    guard = LeakGuard(5.0, 30, 0)
    growing = [500 + 8.0 * page for page in range(25)]
    assert first_reason(guard, growing, generation=1) is None
    assert first_reason(guard, growing, generation=2) is None
    assert guard.note("cpu/1", 2, 900.0) is None


def test_figures_that_cannot_be_count_as_pages_alone() -> None:
    guard = LeakGuard(5.0, 40, 100)
    assert first_reason(guard, [math.nan, math.inf, 0.0, -1.0] * 10) == (40, "has done 40 pages")


@given(
    start=st.floats(1, 1e5),
    growth=st.floats(-100, 100),
    length=st.integers(2, 40),
)
def test_the_slope_of_a_line_is_its_slope(start: float, growth: float, length: int) -> None:
    values = [start + growth * index for index in range(length)]
    assert slope(values) == pytest.approx(growth, abs=1e-6 * max(start, 1.0))
    assert steady_growth(values) == (0.0 if length < 20 else pytest.approx(max(growth, 0.0), abs=1e-6 * start + 1e-6))
