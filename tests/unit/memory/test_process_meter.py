"""The gauge's figure of a process is the exact one, at the price of the cheap one."""

from __future__ import annotations

import pytest

from desktop_ocr.memory import process_meter
from desktop_ocr.memory.probes import process_mb
from desktop_ocr.memory.process_meter import EXACT_SECONDS, ProcessMeter


class Figures:
    """Figures of a process, set by the test, and how often the dear one was asked for."""

    def __init__(self) -> None:
        self.cheap, self.whole, self.dear = 100.0, 150.0, 0

    def __call__(self, pid: int | None = None, *, exact: bool = False) -> float:
        del pid
        self.dear += exact
        return self.whole if exact else self.cheap


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> Figures:
    figures = Figures()
    monkeypatch.setattr(process_meter, "process_mb", figures)
    return figures


def test_the_cheap_figure_is_corrected_by_the_last_exact_one(figures: Figures) -> None:
    now = 0.0
    meter = ProcessMeter(clock=lambda: now)
    assert meter.measure(7) == 150.0
    figures.cheap = 130.0
    assert meter.measure(7) == 180.0
    assert figures.dear == 1
    now = EXACT_SECONDS
    figures.whole = 170.0
    assert meter.measure(7) == 170.0
    assert meter.measure(7) == 170.0
    assert figures.dear == 2
    assert meter.measure(7, exact=True) == 170.0
    assert figures.dear == 3


def test_a_process_that_is_gone_holds_nothing_and_is_forgotten(figures: Figures) -> None:
    meter = ProcessMeter(clock=lambda: 0.0)
    meter.measure(7)
    figures.cheap = figures.whole = 0.0
    assert meter.measure(7) == 0.0
    meter.forget_all_but({8})
    figures.cheap, figures.whole = 20.0, 25.0
    assert meter.measure(7) == 25.0


def test_for_real_it_agrees_with_the_exact_figure() -> None:
    meter = ProcessMeter()
    meter.measure()
    assert meter.measure() == pytest.approx(process_mb(exact=True), rel=0.1, abs=5)
