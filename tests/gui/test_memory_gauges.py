"""The status bar's gauges, and the history behind the plot."""

from __future__ import annotations

import itertools
import time

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from desktop_ocr.gui.memory_gauges import MemoryGauges, level_of
from desktop_ocr.gui.memory_history import SPAN_SECONDS, History
from desktop_ocr.gui.memory_plot import pieces, thinned
from desktop_ocr.gui.theme import LIGHT, Theme
from desktop_ocr.schema.memory import GpuMemory, HostRole, MemorySample, Pressure, PressureLevel, ProcessMemory
from desktop_ocr.schema.settings import Settings
from tests.gui.conftest import Desk, until
from tests.gui.fake_memory import GPU, SECOND_GPU

HOSTS = (ProcessMemory(5, HostRole.ENGINE, 700.0),)


def sample(used: float = 8_000.0, gpus: tuple[GpuMemory, ...] = (), when: float = 0.0) -> MemorySample:
    return MemorySample(16_000.0, used, 100.0, HOSTS, gpus, time=when)


def shown(gauges: MemoryGauges) -> None:
    gauges.set_room(2000)
    gauges.show()
    QApplication.processEvents()


def colours_in(gauges: MemoryGauges) -> set[str]:
    image = gauges.ram.grab().toImage()
    row = image.height() // 2
    return {QColor(image.pixel(column, row)).name() for column in range(image.width())}


def test_gauges_show_what_is_measured_and_nothing_else(qapp: QApplication) -> None:
    del qapp
    gauges = MemoryGauges()
    gauges.host_started(5, HostRole.ENGINE)
    gauges.set_room(2000)
    gauges.take(sample())
    assert gauges.hosts.text() == "1 helper running"
    assert gauges.ram.text() == "RAM 800 MB ours, 8.0 GB of 16.0 GB"
    assert not gauges.gpus
    unknown = GpuMemory(0, "Card", 8_000.0, 2_000.0, None)
    gauges.take(sample(gpus=(unknown,)))
    assert gauges.gpus[0].text() == "GPU 2.0 GB of 8.0 GB"  # the driver does not say what is ours: nothing is claimed
    assert "does not say" in gauges.gpus[0].tip
    gauges.take(sample(gpus=(msgspec.structs.replace(unknown, ours_mb=0.0),)))
    assert gauges.gpus[0].text() == "GPU 0 MB ours, 2.0 GB of 8.0 GB"
    gauges.take(sample(gpus=(GPU, SECOND_GPU)))
    assert [gauge.text() for gauge in gauges.gpus] == [
        "GPU 0 0 MB ours, 1.7 GB of 8.1 GB",
        "GPU 1 ≈0 MB ours, 3.0 GB of 24.0 GB",
    ]
    assert "estimated" in gauges.gpus[1].tip
    gauges.take(sample())  # both have gone
    assert not gauges.gpus
    gauges.host_ended(5)
    assert gauges.host_count == 0


def test_gauge_turns_amber_and_red_at_the_thresholds(qapp: QApplication, theme: Theme) -> None:
    del qapp, theme
    gauges = MemoryGauges()
    gauges.take(sample())
    shown(gauges)
    assert LIGHT.strong_border in colours_in(gauges)
    assert LIGHT.accent in colours_in(gauges)  # our own part
    assert {LIGHT.amber, LIGHT.danger} <= colours_in(gauges)  # the ticks
    gauges.take(sample(13_000.0))
    assert gauges.ram.level is PressureLevel.WARNING
    assert LIGHT.strong_border not in colours_in(gauges)
    gauges.take(sample(15_500.0))
    assert gauges.ram.level is PressureLevel.CRITICAL
    gauges.set_settings(Settings(warning=0.98, critical=0.99))
    assert gauges.ram.level is PressureLevel.NORMAL


def test_pressure_that_no_gauge_shows_by_itself_marks_the_fullest(qapp: QApplication) -> None:
    """A budget, or hysteresis."""
    del qapp
    gauges = MemoryGauges()
    gauges.take(sample(gpus=(GPU,)))
    gauges.set_pressure(Pressure(PressureLevel.WARNING, 0.9))
    assert [gauges.ram.level, gauges.gpus[0].level] == [PressureLevel.WARNING, PressureLevel.NORMAL]
    gauges.set_pressure(Pressure())
    assert gauges.ram.level is PressureLevel.NORMAL
    assert level_of(0.95, Settings()) is PressureLevel.CRITICAL


