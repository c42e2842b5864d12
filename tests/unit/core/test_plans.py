"""What a page's plan loads, and how it becomes lighter."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.core.plans import (
    CPU,
    PagePlan,
    PressurePolicy,
    apart,
    degraded_note,
    lighter,
    stage_plan,
    stages_apart,
    text_roles,
    wanted_plan,
)
from desktop_ocr.schema.engine_messages import TextRoles
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.features import FAST, FULL, NONE, STAGES, Feature, FeatureMode, Features
from desktop_ocr.schema.jobs import JobOptions, Profile, TextModel
from desktop_ocr.schema.results import DEGRADED
from desktop_ocr.schema.roles import PARTS, ModelRole
from desktop_ocr.schema.settings import FallbackStep, Settings

BUNDLED = (
    ModelRole.PAGE_ORIENTATION,
    ModelRole.TEXT_DETECTION,
    ModelRole.TEXT_RECOGNITION,
    ModelRole.REGIONS,
    ModelRole.LAYOUT,
    ModelRole.TABLE_STRUCTURE,
)
EVERYTHING = tuple(role for role in ModelRole if role not in PARTS)
ON, AUTO = FeatureMode.ON, FeatureMode.AUTO
PIXELS = 4_000_000
STEPS = Settings().fallback


def plan(
    options: JobOptions | None = None, device: str = "gpu:0", pixels: int = PIXELS, installed: tuple[str, ...] = BUNDLED
) -> PagePlan:
    return wanted_plan(options or JobOptions(), device, 1280, pixels, installed)


WANTED = plan()


def whole_way(start: PagePlan, steps: tuple[FallbackStep, ...], smallest: int = 640) -> list[PagePlan]:
    plans = [start]
    while (less := lighter(plans[-1], start, steps, smallest)) is not None:
        plans.append(less)
    return plans


def test_a_page_loads_what_it_may_need_and_certainly_what_it_needs_for_certain() -> None:
    assert WANTED.roles == BUNDLED
    assert set(WANTED.roles) - set(WANTED.certain) == {ModelRole.REGIONS, ModelRole.TABLE_STRUCTURE}
    keen = plan(JobOptions(tables=ON, unwarp=ON))
    assert {ModelRole.REGIONS, ModelRole.UNWARP} <= set(keen.certain)
    assert ModelRole.TABLE_STRUCTURE not in keen.certain  # nobody knows yet whether there is a table
    shy = plan(JobOptions(orientation=AUTO, unwarp=AUTO))
    assert {ModelRole.PAGE_ORIENTATION, ModelRole.UNWARP} <= set(shy.roles) - set(shy.certain)


@pytest.mark.parametrize("feature", Feature)
def test_a_feature_that_is_off_needs_no_model(feature: Feature) -> None:
    """Of each role that is any feature's alone."""
    own = {
        Feature.ORIENTATION: {ModelRole.PAGE_ORIENTATION},
        Feature.UNWARP: {ModelRole.UNWARP},
        Feature.TABLES: {ModelRole.TABLE_STRUCTURE, ModelRole.TABLE_PIPELINE},
        Feature.FORMULAS: {ModelRole.FORMULA},
        Feature.CHARTS: {ModelRole.CHART},
        Feature.SEALS: {ModelRole.SEAL_DETECTION},
        Feature.PICTURES: set(),
    }[feature]
    options = JobOptions().with_features(FULL.without(feature))
    assert not own & set(plan(options, installed=EVERYTHING).roles)


def test_text_alone_needs_the_models_for_text_alone() -> None:
    text = plan(JobOptions(layout=False).with_features(NONE))
    assert text.roles == text.certain == (ModelRole.TEXT_DETECTION, ModelRole.TEXT_RECOGNITION)
    assert ModelRole.REGIONS not in plan(JobOptions().with_features(NONE)).roles
    assert ModelRole.REGIONS not in plan(JobOptions(layout=False)).roles  # stages work on what layout finds


def test_a_page_that_is_read_needs_the_layout_alone() -> None:
    read = plan(device=CPU, pixels=0)
    assert read.roles == read.certain == (ModelRole.LAYOUT,)
    assert [less.roles for less in whole_way(read, STEPS)] == [(ModelRole.LAYOUT,), ()]


