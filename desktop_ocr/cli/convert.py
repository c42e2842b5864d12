"""`desktop-ocr convert`: documents in, files out, from a terminal or a script."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections import Counter
from collections.abc import Collection, Coroutine, Sequence
from pathlib import Path

import msgspec

from desktop_ocr.cli.convert_exports import check_exports, chosen_formats, wish
from desktop_ocr.cli.convert_features import check_features, ranges, with_features
from desktop_ocr.cli.progress import ConvertProgress
from desktop_ocr.cli.streams import silence
from desktop_ocr.core.api import Refused
from desktop_ocr.core.inputs import InputFile, expand
from desktop_ocr.core.log_file import LogFile
from desktop_ocr.core.names import is_text
from desktop_ocr.core.pages import parse_pages
from desktop_ocr.core.paths import AppPaths, user_paths
from desktop_ocr.core.receipt_words import receipt_words
from desktop_ocr.core.session import Session
from desktop_ocr.core.settings_file import load_settings
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, JobChanged, JobRemoved, Notice, PressureChanged, WorkHeld
from desktop_ocr.schema.jobs import FINAL_STATES, JobOptions, JobState, JobView, PageState, TextLayerMode
from desktop_ocr.schema.memory import Pressure
from desktop_ocr.schema.settings import Settings

EXIT_FINE, EXIT_FAILED, EXIT_USAGE = 0, 1, 2
DPI_RANGE = range(50, 1201)


class FileReport(msgspec.Struct):
    """What became of one document, as `--json` prints it. Pages are counted from 1.

    `degraded` are fine pages that were made with less for want of memory, `left_out` those of which something could not
    be looked for, because its model is not installed say; `notes` say what in its files is not as wanted;
    `predicted_mb` and `peak_mb` are the RAM that an engine process was expected to take for its pages, and took at
    most.
    """

    file: str
    pages: int = 0
    fine: int = 0
    failed: dict[int, str] = {}
    degraded: dict[int, str] = {}
    left_out: dict[int, str] = {}
    outputs: list[str] = []
    notes: list[str] = []
    errors: list[str] = []
    predicted_mb: float = 0.0
    peak_mb: float = 0.0


def run_convert(arguments: argparse.Namespace) -> int:
    """Run the subcommand; returns its exit code."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(levelname)s: %(message)s")
    try:
        formats = chosen_formats(arguments.format)
        parse_pages(arguments.pages or "")
        check_features(arguments)
        check_exports(arguments)
        if arguments.dpi is not None and arguments.dpi not in DPI_RANGE:
            text = f"--dpi must be from {DPI_RANGE[0]} to {DPI_RANGE[-1]}."
            raise DesktopOcrError(ErrorCode.USAGE, text)
        for option, value in (("--out", arguments.out), ("--password", arguments.password)):
            if not is_text(str(value)):
                raise DesktopOcrError(ErrorCode.USAGE, f"What follows {option} is not valid UTF-8.")
    except DesktopOcrError as error:
        sys.stderr.write(f"desktop-ocr convert: {error}\n")
        return EXIT_USAGE
    try:
        paths = user_paths()
    except DesktopOcrError as error:
        sys.stderr.write(f"desktop-ocr: {error}\n")
        return EXIT_FAILED
    loaded = load_settings(paths.settings)
    for problem in loaded.problems:
        sys.stderr.write(f"desktop-ocr: {problem}\n")
    log = LogFile(paths.logs, "convert")
    if not arguments.private:
        log.open()
    try:
        return asyncio.run(_Conversion(arguments, formats, paths, loaded.settings).run())
    finally:
        log.close()


