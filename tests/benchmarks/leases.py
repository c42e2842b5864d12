"""What it costs to keep a job one's own, and to see what others do: `python -m tests.benchmarks.leases`.

Two programs on one ledger: one works at a document of 500 pages beside others, the other one shows it. Milliseconds,
the median and the slowest of many.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.leases import Leases
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.others import OtherPrograms
from desktop_ocr.core.owners import job_owner
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource, box_polygon
from desktop_ocr.schema.settings import Settings

PAGES = 500
OTHER_JOBS = 1000
TIMES = 200
OPTIONS = JobOptions()


def _page(number: int) -> PageResult:
    box = (0.0, 0.0, 100.0, 10.0)
    lines = tuple(Line("some words of a line of a page", box_polygon(box), 0.9) for _ in range(40))
    return PageResult(
        number, 200, 100, 100, 0, PageSource.RECOGNISED, lines, (Block(BlockKind.TEXT, box, tuple(range(40))),)
    )


def _measure(words: str, work: Callable[[int], object], times: int = TIMES) -> None:
    taken = []
    for number in range(times):
        began = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - began) * 1000)
    print(f"{words:<58} {statistics.median(taken):>8.3f} {max(taken):>8.2f}")


async def _nothing() -> None: ...


def _window(ledger: Ledger) -> tuple[Documents, OtherPrograms]:
    leases = Leases(ledger, "window", owner=job_owner())
    opener = Opener(LiveSettings(Settings()), ledger, None)  # type: ignore[arg-type]  # it opens no file
    documents = Documents(
        ledger, opener, Attention(), leases, lambda _event: None, _nothing, _nothing, lambda _job: None
    )
    documents.restore(ledger.jobs())
    others = OtherPrograms(ledger, leases, documents, lambda _event: None)
    others.look()
    return documents, others


def main() -> None:
    """Run."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # a disk, which /tmp need not be
        file = Path(folder) / "ledger.sqlite3"
        worker = Leases(ledger := Ledger(file), "convert", owner=job_owner(1))
        for number in range(OTHER_JOBS):
            job = worker.add(Path(f"/{number}.pdf"), OPTIONS, "")
            worker.set_state(job, JobState.DONE, keep=False)
        job = worker.add(Path("/a.pdf"), OPTIONS, "")
        key = PageKey(ledger.set_document(job, DocumentInfo("PDF", PAGES, "ab" * 32, 1)), options_key(OPTIONS))
        worker.set_state(job, JobState.RUNNING, keep=True)
        print(f"{'a ledger of ' + str(OTHER_JOBS + 1) + ' jobs':<58} {'median':>8} {'slowest':>8}   ms")
        _measure("a beat for 1 job", lambda _: worker.beat())
        _measure("a page committed, for comparison", lambda n: ledger.commit_page(key, _page(n), PageCost(1.0)))
        _, others = _window(Ledger(file))
        _measure("a look when nobody has changed anything", lambda _: others.look())

        def with_beat(_: int) -> None:
            worker.beat()
            others.look()

        _measure("a beat of the other, and a look that finds nothing else", with_beat)

        def with_page(number: int) -> None:
            ledger.commit_page(key, _page(TIMES + number), PageCost(1.0))
            others.look()

        _measure(f"a page of the other, and a look that shows it ({PAGES} pages)", with_page)
        more = [worker.add(Path(f"/b{number}.pdf"), OPTIONS, "") for number in range(100)]
        _measure(f"a beat for {len(more) + 1} jobs", lambda _: worker.beat())


if __name__ == "__main__":
    main()