def test_small_models_are_used_with_the_text_and_large_ones_in_a_stage_of_their_own() -> None:
    everything = JobOptions().with_features(FULL)
    assert plan(everything).inline == STAGES  # nothing large is installed: the host says what is missing
    assert plan(everything, installed=EVERYTHING).inline == (Feature.PICTURES,)
    assert plan(everything, installed=(*BUNDLED, ModelRole.FORMULA)).inline == tuple(
        one for one in STAGES if one is not Feature.FORMULAS
    )
    assert not stages_apart(everything, BUNDLED)
    assert stages_apart(everything, EVERYTHING)
    assert not stages_apart(JobOptions(), (*BUNDLED, ModelRole.FORMULA))
    assert not stages_apart(msgspec.structs.replace(everything, layout=False), EVERYTHING)
    assert not stages_apart(JobOptions().with_profile(Profile.FULL), EVERYTHING)
    assert stage_plan(Feature.FORMULAS, CPU, PIXELS, unwarped=False).roles == (ModelRole.FORMULA,)
    assert stage_plan(Feature.CHARTS, CPU, PIXELS, unwarped=True).roles == (ModelRole.UNWARP, ModelRole.CHART)


def test_pp_structure_v3_does_a_page_as_a_whole_where_it_is_installed() -> None:
    full = JobOptions().with_profile(Profile.FULL)
    assert plan(full, installed=EVERYTHING).roles == (ModelRole.STRUCTURE,)
    assert ModelRole.STRUCTURE not in plan(full).roles
    assert plan(full, pixels=0, installed=EVERYTHING).roles == (ModelRole.LAYOUT,)
    less = lighter(plan(full, installed=EVERYTHING), plan(full, installed=EVERYTHING), STEPS, 1280)
    assert less is not None
    assert not less.structure
    note = degraded_note(less, plan(full, installed=EVERYTHING), [ErrorCode.OUT_OF_MEMORY])
    assert note is not None
    assert note.text.startswith("It was done without PP-StructureV3, because")


def test_the_order_is_apart_then_smaller_then_fewer_features_then_the_cpu() -> None:
    plans = whole_way(WANTED, STEPS, smallest=320)
    told = [
        (one.device, one.side, len(one.roles), one.layout, one.features.wants(Feature.ORIENTATION)) for one in plans
    ]
    steps = [
        (1280, 6, True, True),
        (1280, 5, True, True),  # no model of a stage beside the others
        (640, 5, True, True),
        (320, 5, True, True),
        (320, 4, True, True),  # no tables and pictures
        (320, 3, False, True),
        (320, 2, False, False),
    ]
    assert told == [(device, *step) for device in ("gpu:0", "cpu") for step in steps]


def test_what_goes_first_is_what_can_be_spared() -> None:
    start = plan(JobOptions().with_features(FULL), CPU, installed=EVERYTHING)
    (without, *_) = (one for one in whole_way(start, STEPS) if one.features != start.features)
    assert not any(map(without.features.wants, STAGES))  # the model for regions serves all of them
    assert without.layout
    assert degraded_note(without, start, []) is not None


def test_the_users_order_and_limits_are_kept() -> None:
    alone = apart(WANTED)
    assert lighter(alone, WANTED, (FallbackStep.CPU, FallbackStep.SMALLER_SIDE), 640) == dataclasses.replace(
        WANTED, device="cpu"
    )
    assert lighter(alone, WANTED, (), 640) is None
    assert [one.side for one in whole_way(alone, (FallbackStep.SMALLER_SIDE,), 1000)] == [1280, 1000]


def test_a_lost_gpu_leads_to_the_cpu_at_once() -> None:
    less = lighter(WANTED, WANTED, STEPS, 640, gpu_lost=True)
    assert less is not None
    assert (less.device, less.side) == (CPU, 1280)
    assert lighter(less, WANTED, STEPS, 640, gpu_lost=True) is None
    assert lighter(WANTED, WANTED, (FallbackStep.SMALLER_SIDE,), 640, gpu_lost=True) is None
    stage = stage_plan(Feature.FORMULAS, "gpu:0", PIXELS, unwarped=False)
    assert whole_way(stage, STEPS) == [stage, dataclasses.replace(stage, device=CPU)]


modes = st.sampled_from(FeatureMode)


@given(
    st.sampled_from(["cpu", "gpu:0"]),
    st.integers(0, 4096),
    st.builds(Features, modes, modes, modes, modes, modes, modes, modes),
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(FallbackStep), unique=True).map(tuple),
    st.integers(160, 4096),
    st.sets(st.sampled_from(EVERYTHING)),
)
def test_there_is_always_an_end(
    device: str,
    side: int,
    features: Features,
    layout: bool,
    structure: bool,
    steps: tuple[FallbackStep, ...],
    smallest: int,
    installed: set[str],
) -> None:
    options = JobOptions(layout=layout, structure=structure).with_features(features)
    start = wanted_plan(options, device, side, side * side, installed)
    plans = whole_way(start, steps, smallest)
    assert len(plans) == len(set(plans)) <= 30
    assert all(one.side >= min(side, smallest) for one in plans)
    assert all(set(one.certain) <= set(one.roles) for one in plans)


