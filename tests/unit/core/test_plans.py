"""How a page's plan becomes lighter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.core.plans import CPU, PagePlan, PressurePolicy, degraded_note, lighter
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.results import DEGRADED
from desktop_ocr.schema.roles import ModelRole
from desktop_ocr.schema.settings import FallbackStep, Settings

FULL = PagePlan("gpu:0", 1280, orientation=True, layout=True, pixels=4_000_000)
STEPS = Settings().fallback


def whole_way(start: PagePlan, steps: tuple[FallbackStep, ...], smallest: int = 640) -> list[PagePlan]:
    plans = [start]
    while (less := lighter(plans[-1], start, steps, smallest)) is not None:
        plans.append(less)
    return plans


def test_the_order_is_smaller_then_fewer_features_then_the_cpu() -> None:
    plans = whole_way(FULL, STEPS, smallest=320)
    assert [(plan.device, plan.side, plan.layout, plan.orientation) for plan in plans] == [
        ("gpu:0", 1280, True, True),
        ("gpu:0", 640, True, True),
        ("gpu:0", 320, True, True),
        ("gpu:0", 320, False, True),
        ("gpu:0", 320, False, False),
        ("cpu", 1280, True, True),
        ("cpu", 640, True, True),
        ("cpu", 320, True, True),
        ("cpu", 320, False, True),
        ("cpu", 320, False, False),
    ]


def test_the_users_order_and_limits_are_kept() -> None:
    assert lighter(FULL, FULL, (FallbackStep.CPU, FallbackStep.SMALLER_SIDE), 640) == PagePlan(
        "cpu", 1280, orientation=True, layout=True, pixels=4_000_000
    )
    assert lighter(FULL, FULL, (), 640) is None
    assert [plan.side for plan in whole_way(FULL, (FallbackStep.SMALLER_SIDE,), 1000)] == [1280, 1000]


def test_a_lost_gpu_leads_to_the_cpu_at_once() -> None:
    less = lighter(FULL, FULL, STEPS, 640, gpu_lost=True)
    assert less is not None
    assert (less.device, less.side) == (CPU, 1280)
    assert lighter(less, FULL, STEPS, 640, gpu_lost=True) is None
    assert lighter(FULL, FULL, (FallbackStep.SMALLER_SIDE,), 640, gpu_lost=True) is None


@given(
    st.sampled_from(["cpu", "gpu:0"]),
    st.integers(0, 4096),
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(FallbackStep), unique=True).map(tuple),
    st.integers(160, 4096),
)
def test_there_is_always_an_end(
    device: str, side: int, orientation: bool, layout: bool, steps: tuple[FallbackStep, ...], smallest: int
) -> None:
    plans = whole_way(PagePlan(device, side, orientation, layout, side * side), steps, smallest)
    assert len(plans) == len(set(plans)) <= 20
    assert all(plan.side >= min(side, smallest) for plan in plans)


def test_a_page_that_is_read_needs_the_layout_alone() -> None:
    read = PagePlan(CPU, 0, orientation=False, layout=True)
    assert read.roles == (ModelRole.LAYOUT,)
    assert [plan.roles for plan in whole_way(read, STEPS)] == [(ModelRole.LAYOUT,), ()]
    assert FULL.roles == tuple(ModelRole)[: len(FULL.roles)]
    assert set(FULL.roles) == set(ModelRole)


def test_pressure_takes_away_and_gives_back() -> None:
    policy = PressurePolicy()
    assert policy.apply(FULL, 640) == FULL
    policy = PressurePolicy(fewer_features=True, smaller_side=True, cpu_only=True)
    assert policy.apply(FULL, 640) == PagePlan("cpu", 640, orientation=False, layout=False, pixels=4_000_000)
    assert policy.apply(FULL, 1280).side == 1280
    read = PagePlan(CPU, 0, orientation=False, layout=True)
    assert policy.apply(read, 640).side == 0


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (PagePlan("gpu:0", 640, True, True, 1), "640 instead of 1280 pixels"),
        (PagePlan("gpu:0", 1280, True, False, 1), "eadings, tables and columns"),
        (PagePlan("gpu:0", 1280, False, True, 1), "not turned upright"),
        (PagePlan("cpu", 1280, True, True, 1), "without the graphics card"),
    ],
)
def test_the_note_says_what_and_why(used: PagePlan, words: str) -> None:
    note = degraded_note(used, FULL, [ErrorCode.OUT_OF_MEMORY, ErrorCode.OUT_OF_MEMORY])
    assert note is not None
    assert note.code == DEGRADED
    assert words in note.text
    assert note.text.count("there was not enough memory") == 1
    assert degraded_note(FULL, FULL, [ErrorCode.OUT_OF_MEMORY]) is None


def test_without_an_error_the_reason_is_the_pressure() -> None:
    note = degraded_note(PagePlan("cpu", 640, True, True, 1), PagePlan("cpu", 1280, True, True, 1), [])
    assert note is not None
    assert "because memory was short" in note.text
