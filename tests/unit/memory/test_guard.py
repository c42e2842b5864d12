"""The guard: what fits, what is predicted, how short memory is."""

from __future__ import annotations

import os

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.memory.footprints import Footprints
from desktop_ocr.memory.guard import HYSTERESIS, LoadParams, MemoryGuard, PageParams
from desktop_ocr.memory.predictions import CUDA_CONTEXT_MB, CUDA_RAM_MB, UNKNOWN_MODEL_MB
from desktop_ocr.schema.memory import GpuMemory, HostRole, MemorySample, PressureLevel, ProcessMemory
from desktop_ocr.schema.settings import Settings

NORMAL, WARNING, CRITICAL = PressureLevel.NORMAL, PressureLevel.WARNING, PressureLevel.CRITICAL
CATALOG = {"ori": 20.0, "det": 330.0, "rec": 90.0, "layout": 140.0}
A4 = PageParams(("ori", "det", "rec", "layout"), "cpu", 3_870_000, 1280)
A4_ON_GPU = PageParams(A4.models, "gpu:0", A4.pixels, A4.side)


def sample_of(
    used: float = 4000.0,
    *,
    total: float = 10_000.0,
    window: float = 100.0,
    host: float = 400.0,
    gpus: tuple[GpuMemory, ...] = (),
    contained: bool = False,
) -> MemorySample:
    hosts = (ProcessMemory(7, HostRole.ENGINE, host),)
    return MemorySample(total, used, window, hosts, gpus, contained)


def card(used: float, ours: float | None = 100.0, *, index: int = 0, total: float = 8000.0) -> GpuMemory:
    return GpuMemory(index, "card", total, used, ours)


def guard_of(
    sample: MemorySample | None = None, *, footprints: Footprints | None = None, **settings: object
) -> MemoryGuard:
    return MemoryGuard(Settings(**settings), footprints or Footprints(None), CATALOG.get, lambda: sample)


# What fits -----------------------------------------------------------------------------------------------------------


def test_what_is_free_below_the_critical_threshold() -> None:
    guard = guard_of(sample_of(9000))
    check = guard.check_memory(500)
    assert (check.fits, check.required_mb, check.words) == (True, 500, "")
    assert check.available_mb == pytest.approx(500)
    check = guard.check_memory(780)
    assert not check.fits
    assert check.words == (
        "This needs about 780 MB of memory and 500 MB are free. Close other programs, or choose a smaller picture "
        "side or fewer features in the settings."
    )


def test_nothing_is_less_than_nothing() -> None:
    check = guard_of(sample_of(9900)).check_memory(1800)
    assert check.available_mb == 0.0
    assert check.words.startswith("This needs about 1.8 GB of memory and 0 MB are free.")


def test_what_is_missing_is_seen() -> None:
    words = guard_of(sample_of(9000.0)).check_memory(500.1).words
    assert words.startswith("This needs about 501 MB of memory and 500 MB are free.")


def test_a_container_is_named() -> None:
    words = guard_of(sample_of(1800, total=2000, contained=True)).check_memory(780).words
    assert "Give the container more than 2.0 GB" in words


def test_the_ram_budget_counts_what_is_ours() -> None:
    guard = guard_of(sample_of(4000, host=700), ram_budget_mb=1000)
    assert guard.check_memory(150).fits
    check = guard.check_memory(151)
    assert not check.fits
    assert check.available_mb == pytest.approx(150)
    assert "Allow Desktop OCR more than 1.0 GB of memory in the settings." in check.words


def test_a_gpu_is_checked_by_itself() -> None:
    guard = guard_of(sample_of(9900, gpus=(card(7000), card(1000, index=1))))
    check = guard.check_memory(700, "gpu:0")
    assert not check.fits
    assert check.available_mb == pytest.approx(600)
    assert check.words.startswith("This needs about 700 MB of GPU memory and 600 MB are free. Close other programs")
    assert "CPU" in check.words
    assert guard.check_memory(700, "gpu:1").fits


def test_the_vram_budget_counts_what_is_ours_on_all_gpus() -> None:
    guard = guard_of(sample_of(gpus=(card(1000, 300.0), card(1000, 500.0, index=1))), vram_budget_mb=1000)
    check = guard.check_memory(151, "gpu:0")
    assert (check.fits, check.available_mb) == (False, pytest.approx(150))
    assert "more than 1.0 GB of GPU memory" in check.words
    assert guard.check_memory(5000).fits, "RAM is another matter"


def test_a_gpu_that_cannot_be_asked_refuses_nothing() -> None:
    guard = guard_of(sample_of(gpus=(card(7900),)), vram_budget_mb=0)
    assert guard.check_memory(5000, "gpu:3").fits
    assert guard_of(sample_of()).check_memory(5000, "gpu:0").fits
    unknown = guard_of(sample_of(gpus=(card(100, None),)), vram_budget_mb=10)
    assert unknown.check_memory(5000, "gpu:0").fits


