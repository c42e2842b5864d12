"""Vertical writing and writing from right to left come out in reading order."""

from __future__ import annotations

from desktop_ocr.schema.results import BlockKind, Line, box_polygon
from desktop_ocr.text.markdown import markdown
from tests.fakes.fake_layout import around, arranged, said


def downwards(x: float, y: float, text: str, *, corners: bool = True) -> Line:
    """A vertical line: its corners in the writing's direction, as recognised, or an upright box, as in text layers."""
    x0, y0, x1, y1 = x, y, x + 30, y + 30.0 * len(text)
    polygon = (x1, y0, x1, y1, x0, y1, x0, y0) if corners else box_polygon((x0, y0, x1, y1))
    return Line(text, polygon, 0.9)


def tiers(*, corners: bool) -> list[Line]:
    upper = ("吾輩は猫である名前はまだ無い", "どこで生れたかとんと見当が", "つかぬ何でも薄暗いじめじめ")
    lower = ("した所でニャーニャー泣いて", "いた事だけは記憶している吾", "輩はここで始めて人間という")
    made = [downwards(900 - 45 * n, 50, text, corners=corners) for n, text in enumerate(upper)]
    return made + [downwards(900 - 45 * n, 700, text, corners=corners) for n, text in enumerate(lower)]


def test_vertical_lines_are_read_from_the_right_tier_by_tier() -> None:
    for corners in (True, False):
        lines = tiers(corners=corners)
        result = arranged(lines[::-1])
        assert [line.text for line in result.lines] == [line.text for line in lines]
        assert [kind for kind, _ in said(result)] == ["text", "text"]
        assert markdown(result).splitlines()[0] == "".join(line.text for line in lines[:3])


def test_blocks_that_the_model_sees_in_vertical_writing() -> None:
    lines = tiers(corners=True)
    found = [around(BlockKind.TEXT, [Line("", box_polygon((800, 0, 960, 600)), 1.0)])]
    found.append((BlockKind.TEXT, (800.0, 650.0, 960.0, 1200.0)))
    assert [line.text for line in arranged(lines[::-1], *found).lines] == [line.text for line in lines]


def test_columns_of_arabic_are_read_from_the_right() -> None:
    text = "تعتبر البرمجة من الأدوات القوية التي يمكن أن تعزز الإنتاجية"
    right = [Line(f"{text} {n}", box_polygon((520, 100 + 26.0 * n, 950, 120 + 26.0 * n)), 0.9) for n in range(6)]
    left = [Line(f"{text} {n}", box_polygon((50, 100 + 26.0 * n, 480, 120 + 26.0 * n)), 0.9) for n in range(6, 12)]
    found = [around(BlockKind.TEXT, left), around(BlockKind.TEXT, right)]
    assert [line.text for line in arranged([*left, *right], *found).lines] == [line.text for line in [*right, *left]]
    assert [line.text for line in arranged([*left, *right]).lines] == [line.text for line in [*right, *left]]


def test_a_row_of_hebrew_is_read_from_the_right() -> None:
    row = [Line("עולם", box_polygon((100, 100, 200, 120)), 0.9), Line("שלום", box_polygon((300, 100, 400, 120)), 0.9)]
    assert [line.text for line in arranged(row, (BlockKind.TEXT, (90, 90, 410, 130))).lines] == ["שלום", "עולם"]
