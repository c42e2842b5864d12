"""A stand-in for the core, in memory: for tests of widgets, and for screenshots.

Not the core, and not like it inside: it does what a document's name says. "report-12p.pdf" has 12 pages,
"locked" asks for the password "secret", "broken" cannot be opened, and in "bad" the second page fails, the first time.
"heavy" documents have less detail on their second page, the first time; "later" ones wait while memory is short.
Pages of "maths" have text first and formulas `later` seconds afterwards; of "lacking" ones formulas are left out, as
long as no model for them is installed; "figures" have tables, formulas and code on their pages;
"others" are worked at by another program; "dense" ones have 300 lines; of "gone" ones the file is not there any more,
and "lost" ones had none from the start.
Exports are `FakeExports`', versions of pages `FakeEdits`', readings with other settings `FakeSecond`'s, memory is
`FakeMemory`'s, the models on the disk are `FakeModels`'s, and what is kept of all that was read is `FakeLibrary`'s.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from desktop_ocr.core.api import Added, ExportOutcome, PagePicture, Refused
from desktop_ocr.core.leases import worked_at_elsewhere
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, Freed, JobChanged, JobRemoved, PageFinished, WorkHeld, WorkResumed
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, JobState, JobView, PageState, PageView
from desktop_ocr.schema.memory import FreeReport, GpuMemory, MemoryStats, Pressure
from desktop_ocr.schema.model_store import StoreState
from desktop_ocr.schema.results import LEFT_OUT, Box, PageNote, PageResult
from desktop_ocr.schema.settings import Settings
from tests.gui.fake_dense import dense_page, draw_result
from tests.gui.fake_edits import FakeEdits
from tests.gui.fake_exports import FakeExports
from tests.gui.fake_finding import FakeFinding
from tests.gui.fake_library import FakeLibrary
from tests.gui.fake_memory import FakeMemory
from tests.gui.fake_models import FakeModels
from tests.gui.fake_pages import draw, figures, page_result
from tests.gui.fake_second import FakeSecond
from tests.gui.fake_watched import FakeWatched

UNREADABLE = ErrorInfo(ErrorCode.DAMAGED, "The page's picture is damaged.", "Scan this page again.")
GONE = ErrorInfo(ErrorCode.NOT_FOUND, "The file “gone.pdf” is not there any more.", "Say where it is now.")
SMALL = 256  # pixels: pictures of that width are for lists
NO_MODEL = "Formulas were left out: no model for them is installed."
LESS = "tables and columns were not looked for, because memory was short."
HELD = "{n} documents are paused because memory was given back."


@dataclass
class FakeJob:
    """A job's state."""

    view: JobView
    pages: list[PageView] = field(default_factory=list)
    tried: set[int] = field(default_factory=set)
    task: asyncio.Task[None] | None = None
    options: JobOptions = field(default_factory=JobOptions)