def test_what_was_promised_is_not_promised_again() -> None:
    guard = guard_of(sample_of(9000))
    assert not guard.check_memory(300, promised_mb=300).fits
    assert guard.check_memory(200, promised_mb=300).fits


def test_before_the_first_sample_the_machine_is_asked() -> None:
    guard = guard_of(None)
    assert guard.check_memory(0.001).fits
    assert not guard.check_memory(1e9).fits
    assert guard.check_memory(100, "gpu:0").fits
    assert guard.get_memory_stats().sample.ram_total > 0


# Predictions ---------------------------------------------------------------------------------------------------------


def test_the_catalog_comes_first() -> None:
    guard = guard_of()
    load = guard.predict_memory("load", LoadParams("det"))
    assert (load.ram_mb, load.vram_mb, load.measured) == (330, 0, 0)
    page = guard.predict_memory("page", A4)
    assert (page.ram_mb, page.vram_mb, page.measured) == (240 + 580, 0, 0)


def test_a_smaller_side_takes_less_and_a_larger_page_more() -> None:
    guard = guard_of()

    def ram(pixels: int, side: int) -> float:
        return guard.predict_memory("page", PageParams(A4.models, "cpu", pixels, side)).ram_mb

    assert ram(3_870_000, 640) < ram(3_870_000, 960) < ram(3_870_000, 1280) < ram(3_870_000, 1600)
    assert ram(3_870_000, 1280) == ram(1_000_000, 1280) < ram(24_000_000, 1280)
    assert ram(3_870_000, 640) > 240


def test_on_a_gpu_most_is_video_memory() -> None:
    guard = guard_of()
    load = guard.predict_memory("load", LoadParams("det", "gpu:0"))
    assert (load.ram_mb, load.vram_mb) == (0, 330)
    first = guard.predict_memory("load", LoadParams("det", "gpu:0", first=True))
    assert (first.ram_mb, first.vram_mb) == (CUDA_RAM_MB, 330 + CUDA_CONTEXT_MB)
    page = guard.predict_memory("page", A4_ON_GPU)
    assert (page.ram_mb, page.vram_mb) == (240 + CUDA_RAM_MB, 580 + CUDA_CONTEXT_MB)


def test_an_unknown_model_takes_something() -> None:
    assert guard_of().predict_memory("load", LoadParams("new")).ram_mb == UNKNOWN_MODEL_MB


def test_what_was_measured_replaces_the_catalog() -> None:
    guard = guard_of()
    guard.record_load("det", "cpu", 45)
    guard.record_load("det", "cpu", -3)
    assert guard.predict_memory("load", LoadParams("det")).ram_mb == 45
    guard.record_page(A4.models, "cpu", A4.pixels, A4.side, 640)
    guard.record_page(tuple(reversed(A4.models)), "cpu", A4.pixels, A4.side, 655)
    page = guard.predict_memory("page", A4)
    assert (page.ram_mb, page.measured) == (655, 2)
    other = guard.predict_memory("page", PageParams(A4.models, "cpu", A4.pixels, 640))
    assert other.measured == 0, "another side is another matter"


def test_what_was_measured_on_a_gpu() -> None:
    guard = guard_of()
    guard.record_load("det", "gpu:0", 500)
    load = guard.predict_memory("load", LoadParams("det", "gpu:0", first=True))
    assert (load.vram_mb, load.ram_mb, load.measured) == (500, CUDA_RAM_MB, 1)
    guard.record_load("det", "gpu:0", 500, ram_mb=120)
    assert guard.predict_memory("load", LoadParams("det", "gpu:0")).ram_mb == 120
    guard.record_page(A4.models, "gpu:0", A4.pixels, A4.side, 1500)
    page = guard.predict_memory("page", A4_ON_GPU)
    assert (page.vram_mb, page.ram_mb, page.measured) == (1500, 240 + CUDA_RAM_MB, 1)
    guard.record_page(A4.models, "gpu:0", A4.pixels, A4.side, 1500, ram_mb=900)
    assert guard.predict_memory("page", A4_ON_GPU).ram_mb == 900
    assert guard.predict_memory("page", A4).measured == 0


@pytest.mark.parametrize(("operation", "params"), [("load", A4), ("page", LoadParams("det")), ("dance", A4)])
def test_what_cannot_be_predicted(operation, params) -> None:
    with pytest.raises(ValueError, match=operation):
        guard_of().predict_memory(operation, params)


def test_what_features_cost_here() -> None:
    guard = guard_of()
    guard.record_load("layout", "cpu", 125)
    features = {"orientation": ["ori"], "layout": ["layout"], "text": ["det", "rec"], "nothing": []}
    assert guard.feature_mb(features) == {"orientation": 20, "layout": 125, "text": 420, "nothing": 0}
    assert guard.feature_mb(features, "gpu:0")["layout"] == 140


