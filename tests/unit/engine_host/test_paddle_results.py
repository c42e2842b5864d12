"""PaddleX's words in ours; charts among pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from desktop_ocr.engine_host.features.charts_stage import candidates
from desktop_ocr.engine_host.features.formulas_stage import STAGE as FORMULAS
from desktop_ocr.engine_host.features.outlines import quad_around
from desktop_ocr.engine_host.features.paddle_results import as_box, confidence, kind_of, kinds_of, plain_latex
from desktop_ocr.engine_host.features.seals_stage import STAGE as SEALS
from desktop_ocr.schema.features import FeatureMode
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource, Table, box_polygon


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("$$ a + b $$", "a + b"),
        ("$a$", "a"),
        (r"\[ x \]", "x"),
        (r"\( x \)", "x"),
        ("a\n  + b", "a + b"),
        ("$a$ and $b$", "a$ and $b"),
        ("", ""),
        (" $$ ", ""),
    ],
)
def test_latex_without_delimiters(said: str, plain: str) -> None:
    assert plain_latex(said) == plain


def test_boxes_are_on_the_page() -> None:
    assert as_box(np.array([-5, 10, 50, 700], np.float32), 40, 600) == (0, 10, 40, 600)
    assert as_box([30, 20, 10, 5], 40, 600) == (10, 5, 30, 20)
    assert as_box([1, 2, 3], 40, 600) is None
    assert as_box([0, 0, math.nan, 5], 40, 600) is None
    assert as_box([50, 0, 60, 5], 40, 600) is None


def test_kinds() -> None:
    assert kind_of("doc_title", (0, 0, 9, 9), 100) is BlockKind.TITLE
    assert kind_of("number", (0, 90, 9, 99), 100) is BlockKind.PAGE_FOOTER
    assert kind_of("number", (0, 0, 9, 9), 100) is BlockKind.PAGE_HEADER
    assert kind_of("Region", (0, 0, 9, 9), 100) is None
    assert kinds_of(["text", "seal", "Region"]) == {BlockKind.TEXT, BlockKind.SEAL}


@pytest.mark.parametrize(("score", "told"), [(0.5, 0.5), (1.00001, 1.0), (-0.1, 0.0), (math.nan, 0.0)])
def test_scores(score: float, told: float) -> None:
    assert confidence(score) == told


def test_quads_of_straight_and_of_curved_writing() -> None:
    slanted = np.array([[0, 0], [100, 50], [90, 70], [-10, 20]], np.float32)
    assert quad_around(slanted) == pytest.approx(slanted, abs=1)
    angles = np.linspace(math.pi, 2 * math.pi, 20)
    outer = np.stack([100 * np.cos(angles), 100 * np.sin(angles)], axis=1)
    arc = np.concatenate([outer, 0.8 * outer[::-1]]).astype(np.float32)
    assert quad_around(arc) == pytest.approx(
        np.array([[-100, -100], [100, -100], [100, 0], [-100, 0]], np.float32), abs=1
    )


def page(*blocks: Block, models: tuple[str, ...] = ()) -> PageResult:
    lines = tuple(Line("x", box_polygon((0, 0, 1, 1)), 0.9) for block in blocks for _ in block.lines)
    return PageResult(0, 100, 100, 72, 0, PageSource.RECOGNISED, lines, blocks, models=models)


PICTURE = Block(BlockKind.PICTURE, (0, 0, 50, 50), (0, 1, 2))


@pytest.mark.parametrize(
    ("block", "models", "may_be"),
    [
        (Block(BlockKind.CHART, (0, 0, 5, 5)), (), True),
        (Block(BlockKind.CHART, (0, 0, 5, 5), table=Table(1, 1, ())), (), False),
        (PICTURE, ("layout_cdla",), True),
        (PICTURE, ("PP-DocLayout_plus-L",), False),  # it would have said so
        (Block(BlockKind.PICTURE, (0, 0, 50, 50), (0,)), (), False),
        (Block(BlockKind.PICTURE, (0, 0, 5, 5), (0, 1, 2)), (), False),
        (Block(BlockKind.TABLE, (0, 0, 50, 50), (0, 1, 2)), (), False),
    ],
)
def test_what_may_be_a_chart(block: Block, models: tuple[str, ...], may_be: bool) -> None:
    assert candidates(page(block, models=models)) == ([0] if may_be else [])


def test_stages_need_something_to_do_and_a_model() -> None:
    formula, read = Block(BlockKind.FORMULA, (0, 0, 9, 9)), Block(BlockKind.FORMULA, (0, 0, 9, 9), latex="x")
    assert FORMULAS.needed(page(formula), FeatureMode.AUTO)
    assert not FORMULAS.needed(page(read), FeatureMode.ON)
    assert not FORMULAS.needed(page(formula), FeatureMode.OFF)
    assert FORMULAS.roles(frozenset({"formula", "chart"})) == ("formula",)
    assert FORMULAS.roles(frozenset({"chart"})) == ()
    assert SEALS.needed(page(Block(BlockKind.SEAL, (0, 0, 9, 9))), FeatureMode.ON)
    assert SEALS.roles(frozenset({"seal-detection"})) == ()