class FakeSession:
    """Implements `SessionApi`."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        *,
        pace: float = 0.005,
        stop_at: int | None = None,
        unfinished: Sequence[str] = (),
        gpus: Sequence[GpuMemory] = (),
        interval: float = 0.05,
        later: float | None = 0.005,
    ) -> None:
        """A page takes `pace` seconds; documents halt after `stop_at` pages; `unfinished` are of a former run.

        Memory is "measured" every `interval` seconds, on a machine with these GPUs. What comes `later` waits for
        `go_ahead` where that is None.
        """
        self._emit = emit
        self._pace = pace
        self._stop_at = stop_at
        self._unfinished = unfinished
        self._interval = interval
        self.memory = FakeMemory(emit, gpus)
        self.settings: Settings | None = None
        self.held: tuple[int, ...] = ()
        self._measuring: asyncio.Task[None] | None = None
        self._numbers = itertools.count(1)
        self.jobs: dict[int, FakeJob] = {}
        self.asked: list[tuple[str, object]] = []
        self.models = FakeModels(emit, self.asked)
        self.stored_models = self.models.stored_models
        self.plan_install = self.models.plan_install
        self.install_models = self.models.install_models
        self.cancel_install = self.models.cancel_install
        self.remove_model = self.models.remove_model
        self.verify_model = self.models.verify_model
        self.import_models = self.models.import_models
        self.watching = FakeWatched(emit, self.asked)
        self.watched = self.watching.watched
        self.watch = self.watching.watch
        self.unwatch = self.watching.unwatch
        self.arrivals = self.watching.arrivals
        self.retry_arrivals = self.watching.retry_arrivals
        self.exports = FakeExports(self.asked, lambda job: self._job(job).view)
        self.export_formats = self.exports.formats
        self.second = FakeSecond(self.asked, lambda job: self._job(job).view, self.recognised, self._locate)
        self.edits = FakeEdits(emit, self.recognised, self._mark_edited)
        self.version = self.edits.version
        self.edit = self.edits.edit
        self.undo = self.edits.undo
        self.redo = self.edits.redo
        self.keep_edited = self.edits.keep_edited
        self.finding = FakeFinding(lambda job: len(self._job(job).pages), self.edits.version, self.edits.edit)
        self.find = self.finding.find
        self.replace = self.finding.replace
        self.next_doubt = self.finding.next_doubt
        self.try_page = self.second.try_page
        self.relocate = self.second.relocate
        self.library = FakeLibrary(self, emit)
        self.search = self.library.search
        self.library_size = self.library.library_size
        self.list_again = self.library.list_again
        self.forget = self.library.forget
        self.clean_library = self.library.clean_library
        self.receipt = self.library.receipt
        self._later = later
        self.go_ahead = asyncio.Event()
        self.found: set[str] = set()
        self.standing = False  # while it is set, what is under way stays so, to be looked at
        self.closed = False

    async def open(self) -> None:
        """Bring back what a former run left."""
        self._measuring = asyncio.get_running_loop().create_task(self.memory.measure(self._interval))
        for name in self._unfinished:
            job = self._new(Path(name))
            job.pages = [PageView(n, PageState.DONE if n < 2 else PageState.WAITING) for n in range(pages_in(name))]
            done = min(2, len(job.pages))
            self._set(job, state=JobState.PAUSED, pages_total=len(job.pages), pages_done=done, interrupted=True)

    async def add(
        self,
        paths: Sequence[Path],
        *,
        options: JobOptions | None = None,
        pages: str | None = None,
        password: str | None = None,
        fresh: bool = False,
    ) -> Added:
        """Take any path but those that end in .exe."""
        del pages, password
        jobs, refused = [], []
        for path in paths:
            if path.suffix == ".exe":
                error = ErrorInfo(ErrorCode.UNKNOWN_FORMAT, "This is not a document.", "Choose a PDF or a picture.")
                refused.append(Refused(str(path), error))
                continue
            job = self._new(path)
            job.options = options or (self.settings or Settings()).options
            jobs.append(job.view.job)
            if not fresh:
                self.library.known(job)
            self._run(job)
        return Added(tuple(jobs), tuple(refused))

    async def pause(self, job: int) -> None:
        """Stop."""
        self._halt(job, JobState.PAUSED)

    async def cancel(self, job: int) -> None:
        """Stop for good."""
        self._halt(job, JobState.CANCELLED)

    async def resume(self, job: int) -> None:
        """Go on."""
        self.asked.append(("resume", job))
        self._run(self.jobs[job])

    async def remove(self, job: int) -> None:
        """Take it off the list; what was read of it stays in the library."""
        found, done = self.jobs[job], self.jobs[job].view.state is JobState.DONE
        self._halt(job, JobState.DONE if done else JobState.CANCELLED)
        del self.jobs[job]
        self.library.keep(job, found)
        self._emit(JobRemoved(job))

    async def retry(self, job: int) -> None:
        """Try failed pages again."""
        found = self.jobs[job]
        found.pages = [PageView(p.page, PageState.WAITING) if p.error else p for p in found.pages]
        self._set(found, pages_failed=0, error=None)
        self._run(found)

    async def give_password(self, job: int, password: str) -> None:
        """Only one is right."""
        found = self.jobs[job]
        if password == "secret":  # noqa: S105 - of nothing
            found.tried.add(-1)
            self._run(found)
        else:
            error = ErrorInfo(ErrorCode.PASSWORD_WRONG, "The password is not right.", "Try another one.")
            self._set(found, state=JobState.NEEDS_PASSWORD, error=error)

    async def pages(self, job: int) -> list[PageView]:
        """All of them."""
        return list(self._job(job).pages)

    async def recognised(self, job: int, page: int) -> PageResult | None:
        """A page of text, or of all sorts."""
        found = self._job(job)
        readable = (PageState.DONE, PageState.PARTIAL)
        if page >= len(found.pages) or found.pages[page].state not in readable:
            return None
        made = self._made(job, page)
        view = found.pages[page]
        notes = (PageNote(LEFT_OUT, view.left_out),) if view.left_out else ()
        return msgspec.structs.replace(made, pending=view.pending, notes=notes)

    async def result(self, job: int, page: int) -> PageResult | None:
        """A page with what was edited of it."""
        version = await self.version(job, page)
        return version.result if version is not None else None

    async def picture(
        self, job: int, page: int, max_width: int, max_height: int, region: Box | None = None
    ) -> PagePicture:
        """A drawn page, or a part of it; "gone" documents have no file any more, until `found` names them."""
        what = "part" if region is not None else "picture" if max_width > SMALL else "small picture"
        self.asked.append((what, (job, page)))
        name = self._job(job).view.name
        if "gone" in name and name not in self.found:
            raise DesktopOcrError.from_info(GONE)
        result = self._made(job, page)
        if region is None and "figures" not in name and "dense" not in name:
            data, width, height = await asyncio.to_thread(draw, page, language(name), max_width, max_height)
        else:
            drawn = (result, max_width, max_height, region, language(name))
            data, width, height = await asyncio.to_thread(draw_result, *drawn)
        return PagePicture(data, width, height, 595.0, 842.0)

    def _made(self, job: int, page: int) -> PageResult:
        name = self._job(job).view.name
        if "dense" in name:
            return dense_page(page)
        return figures(page) if "figures" in name else page_result(page, language(name))

    async def export(
        self,
        job: int,
        wish: ExportWish,
        *,
        full_name: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[ExportOutcome]:
        """Say that it was done."""
        return await self.exports.export(job, wish, full_name=full_name, progress=progress)

    async def recognise_again(self, job: int, pages: Sequence[int]) -> None:
        """Read pages anew; they are waiting until then, and come out whole."""
        found = self._job(job)
        self.asked.append(("recognise_again", (job, tuple(pages))))
        for page in pages:
            found.pages[page] = PageView(page, PageState.WAITING, edited=found.pages[page].edited)
            self.edits.read_again(job, page)
        self._count(found)
        self._run(found)

    async def options(self, job: int) -> JobOptions:
        """Those it was given."""
        return self._job(job).options

    async def set_options(self, job: int, options: JobOptions, *, keep_edited: bool = True) -> None:
        """Read it anew."""
        found = self._job(job)
        self.asked.append(("set_options", (job, options)))
        self.asked.append(("keep_edited", keep_edited))
        if found.task is not None:
            found.task.cancel()
        found.options = options
        kept = {page.page for page in found.pages if page.edited and keep_edited}
        for page in found.pages:
            if page.page not in kept:
                self.edits.histories.pop((job, page.page), None)
        found.pages = [page if page.page in kept else PageView(page.page, PageState.WAITING) for page in found.pages]
        self._count(found)
        self._run(found)

    async def free(self) -> FreeReport:
        """End the hosts, and pause what runs."""
        self.asked.append(("free", None))
        running = tuple(n for n, job in self.jobs.items() if job.view.state is JobState.RUNNING)
        for number in running:
            self._halt(number, JobState.PAUSED)
        await self._go_on()
        report = msgspec.structs.replace(self.memory.free(), paused=running)
        self.held = running
        if running:
            one = "1 document is paused because memory was given back."
            self._emit(WorkHeld(one if len(running) == 1 else HELD.format(n=len(running)), running))
        self._emit(Freed(report))
        return report

    async def resume_work(self) -> None:
        """Go on with what `free` has paused."""
        self.asked.append(("resume_work", self.held))
        for number in self.held:
            if self.jobs[number].view.state is JobState.PAUSED:
                self._run(self.jobs[number])
        self.held = ()
        self._emit(WorkResumed())

    async def go_on_anyway(self) -> None:
        """Let documents work that wait for memory."""
        self.asked.append(("go_on_anyway", None))
        for job in self.jobs.values():
            if job.view.deferred:
                self._set(job, deferred=False)
        self.memory.press(msgspec.structs.replace(self.memory.pressure, deferred=False))

    def press(self, pressure: Pressure, used: float | None = None) -> None:
        """Memory becomes short, or is enough again; "later" documents wait meanwhile. On the session's loop."""
        for job in self.jobs.values():
            if "later" in job.view.name and job.view.state is JobState.RUNNING:
                self._set(job, deferred=pressure.deferred)
        self.memory.press(pressure, used)

    async def look_at(self, job: int | None, page: int | None) -> None:
        """Note it."""
        self.asked.append(("look_at", (job, page)))

    async def unload_model(self, model: str, service: str) -> None:
        """Unload a model."""
        self.asked.append(("unload_model", (model, service)))
        self.memory.unload(model)

    async def stats(self) -> MemoryStats:
        """Figures."""
        views = self.views()
        running = [view for view in views if view.state is JobState.RUNNING]
        waiting = sum(view.pages_total - view.pages_done - view.pages_failed for view in running)
        held = "memory was given back" if self.held else ""
        return self.memory.stats(max(0, waiting - len(running)), min(1, len(running)), held)

    async def change_settings(self, settings: Settings) -> None:
        """Note them."""
        self.settings = settings

    async def dump(self) -> Path:
        """Say that it was done."""
        self.asked.append(("dump", None))
        return Path("/home/u/.local/share/desktop-ocr/diagnostics/2026-11-21-1204.json")

    async def close(self) -> None:
        """Stop everything."""
        self.models.close()
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.gather(self._measuring, return_exceptions=True)
        for job in self.jobs.values():
            if job.task is not None:
                job.task.cancel()
        tasks = [job.task for job in self.jobs.values() if job.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        self.closed = True

    def views(self) -> list[JobView]:
        """All jobs."""
        return [job.view for job in self.jobs.values()]

    # --- inside ---------------------------------------------------------------------------------------------

    def _locate(self, job: int, path: Path) -> None:
        found = self._job(job)
        self.exports.located.add(job)
        self.found.add(found.view.name)
        self._set(found, path=str(path), name=path.name)
        if found.view.state is JobState.FAILED:
            self._run(found)

    def _mark_edited(self, job: int, page: int, edited: bool) -> None:
        found = self._job(job)
        found.pages[page] = msgspec.structs.replace(found.pages[page], edited=edited)
        self._count(found)

    def _job(self, number: int) -> FakeJob:
        if number in self.library.shelf:
            return self.library.shelf[number]
        if number not in self.jobs:
            raise DesktopOcrError(ErrorCode.NOT_FOUND, "This document is not in the list any more.")
        return self.jobs[number]

    def _new(self, path: Path) -> FakeJob:
        number = next(self._numbers)
        job = FakeJob(JobView(number, str(path), path.name, JobState.WAITING, format="PDF"))
        self.jobs[number] = job
        self._emit(JobChanged(job.view))
        return job

    def _set(self, job: FakeJob, **changes: object) -> None:
        if "state" in changes:
            changes = {"interrupted": False, "elsewhere": elsewhere(job.view.name, changes["state"]), **changes}
        job.view = msgspec.structs.replace(job.view, **changes)
        if job.view.job in self.jobs:
            self._emit(JobChanged(job.view))

    def _halt(self, number: int, state: JobState) -> None:
        job = self.jobs[number]
        self.asked.append((state.value, number))
        if job.view.elsewhere:
            raise worked_at_elsewhere(job.view.name, job.view.elsewhere)
        if job.task is not None:
            job.task.cancel()
        self._set(job, state=state)

    async def _go_on(self) -> None:
        await asyncio.sleep(self._pace)
        while self.standing:
            await asyncio.sleep(0.005)

    def _run(self, job: FakeJob) -> None:
        job.task = asyncio.get_running_loop().create_task(self._work(job))

    async def _work(self, job: FakeJob) -> None:
        name = job.view.name
        self._set(job, state=JobState.OPENING, error=None)
        await self._go_on()
        if "locked" in name and -1 not in job.tried:
            error = ErrorInfo(ErrorCode.PASSWORD_NEEDED, "The document is protected by a password.")
            self._set(job, state=JobState.NEEDS_PASSWORD, error=error)
            return
        if "lost" in name:
            error = ErrorInfo(ErrorCode.NOT_FOUND, "The file is not there any more.", "Say where it is now.")
            self._set(job, state=JobState.FAILED, error=error)
            return
        if "broken" in name:
            error = ErrorInfo(ErrorCode.DAMAGED, "The file is damaged.", "Try to open it in another program.")
            self._set(job, state=JobState.FAILED, error=error)
            return
        if not job.pages:
            job.pages = [PageView(number, PageState.WAITING) for number in range(pages_in(name))]
        self.memory.begin_page()
        self._set(job, state=JobState.RUNNING, pages_total=len(job.pages), document_pages=len(job.pages))
        worked = False
        for number, page in enumerate(job.pages):
            if page.state in (PageState.DONE, PageState.FAILED):
                continue
            worked = True
            if self._stop_at is not None and number >= self._stop_at and len(job.pages) > 3:
                await asyncio.Event().wait()
            await self._go_on()
            if "maths" in name:
                self._begin(job, number)
                continue
            self._finish(job, number)
        if not worked:
            self._count(job)
        for number in [page.page for page in job.pages if page.state is PageState.PARTIAL]:
            if self._later is None:
                await self.go_ahead.wait()
            await asyncio.sleep(self._later or 0.0)
            self._finish(job, number)
        self._set(job, state=JobState.DONE, seconds_left=None)
        if worked:
            self.library.tell_done(job)
        if not any(other.view.state is JobState.RUNNING for other in self.jobs.values()):
            self.memory.end_page()

    def _begin(self, job: FakeJob, number: int) -> None:
        pending = (Feature.FORMULAS, Feature.CHARTS)
        job.pages[number] = PageView(number, PageState.PARTIAL, pending=pending)
        self._emit(PageFinished(job.view.job, number, PageState.PARTIAL, 0.5))
        self._count(job)

    def _finish(self, job: FakeJob, number: int) -> None:
        fails = "bad" in job.view.name and number == 1 and number not in job.tried
        less = LESS if "heavy" in job.view.name and number == 1 and number not in job.tried else ""
        job.tried.add(number)
        self.memory.pages += 1
        state = PageState.FAILED if fails else PageState.DONE
        error = UNREADABLE if fails else None
        installed = any(
            model.state is StoreState.INSTALLED and Feature.FORMULAS in model.features
            for model in self.models.models.values()
        )
        lacking = NO_MODEL if "lacking" in job.view.name and not installed else ""
        edited = job.pages[number].edited
        job.pages[number] = PageView(number, state, error, less, left_out=lacking, edited=edited)
        self._emit(PageFinished(job.view.job, number, state, 0.5, error, less))
        self._count(job)

    def _count(self, job: FakeJob) -> None:
        states = [page.state for page in job.pages]
        done, failed = states.count(PageState.DONE), states.count(PageState.FAILED)
        left = (len(states) - done - failed) * 2.4
        less = sum(bool(page.degraded) for page in job.pages)
        self._set(
            job,
            pages_done=done,
            pages_failed=failed,
            seconds_left=left,
            pages_degraded=less,
            pages_partial=states.count(PageState.PARTIAL),
            pages_edited=sum(page.edited for page in job.pages),
            pages_noted=sum(bool(page.left_out) for page in job.pages),
            predicted_mb=640.0,
            peak_mb=702.0 if done else 0.0,
        )


def elsewhere(name: str, state: object) -> str:
    """Which other program works at a document of that name."""
    return "convert" if "others" in name and state in (JobState.OPENING, JobState.RUNNING) else ""


def pages_in(name: str) -> int:
    """The number of pages that a name announces."""
    found = re.search(r"(\d+)p\b", name)
    return int(found.group(1)) if found else 1


def language(name: str) -> str:
    """Chinese for names that are."""
    return "zh" if any(ord(letter) > 0x2E80 for letter in name) else "en"