def test_pressure_takes_away_and_gives_back() -> None:
    policy = PressurePolicy()
    assert policy.apply(WANTED, 640) == WANTED
    assert PressurePolicy(apart=True).apply(WANTED, 640) == apart(WANTED)
    policy = PressurePolicy(left_out=frozenset({Feature.CHARTS}))
    full = plan(JobOptions().with_features(FULL), installed=EVERYTHING)
    assert policy.apply(full, 640).features == full.features.without(Feature.CHARTS)
    assert not policy.allows(Feature.CHARTS)
    assert policy.allows(Feature.FORMULAS)
    policy = PressurePolicy(fewer_features=True, smaller_side=True, cpu_only=True)
    less = policy.apply(WANTED, 640)
    assert (less.device, less.side, less.roles) == ("cpu", 640, (ModelRole.TEXT_DETECTION, ModelRole.TEXT_RECOGNITION))
    assert policy.apply(WANTED, 1280).side == 1280
    assert policy.apply(plan(pixels=0), 640).side == 0
    assert not policy.allows(Feature.TABLES)


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (dataclasses.replace(WANTED, side=640), "640 instead of 1280 pixels"),
        (dataclasses.replace(WANTED, layout=False), "eadings, columns, tables and pictures were not looked for"),
        (dataclasses.replace(WANTED, features=NONE), "ables and pictures were not looked for; the page was not turned"),
        (dataclasses.replace(WANTED, features=FAST.without(Feature.ORIENTATION)), "not turned upright"),
        (dataclasses.replace(WANTED, device="cpu"), "without the graphics card"),
    ],
)
def test_the_note_says_what_and_why(used: PagePlan, words: str) -> None:
    note = degraded_note(used, WANTED, [ErrorCode.OUT_OF_MEMORY, ErrorCode.OUT_OF_MEMORY])
    assert note is not None
    assert note.code == DEGRADED
    assert words in note.text
    assert note.text.count("there was not enough memory") == 1
    assert degraded_note(WANTED, WANTED, [ErrorCode.OUT_OF_MEMORY]) is None
    assert degraded_note(apart(WANTED), WANTED, [ErrorCode.OUT_OF_MEMORY]) is None  # it gets its tables all the same


def test_without_an_error_the_reason_is_the_pressure() -> None:
    note = degraded_note(dataclasses.replace(WANTED, side=640), WANTED, [])
    assert note is not None
    assert "because memory was short" in note.text


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (JobOptions(), TextRoles()),
        (JobOptions(language="arabic"), TextRoles(recognition="text-recognition:arabic")),
        (JobOptions(language="thai"), TextRoles()),  # not installed
        (
            JobOptions(text_model=TextModel.MEDIUM),
            TextRoles(detection="text-detection:medium", recognition="text-recognition:medium"),
        ),
        (
            JobOptions(text_model=TextModel.MEDIUM, language="arabic"),
            TextRoles(detection="text-detection:medium", recognition="text-recognition:arabic"),
        ),
        (JobOptions(routing=True), TextRoles(second="second-recognition")),
        (JobOptions(routing=True, language="arabic"), TextRoles(recognition="text-recognition:arabic")),
    ],
)
def test_which_models_read_a_documents_text(options: JobOptions, expected: TextRoles) -> None:
    installed = {
        *("text-detection", "text-recognition", "second-recognition", "text-recognition:arabic"),
        *("text-detection:medium", "text-recognition:medium"),
    }
    assert text_roles(options, installed) == expected
    plan = wanted_plan(options, CPU, 1280, 1_000_000, installed)
    assert plan.text == expected
    assert {expected.detection, expected.recognition} <= set(plan.certain)
    assert set(filter(None, (expected.second,))) == {role for role in plan.roles if role.startswith("second")}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (JobOptions(routing=True), TextRoles("text-detection", "text-recognition:small", "text-recognition")),
        (
            JobOptions(routing=True, text_model=TextModel.TINY),
            TextRoles("text-detection:tiny", "text-recognition:tiny", "text-recognition"),
        ),
        (JobOptions(routing=True, text_model=TextModel.MEDIUM), TextRoles()),
        (JobOptions(routing=True, language="arabic"), TextRoles(recognition="text-recognition:arabic")),
        (JobOptions(), TextRoles()),
    ],
)
def test_the_largest_reads_again_what_a_smaller_one_was_unsure_of(options: JobOptions, expected: TextRoles) -> None:
    installed = {"text-detection", "text-recognition"}  # the largest
    sizes = {"text-detection:tiny", "text-recognition:tiny", "text-recognition:small", "text-recognition:arabic"}
    assert text_roles(options, installed | sizes) == expected
    if not options.language:
        assert text_roles(options, installed) == TextRoles()  # there is but one
