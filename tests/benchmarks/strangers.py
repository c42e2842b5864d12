"""Files from strangers: every hostile file, and thousands of broken ones, through a real document host.

`python -m tests.benchmarks.strangers CORPUS [--count 2400] [--seed 6] [--keep FOLDER]`

Each file is inspected; up to two of its pages are prepared, for recognition and by their text; one is drawn; what is a
PDF is exported as a searchable one. Whatever the file, the answer must be a result that can be, or an error in words;
the host may die, but not this process; nothing may take longer than its deadline, no process and no file may be left.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.confinement import HostLimits
from desktop_ocr.schema.document_messages import (
    DocumentInfo,
    Exported,
    ExportPage,
    FinishExport,
    Inspect,
    MakePicture,
    Picture,
    PreparedPage,
    PreparePage,
    Source,
    StartExport,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, HostEnded
from desktop_ocr.schema.jobs import JobOptions, TextLayerMode
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import Done
from desktop_ocr.schema.settings import Settings
from tests.benchmarks.mutations import corpus_seeds, made_seeds, mutations

SETTINGS = Settings()
DEADLINES = {
    "inspect": SETTINGS.inspect_seconds,
    "prepare": SETTINGS.prepare_seconds,
    "picture": SETTINGS.picture_seconds,
    "export": SETTINGS.export_seconds,
}
GRACE = 5.0
"""Seconds that ending and starting a host may add to a deadline."""
NO_VERDICTS = {ErrorCode.INTERNAL, ErrorCode.PROTOCOL}
"""Codes that say that we did not foresee something."""


@dataclass
class Report:
    """What came of it.

    Attributes:
        files, opened, refused: how many.
        codes: of errors, by what was asked: "inspect damaged".
        deaths, timeouts: of hosts.
        faults: what must not be, in words.
        slowest: seconds, and of which file.
        rss_mb, space_mb: the largest resident memory and address space of a host, and of which file.
    """

    files: int = 0
    opened: int = 0
    refused: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    deaths: list[str] = field(default_factory=list)
    timeouts: list[str] = field(default_factory=list)
    unforeseen: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    rss_mb: tuple[float, str] = (0.0, "")
    space_mb: tuple[float, str] = (0.0, "")

    def lines(self) -> list[str]:
        """For a person to read."""
        return [
            f"files {self.files}: opened {self.opened}, refused {self.refused}",
            f"host deaths {len(self.deaths)}, timeouts {len(self.timeouts)}, unforeseen {len(self.unforeseen)}",
            f"slowest answer {self.slowest[0]:.2f} s ({self.slowest[1]})",
            f"largest resident memory {self.rss_mb[0]:.0f} MB ({self.rss_mb[1]})",
            f"largest address space {self.space_mb[0]:.0f} MB ({self.space_mb[1]})",
            *(f"  {count:5d} {code}" for code, count in sorted(self.codes.items())),
            *(f"death: {one}" for one in self.deaths),
            *(f"timeout: {one}" for one in self.timeouts),
            *(f"unforeseen: {one}" for one in self.unforeseen),
            *(f"FAULT: {one}" for one in self.faults),
        ]


class Strangers:
    """One document host after another, and files for it."""

    def __init__(self, folder: Path, limits: HostLimits | None = None) -> None:
        """Work in `folder`, which is empty."""
        self.report = Report()
        self._scratch, self._out = folder / "scratch", folder / "out"
        self._scratch.mkdir()
        self._out.mkdir()
        limits = limits or HostLimits(SETTINGS.document_limit_mb, SETTINGS.document_files)
        start = partial(HostProcess.start, scratch=self._scratch, limits=limits)
        self._slot = HostSlot(HostRole.DOCUMENT, idle_seconds=None, emit=self._heard, start=start)
        self._file = ""
        self._exports = 0

    def _heard(self, event: Event) -> None:
        if isinstance(event, HostEnded) and not event.expected:
            self.report.deaths.append(f"{self._file}: {event.outcome}")

    async def file(self, path: Path, name: str) -> None:
        """Do all that can be done with a file."""
        report, source = self.report, Source(str(path))
        self._file = name
        report.files += 1
        info = await self._asked("inspect", Inspect(source), DocumentInfo)
        if info is None:
            report.refused += 1
        else:
            report.opened += 1
            await self._pages(source, info)
            if info.format == "PDF":
                await self._export(source, info)
        self._measure()
        self._nothing_left()

    async def _pages(self, source: Source, info: DocumentInfo) -> None:
        options, bitmap = JobOptions(), self._scratch / "page.rgb"
        for page in sorted({0, info.pages - 1}):
            for mode in (TextLayerMode.ALWAYS_OCR, TextLayerMode.AUTO):
                body = PreparePage(source, page, options.dpi, options.max_pixels, mode, str(bitmap))
                await self._asked("prepare", body, PreparedPage)
                bitmap.unlink(missing_ok=True)
        picture = self._scratch / "page.picture"
        await self._asked("picture", MakePicture(source, 0, 900, 900, 0, str(picture)), Picture)
        picture.unlink(missing_ok=True)

    async def _export(self, source: Source, info: DocumentInfo) -> None:
        self._exports += 1
        number, failed = self._exports, ErrorInfo(ErrorCode.DAMAGED, "It was not recognised.")
        start = StartExport(number, "pdf", source, str(self._out / "made.pdf"), overwrite=True, pages=info.pages)
        if await self._asked("export", start, Done) is None:
            return
        if await self._asked("export", ExportPage(number, 0, None, failed), Done) is None:
            return
        await self._asked("export", FinishExport(number), Exported)

    async def _asked(self, what: str, body: object, expect: type) -> object | None:
        began = time.perf_counter()
        answer: object | None = None
        try:
            answer = await self._slot.ask(body, expect, DEADLINES[what])  # type: ignore[arg-type]
        except DesktopOcrError as error:
            self.report.codes[f"{what} {error.code}"] += 1
            words = f"{self._file} ({what}): {error}"
            if error.code is ErrorCode.TIMED_OUT:
                self.report.timeouts.append(words)
            elif error.code in NO_VERDICTS:
                self.report.unforeseen.append(words)
            if len(error.info.message) < 10 or not error.info.message.endswith("."):
                self.report.faults.append(f"{self._file}: no sentence: {error.info.message!r}")
        seconds = time.perf_counter() - began
        self.report.slowest = max(self.report.slowest, (seconds, f"{self._file}, {what}"))
        if seconds > DEADLINES[what] + GRACE:
            self.report.faults.append(f"{self._file}: {what} took {seconds:.1f} s")
        return answer

    def _measure(self) -> None:
        if self._slot.pid is None:
            return
        try:
            status = Path(f"/proc/{self._slot.pid}/status").read_text()
        except OSError:
            return
        figures = dict(line.split(":", 1) for line in status.splitlines())
        for name, key in (("rss_mb", "VmHWM"), ("space_mb", "VmPeak")):
            megabytes = int(figures[key].split()[0]) * 1024 / 1e6
            if (
                megabytes > getattr(self.report, name)[0]
            ):  # of all that this host has read: whose doing it is shows once
                setattr(self.report, name, (megabytes, self._file))

    def _nothing_left(self) -> None:
        for left in [*self._scratch.rglob("*"), *(one for one in self._out.iterdir() if one.name != "made.pdf")]:
            self.report.faults.append(f"{self._file}: {left} is left")
            left.unlink() if left.is_file() else shutil.rmtree(left)

    async def close(self) -> None:
        """End the host, and look what is left of it."""
        await self._slot.close()
        self._nothing_left()
        for process in psutil.Process().children(recursive=True):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                self.report.faults.append(f"the process {process.pid} is left: {' '.join(process.cmdline())[:100]}")


async def tried(
    folder: Path, hostile: Iterable[Path], broken: Iterable[tuple[str, str, bytes]], keep: Path | None = None
) -> Report:
    """Have files read.

    Args:
        folder: to work in, empty.
        hostile: files as they are.
        broken: names, suffixes and bytes of files to be written first.
        keep: where files that a host died or hung on are copied to.
    """
    strangers = Strangers(folder)
    report = strangers.report
    try:
        for path in hostile:
            await strangers.file(path, path.name)
        for name, suffix, data in broken:
            path = folder / f"stranger{suffix}"
            path.write_bytes(data)
            before = len(report.deaths) + len(report.timeouts) + len(report.faults) + len(report.unforeseen)
            await strangers.file(path, name)
            after = len(report.deaths) + len(report.timeouts) + len(report.faults) + len(report.unforeseen)
            if keep is not None and after > before:
                shutil.copy(path, keep / f"{name}{suffix}")
            path.unlink()
            if report.files % 200 == 0:
                sys.stderr.write(f"{report.files} files\n")
    finally:
        await strangers.close()
    return report


def main() -> int:
    """Run it; returns 1 where something must not be."""
    parser = argparse.ArgumentParser(description="Files from strangers.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--count", type=int, default=2400, help="broken files")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--keep", type=Path, help="folder for files that a host died or hung on")
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    seeds = made_seeds() + corpus_seeds(options.corpus)
    hostile = sorted(file for file in (options.corpus / "hostile").iterdir() if file.is_file())
    with tempfile.TemporaryDirectory(prefix="desktop-ocr-strangers-") as folder:
        broken = mutations(seeds, options.count, options.seed)
        report = asyncio.run(tried(Path(folder), hostile, broken, options.keep))
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