def test_nothing_is_painted_while_figures_look_the_same(qapp: QApplication) -> None:
    gauges = MemoryGauges()
    gauges.take(sample())
    shown(gauges)
    QTest.qWait(50)
    painted = gauges.ram.repaints
    for tenth in range(40):
        gauges.take(sample(8_000.0 + tenth / 10))
        qapp.processEvents()
    assert gauges.ram.repaints == painted
    gauges.take(sample(8_900.0))
    qapp.processEvents()
    assert gauges.ram.repaints > painted


def test_samples_of_a_day_cost_next_to_nothing(qapp: QApplication) -> None:
    """A sample a second: what a thousand cost in processor time is well below a hundredth of a core."""
    gauges, history = MemoryGauges(), History()
    gauges.take(sample(gpus=(GPU, SECOND_GPU)))
    shown(gauges)
    started = time.thread_time()
    for second in range(1000):
        now = sample(8_000.0 + second % 700, (GPU, SECOND_GPU), 1.0 + second)
        history.take(now)
        gauges.take(now)
        qapp.processEvents()
    assert time.thread_time() - started < 10.0


def test_tooltip_has_the_figures(qapp: QApplication) -> None:
    gauges = MemoryGauges()
    gauges.set_settings(Settings(ram_budget_mb=4000))
    gauges.take(msgspec.structs.replace(sample(), contained=True))
    shown(gauges)
    qapp.sendEvent(gauges.ram, QHelpEvent(QHelpEvent.Type.ToolTip, QPoint(5, 5), QPoint(50, 50)))
    tip = QToolTip.text()
    QToolTip.hideText()
    assert "This window: 100 MB. Its helpers: 700 MB." in tip
    assert "container" in tip
    assert "Your limit for this program: 4.0 GB." in tip


@pytest.mark.parametrize("width", [1366, 1000, 720])
def test_several_gpus_find_room(desk: Desk, width: int) -> None:
    async def story() -> None:
        window = await desk.fake(gpus=[GPU, SECOND_GPU])
        window.resize(width, 600)
        gauges = window.memory.gauges
        await until(lambda: len(gauges.gpus) == 2 and gauges.gpus[1].isVisible())
        await until(lambda: gauges.mapTo(window, gauges.rect().topRight()).x() <= window.width())
        for gauge in (gauges.ram, *gauges.gpus):
            assert gauge.width() >= gauge.sizeHint().width()
        assert window.jobs.free.text() == "Free GPU &memory"

    desk.run(story())


def test_gauge_opens_the_panel_by_mouse_and_keyboard(desk: Desk) -> None:
    async def story() -> None:
        window = await desk.fake()
        await until(lambda: window.memory.gauges.ram.isVisible())
        QTest.mouseClick(window.memory.gauges.ram, Qt.MouseButton.LeftButton)
        assert window.memory.dock is not None
        assert window.memory.dock.isVisible()
        window.memory.gauges.ram.setFocus()
        QTest.keyClick(window.memory.gauges.ram, Qt.Key.Key_Space)
        assert not window.memory.dock.isVisible()

    desk.run(story())


# --- history ----------------------------------------------------------------------------------------------------


def test_history_keeps_ten_minutes() -> None:
    history = History()
    for second in range(1000):
        history.take(sample(when=1.0 + second))
    points = history.points()
    assert points[-1].time - points[0].time == SPAN_SECONDS
    assert points[-1].ram_used == 0.5
    assert points[-1].ram_ours == 0.05
    history.take(sample(when=5.0))  # the clock was set back
    assert [point.time for point in history.points()] == [5.0]


def test_lines_have_gaps_where_nothing_was_measured() -> None:
    history = History()
    for second in (1, 2, 3, 60, 61):
        history.take(sample(when=float(second)))
    found = pieces(history.points(), lambda point: point.ram_used)
    assert [[time for time, _share in piece] for piece in found] == [[1.0, 2.0, 3.0], [60.0, 61.0]]
    assert pieces(history.points(), lambda _point: None) == []


def test_level_lines_are_drawn_with_few_points_and_steps_as_steep_as_they_are() -> None:
    level = [(float(second), 0.5) for second in range(100)]
    step = [(float(second), 0.8) for second in range(100, 200)]
    assert thinned(level + step, 0.01) == [(0.0, 0.5), (99.0, 0.5), (100.0, 0.8), (199.0, 0.8)]
    assert thinned(level[:1], 0.01) == level[:1]
    slope = [(float(second), second / 1000) for second in range(100)]
    assert all(later[1] - one[1] <= 0.011 for one, later in itertools.pairwise(thinned(slope, 0.01)))
