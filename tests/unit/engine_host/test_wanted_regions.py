"""Which of the regions seen in a page's picture are taken, by what is wanted."""

from __future__ import annotations

import pytest

from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.engine_host.features.looking import wanted
from desktop_ocr.schema.features import FAST, FULL, NONE, Feature
from desktop_ocr.schema.results import BlockKind

BOX = (10.0, 20.0, 300.0, 200.0)
SEEN = [
    Region(kind, BOX, 0.8)
    for kind in (BlockKind.TEXT, BlockKind.TABLE, BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL)
]


@pytest.mark.parametrize(
    ("features", "kinds"),
    [
        (FULL, ["text", "table", "picture", "chart", "seal"]),
        (FAST, ["text", "table", "picture", "picture", "picture"]),
        (FULL.without(Feature.PICTURES), ["text", "table", "chart", "seal"]),
        (FAST.without(Feature.PICTURES), ["text", "table"]),
        (FULL.without(Feature.CHARTS), ["text", "table", "picture", "picture", "seal"]),
        (NONE, ["text", "table"]),
    ],
)
def test_figures_that_are_off_are_not_seen(features, kinds) -> None:
    found = wanted(SEEN, features)
    assert [region.kind.value for region in found] == kinds
    assert {(region.box, region.score) for region in found} == {(BOX, 0.8)}
