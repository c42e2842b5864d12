"""What the memory benchmarks share: a session on real hosts, documents of scanned pages, figures of processes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.memory.probes import process_mb
from desktop_ocr.schema.events import Event, PageFinished
from desktop_ocr.schema.jobs import JobOptions, JobState, TextLayerMode
from desktop_ocr.schema.memory import MemorySample
from desktop_ocr.schema.settings import Settings

DOCUMENTS = Path(__file__).parents[1] / "real" / "documents"
RECOGNISE = JobOptions(text_layer=TextLayerMode.ALWAYS_OCR)
LONG = 3600.0

_BOOK = """
import sys, pymupdf
target, pages, *files = sys.argv[1:]
book = pymupdf.open()
for file in files:
    with pymupdf.open(file) as source:
        if source.is_pdf:
            book.insert_pdf(source)
        else:
            with pymupdf.open("pdf", source.convert_to_pdf()) as converted:
                book.insert_pdf(converted)
different, wanted = len(book), int(pages) or len(book)
for number in range(different, wanted):
    book.fullcopy_page(number % different)
book.select(range(wanted))
book.save(target)
"""

_FOUR_ON_ONE = """
import sys, pymupdf
target, source = sys.argv[1:]
sheet = pymupdf.open()
with pymupdf.open(source) as pages:
    page = sheet.new_page(width=2 * 595, height=2 * 842)
    for number in range(4):
        corner = pymupdf.Point(595 * (number % 2), 842 * (number // 2))
        page.show_pdf_page(pymupdf.Rect(corner, corner + (595, 842)), pages, number % len(pages))
sheet.save(target)
"""
SCANS = (
    "report_three_pages.pdf",
    "letter.jpg",
    "two_columns.jpg",
    "receipt.jpg",
    "languages.jpg",
    "minutes_g4.tif",
    "sideways.jpg",
    "sheet_without_text.jpg",
)


def make_book(target: Path, pages: int = 0, names: Sequence[str] = SCANS) -> Path:
    """A PDF of the project's scans, in turn until it has so many pages (0 for each once).

    It is made in another process: this one, like the program's own, imports no PDF library.
    """
    files = [str(DOCUMENTS / name) for name in names]
    subprocess.run([sys.executable, "-c", _BOOK, str(target), str(pages), *files], check=True, timeout=300)
    return target


def make_dense_sheet(target: Path) -> Path:
    """A PDF of one sheet with four scanned pages on it, which takes longer than the grace of "Free memory"."""
    source = DOCUMENTS / "report_three_pages.pdf"
    subprocess.run([sys.executable, "-c", _FOUR_ON_ONE, str(target), str(source)], check=True, timeout=300)
    return target


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="memory-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


# --- processes ----------------------------------------------------------------------------------------------------


def children(pid: int | None = None) -> list[psutil.Process]:
    """Child processes that live, of this process or another."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


@dataclass(frozen=True)
class Figures:
    """This process and its children: unique set sizes in MB (10^6 bytes), and what else could pile up.

    `own_heap_mb` is this process without files: the unique set size changes by some MB when another process that maps
    the same libraries comes or goes.
    """

    own_mb: float
    own_heap_mb: float
    hosts_mb: float
    children: int
    threads: int
    files: int

    @property
    def tree_mb(self) -> float:
        """All of it."""
        return self.own_mb + self.hosts_mb


def figures() -> Figures:
    """As they are now."""
    process = psutil.Process()
    hosts = children()
    return Figures(
        process_mb(exact=True),
        process_mb(),
        sum(process_mb(host.pid, exact=True) for host in hosts),
        len(hosts),
        process.num_threads(),
        process.num_fds(),
    )


# --- a session ----------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """A session, and what it has told but samples of memory, with the time of it (by `time.perf_counter`)."""

    session: Session
    told: list[tuple[float, Event]] = field(default_factory=list)

    def times(self, kind: type[Event], since: float = 0.0) -> list[tuple[float, Event]]:
        """The events of a kind."""
        return [(when, event) for when, event in self.told if isinstance(event, kind) and when >= since]

    def finished(self, since: float = 0.0) -> list[tuple[float, PageFinished]]:
        """The pages that were finished, in their order."""
        return [(when, event) for when, event in self.told if isinstance(event, PageFinished) and when >= since]

    def state(self, job: int) -> JobState:
        """Of a job."""
        return next(view.state for view in self.session.views() if view.job == job)

    async def until(self, condition: Callable[[], object], seconds: float = LONG) -> None:
        """Return when something is so."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.002)

    async def done(self, job: int) -> None:
        """Return when a job is done."""
        await self.until(lambda: self.state(job) is JobState.DONE)

    async def add(self, file: Path, options: JobOptions = RECOGNISE) -> int:
        """Add a document; returns its job."""
        (job,) = (await self.session.add([file], options=options)).jobs
        return job


@asynccontextmanager
async def open_session(folder: Path, **changes: object) -> AsyncIterator[Bench]:
    """A session on real hosts that keeps everything in `folder`; `changes` are to the settings."""
    paths = AppPaths(folder / "data", folder / "cache", folder / "config", folder / "run")
    told: list[tuple[float, Event]] = []

    def tell(event: Event) -> None:
        if not isinstance(event, MemorySample):  # one a second would pile up in this very process
            told.append((time.perf_counter(), event))

    session = Session(paths, Settings(**changes), tell, title="benchmark")  # type: ignore[arg-type]
    await session.open()
    try:
        yield Bench(session, told)
    finally:
        await session.close()


# --- tables -------------------------------------------------------------------------------------------------------


def show(rows: Sequence[tuple[str, str, str]]) -> None:
    """Print rows of: what, figure, goal."""
    head = ("", "measured", "goal")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(3)]
    for row in (head, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), flush=True)


def progress(text: str) -> None:
    """Show how far it is, on stderr."""
    sys.stderr.write(f"\r{text:<78}")
    sys.stderr.flush()


def thread_names() -> list[str]:
    """Of this process' Python threads, sorted."""
    return sorted(thread.name for thread in threading.enumerate())