# Pressure ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "level"), [(7900, NORMAL), (8000, WARNING), (9499, WARNING), (9500, CRITICAL), (10_500, CRITICAL)]
)
def test_levels_by_ram(used, level) -> None:
    assert guard_of().level(sample_of(used)) == (level, used / 10_000)


@pytest.mark.parametrize(
    ("sample", "settings", "share"),
    [
        (sample_of(1000, host=800), {"ram_budget_mb": 1000}, 0.9),
        (sample_of(1000, gpus=(card(7200),)), {}, 0.9),
        (sample_of(1000, gpus=(card(0), card(7200, index=1))), {}, 0.9),
        (sample_of(1000, gpus=(card(7200, None),)), {}, 0.9),
        (sample_of(1000, gpus=(card(1000, 900.0),)), {"vram_budget_mb": 1000}, 0.9),
        (sample_of(1000, gpus=(card(7200, 0.0),)), {}, 0.1),
        (sample_of(1000, gpus=(card(0, total=0.0),)), {}, 0.1),
        (sample_of(1000, total=0.0, host=0), {}, 0.0),
    ],
    ids=["budget", "gpu", "second gpu", "unknown part", "vram budget", "others' gpu", "odd gpu", "odd machine"],
)
def test_the_worst_share_counts(sample, settings, share) -> None:
    level, found = guard_of(**settings).level(sample)
    assert found == pytest.approx(share)
    assert level is (WARNING if share > 0.8 else NORMAL)


def test_levels_are_left_slowly() -> None:
    guard = guard_of()
    course = [(8000, WARNING), (7600, WARNING), (7499, NORMAL), (7600, NORMAL), (9500, CRITICAL)]
    course += [(9100, CRITICAL), (8999, WARNING), (9100, WARNING), (9600, CRITICAL), (7000, NORMAL)]
    for used, level in course:
        assert guard.observe(sample_of(used)).level is level, used
        assert guard.pressure.share == used / 10_000


@pytest.mark.parametrize("warning", [0.9, 0.95, 1.0])
def test_a_warning_at_or_above_critical_gives_way(warning) -> None:
    guard = guard_of(warning=warning, critical=0.9)
    assert guard.thresholds == (0.9, 0.9)
    assert guard.level(sample_of(8900))[0] is NORMAL
    assert guard.level(sample_of(9000))[0] is CRITICAL
    guard.observe(sample_of(9000))
    assert guard.observe(sample_of(8600)).level is CRITICAL
    assert guard.observe(sample_of(8400)).level is NORMAL


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1.2), min_size=1, max_size=30),
    st.floats(0.1, 1),
    st.floats(0.1, 1),
)
def test_levels_follow_any_course(shares, warning, critical) -> None:
    guard = guard_of(warning=warning, critical=critical)
    low, high = guard.thresholds
    for share in shares:
        before = guard.pressure.level
        level = guard.observe(sample_of(share * 10_000)).level
        share = guard.pressure.share
        if share >= high:
            assert level is CRITICAL
        elif share >= low:
            assert level is WARNING or (before is CRITICAL and share >= high - HYSTERESIS)
        elif share < low - HYSTERESIS:
            assert level is NORMAL
        else:
            assert level is NORMAL or before is not NORMAL


def test_pressure_keeps_what_is_done_about_it() -> None:
    guard = guard_of(sample_of(9600))
    guard.tell(rung=3, words="Charts are left out.", deferred=True)
    pressure = guard.observe(sample_of(9600))
    assert (pressure.level, pressure.rung, pressure.words, pressure.deferred) == (
        CRITICAL,
        3,
        "Charts are left out.",
        True,
    )
    pressure = guard.tell(rung=0, words="", deferred=False, emergency=True)
    assert (pressure.level, pressure.rung, pressure.words, pressure.deferred) == (CRITICAL, 0, "", False)
    assert guard.pressure is pressure
    assert pressure.emergency


def test_settings_can_change() -> None:
    guard = guard_of(sample_of(8500))
    assert guard.observe(sample_of(8500)).level is WARNING
    guard.change_settings(Settings(warning=0.95, critical=0.99, ram_budget_mb=2000, vram_budget_mb=3000))
    assert guard.observe(sample_of(8500)).level is NORMAL
    stats = guard.get_memory_stats()
    assert (stats.warning, stats.critical, stats.ram_budget, stats.vram_budget) == (0.95, 0.99, 2000, 3000)
    assert stats.sample == sample_of(8500)
    assert stats.pressure is guard.pressure
    assert stats.pid == os.getpid()
    assert msgspec.json.decode(msgspec.json.encode(stats), type=type(stats)) == stats
