"""A rectangle of a page is read again by the real models, and its words lie where the page's own words lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.results import Box, PageResult, PageSource, Word, check_page_result, polygon_box
from tests.benchmarks.memory_common import Bench, open_session

pytestmark = [pytest.mark.models, pytest.mark.process, pytest.mark.timeout(300)]

SECONDS = 120.0
FOUND, IOU = 0.9, 0.5


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(0.0, width) * max(0.0, height)
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def middle(page: PageResult) -> Box:
    """A rectangle around the lines of the middle half of a page, with a little paper about them."""
    boxes = [polygon_box(line.polygon) for line in page.lines]
    chosen = [box for box in boxes if page.height / 4 < (box[1] + box[3]) / 2 < page.height * 3 / 4]
    margin = page.dpi / 15
    return (
        *(min(box[side] for box in chosen) - margin for side in (0, 1)),
        *(max(box[side] for box in chosen) + margin for side in (2, 3)),
    )


def words_in(page: PageResult, region: Box) -> list[Word]:
    """The words that lie in a rectangle, all of them."""
    words = [word for line in page.lines for word in line.words]
    boxes = [polygon_box(word.polygon) for word in words]
    return [
        word
        for word, (x0, y0, x1, y1) in zip(words, boxes, strict=True)
        if region[0] <= x0 and region[1] <= y0 and x1 <= region[2] and y1 <= region[3]
    ]


async def check(bench: Bench, file: Path, rotations: tuple[int, ...], source: PageSource) -> None:
    """Read the middle of a document's first page again."""
    session = bench.session
    job = await bench.add(file, JobOptions())
    await bench.until(lambda: bench.state(job) is JobState.DONE, SECONDS)
    page = await session.result(job, 0)
    assert page is not None
    assert page.source is source
    assert page.rotation in rotations
    region = middle(page)
    own = words_in(page, region)
    assert len(own) > 30

    tried = await session.try_page(job, 0, JobOptions(dpi=300), region)
    check_page_result(tried)
    assert (tried.width, tried.height, tried.dpi, tried.rotation) == (page.width, page.height, page.dpi, page.rotation)
    assert tried.source is PageSource.RECOGNISED
    again = [(word.text, polygon_box(word.polygon)) for line in tried.lines for word in line.words]
    best = [
        max((overlap(polygon_box(word.polygon), box) for text, box in again if text == word.text), default=0.0)
        for word in own
    ]
    found = sum(value >= IOU for value in best) / len(own)
    print(f"{file.name}: {len(own)} words, {found:.3f} found at their place, mean IoU {sum(best) / len(best):.3f}")
    assert found >= FOUND
    assert await session.recognised(job, 0) == page
    assert not list(session._folder.path.rglob("*.rgb"))


async def test_a_rectangle_is_read_and_its_words_lie_where_the_pages_own_lie(documents: Path, tmp_path: Path) -> None:
    async with open_session(tmp_path, engine_threads=1, max_services_per_device=1) as bench:
        await check(bench, documents / "born_digital.pdf", (0,), PageSource.TEXT_LAYER)
        await check(bench, documents / "sideways.jpg", (90, 270), PageSource.RECOGNISED)