class _Conversion:
    """One call of `convert`."""

    def __init__(
        self, arguments: argparse.Namespace, formats: tuple[str, ...], paths: AppPaths, settings: Settings
    ) -> None:
        self._arguments = arguments
        self._formats = formats
        self._paths = paths
        self._settings = settings
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._progress = ConvertProgress(quiet=arguments.json)
        self._reports: list[FileReport] = []
        self._stopped_by: signal.Signals | None = None
        self._rung = 0

    async def run(self) -> int:
        self._stop_on_signals()
        session = Session(
            self._paths,
            self._settings,
            self._events.put_nowait,
            private=self._arguments.private,
            restore=False,
            title="convert",
        )
        try:
            await session.open()
            self._tell_opened()
            await self._convert(session)
        except DesktopOcrError as error:
            self._progress.error(f"desktop-ocr: {error}")
            return EXIT_FAILED
        except asyncio.CancelledError:
            return self._stopped()
        finally:
            await _to_the_end(session.close())
            self._progress.close()
        return self._report()

    async def _convert(self, session: Session) -> None:
        files, refused = await asyncio.to_thread(expand, self._arguments.files)
        for item in refused:
            self._refuse(item)
        pending: dict[int, InputFile] = {}
        for file in files:
            added = await session.add(
                [file.path],
                options=self._options(),
                pages=self._arguments.pages,
                password=self._arguments.password,
                fresh=self._arguments.fresh,
            )
            pending.update(dict.fromkeys(added.jobs, file))
            for item in added.refused:
                self._refuse(item)
        stems = Counter(self._stem(file) for file in files)
        settled: dict[int, JobView] = {}
        while pending:
            event = await self._events.get()
            if isinstance(event, Notice):
                if not event.error:  # an error is a document's, whose own line tells it
                    self._progress.error(event.text)
            elif isinstance(event, WorkHeld):
                self._tell_held(event, session.views())
            elif isinstance(event, PressureChanged):
                self._tell_pressure(event.pressure)
            elif isinstance(event, JobRemoved):
                pending.pop(event.job, None)
            elif isinstance(event, JobChanged) and event.view.job in pending:
                self._progress.update(event.view)
                settled.pop(event.view.job, None)
                if _settled(event.view):
                    settled[event.view.job] = event.view
            for job in self._in_turn(pending, settled):
                file = pending.pop(job)
                await self._finish(session, settled.pop(job), file, full_name=stems[self._stem(file)] > 1)

    def _tell_opened(self) -> None:
        """What there is to say before any document is added: that the ledger was damaged, say."""
        while not self._events.empty():
            event = self._events.get_nowait()
            if isinstance(event, Notice):
                self._progress.error(event.text)

    def _tell_held(self, event: WorkHeld, views: Sequence[JobView]) -> None:
        """A document that is held with an error counts as settled: its own line tells it, and nothing waits for it."""
        if any(view.job in event.jobs and not _settled(view) for view in views):
            self._progress.error(f"{event.text} 'desktop-ocr resume' goes on, Ctrl-C ends it.")

    def _tell_pressure(self, pressure: Pressure) -> None:
        if pressure.rung > self._rung and pressure.words:
            self._progress.error(f"Memory is short ({pressure.share:.0%} in use). {pressure.words}")
        elif pressure.rung < self._rung:
            self._progress.error(pressure.words or "There is enough memory again: pages are done as usual.")
        self._rung = pressure.rung

    def _in_turn(self, pending: dict[int, InputFile], settled: Collection[int]) -> list[int]:
        """Settled jobs that may be finished: of one name, each after those before it, so that a second run gives
        their outputs the same names again.
        """
        blocked, ready = set(), []
        for job, file in pending.items():
            if job in settled and self._stem(file) not in blocked:
                ready.append(job)
            else:
                blocked.add(self._stem(file))
        return ready

    def _options(self) -> JobOptions:
        changes: dict[str, object] = {}
        if self._arguments.text_layer is not None:
            changes["text_layer"] = TextLayerMode(self._arguments.text_layer)
        if self._arguments.dpi is not None:
            changes["dpi"] = self._arguments.dpi
        return with_features(msgspec.structs.replace(self._settings.options, **changes), self._arguments)

    def _folder(self, file: InputFile) -> Path:
        out: Path | None = self._arguments.out
        return file.path.parent if out is None else Path.cwd() / out / file.below

    def _stem(self, file: InputFile) -> tuple[Path, str]:
        return self._folder(file), file.path.stem.casefold()

    async def _finish(self, session: Session, view: JobView, file: InputFile, *, full_name: bool) -> None:
        report = FileReport(
            str(file.path),
            pages=view.pages_total,
            fine=view.pages_done,
            predicted_mb=round(view.predicted_mb, 1),
            peak_mb=round(view.peak_mb, 1),
        )
        self._reports.append(report)
        words = ""
        if view.error is not None:
            report.errors.append(_with_option(view.error))
        try:
            words = receipt_words(await session.receipt(view.job))
            for page in await session.pages(view.job):
                if page.state is PageState.FAILED and page.error is not None:
                    report.failed[page.page + 1] = str(page.error)
                if page.degraded:
                    report.degraded[page.page + 1] = page.degraded
                if page.left_out and page.state is not PageState.FAILED:
                    report.left_out[page.page + 1] = page.left_out
            if view.state is JobState.DONE and view.pages_done:  # files without a single page would only mislead
                await self._export(session, view.job, report, self._folder(file), full_name=full_name)
        except DesktopOcrError as error:  # the ledger cannot be read
            report.errors.append(str(error))
        self._tell(report, words)

    async def _export(self, session: Session, job: int, report: FileReport, folder: Path, *, full_name: bool) -> None:
        wanted = wish(self._arguments, self._formats, folder)
        for outcome in await session.export(job, wanted, full_name=full_name):
            if outcome.error is None:
                # Files may share the pictures beside them.
                report.outputs = list(dict.fromkeys([*report.outputs, outcome.path, *outcome.others]))
                report.notes += (f"{Path(outcome.path).name}: {note}" for note in outcome.notes)
            else:
                which = "" if outcome.path == report.file else f"{Path(outcome.path).name}: "
                report.errors.append(f"{which}{outcome.error}")

    def _refuse(self, item: Refused) -> None:
        report = FileReport(item.path, errors=[str(item.error)])
        self._reports.append(report)
        self._tell(report)

    def _tell(self, report: FileReport, receipt: str = "") -> None:
        """Print what became of a document; `receipt` in words."""
        for page, reason in sorted(report.failed.items()):
            self._progress.error(f"{report.file}, page {page}: {reason}")
        for page, reason in sorted(report.degraded.items()):
            self._progress.error(f"{report.file}, page {page}, done with less: {reason}")
        for words in dict.fromkeys(report.left_out.values()):
            pages = sorted(page for page, said in report.left_out.items() if said == words)
            which = "" if len(pages) == report.pages else f" (page{'s' * (len(pages) > 1)} {ranges(pages)})"
            self._progress.error(f"{report.file}: {words}{which}")
        for note in report.notes:
            self._progress.error(f"{report.file}: {note}")
        for reason in report.errors:
            self._progress.error(f"{report.file}: {reason}")
        if self._arguments.json:
            return
        if report.pages and receipt:
            self._progress.line(f"{report.file}: {receipt}")
        for output in report.outputs:
            self._progress.line(f"  {output}")

    def _report(self) -> int:
        bad = any(report.failed or report.errors for report in self._reports)
        if self._arguments.json:
            text = msgspec.json.format(msgspec.json.encode({"files": self._reports}), indent=2)
            try:
                sys.stdout.buffer.write(text + b"\n")  # JSON is UTF-8, whatever the terminal is
                sys.stdout.flush()
            except OSError as error:
                silence(sys.stdout)
                self._progress.error(f"desktop-ocr: The report cannot be written ({error.strerror}).")
                return EXIT_FAILED
        return EXIT_FAILED if bad or self._progress.failed else EXIT_FINE

    def _stop_on_signals(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - called from a coroutine
        loop = asyncio.get_running_loop()

        def stop(number: signal.Signals) -> None:
            self._stopped_by = number
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, stop, number)
            except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
                return

    def _stopped(self) -> int:
        kept = "Nothing was stored." if self._arguments.private else "What is finished is stored:"
        advice = "" if self._arguments.private else " the same command goes on from here."
        self._progress.error(f"Stopped. {kept}{advice}")
        if hasattr(signal, "pthread_sigmask"):
            # The loop takes its handlers along: another signal on the way out would change the exit code.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        return 128 + (self._stopped_by or signal.SIGINT)


async def _to_the_end(work: Coroutine[None, None, None]) -> None:
    """Await something that a second Ctrl-C must not break off: it would leave hosts behind."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


def _settled(view: JobView) -> bool:
    """Whether nothing more comes of a job without the user."""
    # Interrupted: another program had taken it, and has ended before it was through.
    stalled = view.state is JobState.PAUSED and (view.error is not None or view.interrupted)
    return view.state in FINAL_STATES or view.state is JobState.NEEDS_PASSWORD or stalled


def _with_option(error: ErrorInfo) -> str:
    if error.code is ErrorCode.PASSWORD_NEEDED:
        return f"{error.message} Give it with --password."
    return str(error)
