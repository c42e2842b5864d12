"""`desktop-ocr memory`: what running programs hold, as a table, as JSON, for Prometheus, once or again and again."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from desktop_ocr.cli.memory_table import machine_table, program_table
from desktop_ocr.cli.programs import Answers, ask_all, complain, put, put_json, put_utf8
from desktop_ocr.cli.prometheus import exposition
from desktop_ocr.cli.streams import printable, silence
from desktop_ocr.core.control_client import ask_dump, ask_stats
from desktop_ocr.core.paths import user_paths
from desktop_ocr.memory.probes import GpuProbe, take_sample
from desktop_ocr.schema.memory import MemorySample, MemoryStats

NOT_RUNNING = "Desktop OCR is not running."


class MemoryReport(msgspec.Struct, frozen=True):
    """What `--json` prints.

    Attributes:
        programs: that run.
        machine: where none runs: the machine as this command sees it, nothing of which is ours.
        errors: why programs could not be asked.
    """

    programs: tuple[MemoryStats, ...]
    machine: MemorySample | None
    errors: tuple[str, ...]


def run_memory(arguments: argparse.Namespace) -> int:
    """Run the subcommand; returns its exit code."""
    root = user_paths().runtime
    if arguments.dump:
        return _dump(root, as_json=arguments.json, seconds=arguments.timeout)
    if arguments.watch is None:
        with _asking(root, arguments.timeout) as ask:
            report = asyncio.run(_report(ask))
        _show(report, arguments)
        complain(report.errors)
        return 1 if report.errors else 0
    try:
        with _asking(root, arguments.timeout) as ask:
            asyncio.run(_watch(ask, arguments))
    except KeyboardInterrupt:
        return 0  # the way to end it
    except BrokenPipeError:
        silence(sys.stdout)
        return 0  # the other way: who read it has gone
    raise AssertionError("watching does not end by itself")


class _Asker:
    """Asks the programs, or the machine where there is none."""

    def __init__(self, root: Path, seconds: float) -> None:
        self._root, self._seconds = root, seconds
        self._gpu: GpuProbe | None = None

    async def programs(self) -> Answers[MemoryStats]:
        return await ask_all(self._root, lambda path: ask_stats(path, self._seconds))

    def machine(self) -> MemorySample:
        self._gpu = self._gpu or GpuProbe()
        # What this command itself takes is nothing that Desktop OCR holds.
        return msgspec.structs.replace(take_sample((), self._gpu), ram_window=0.0)

    def close(self) -> None:
        if self._gpu is not None:
            self._gpu.close()


@contextlib.contextmanager
def _asking(root: Path, seconds: float) -> Iterator[_Asker]:
    asker = _Asker(root, seconds)
    try:
        yield asker
    finally:
        asker.close()


async def _report(asker: _Asker) -> MemoryReport:
    answers = await asker.programs()
    machine = None if answers.of else asker.machine()
    return MemoryReport(tuple(answers.of.values()), machine, answers.errors)


def _dump(root: Path, *, as_json: bool, seconds: float) -> int:
    answers = asyncio.run(ask_all(root, lambda path: ask_dump(path, seconds)))
    if as_json:
        put_json({"dumps": [str(path) for path in answers.of.values()], "errors": answers.errors})
    else:
        for path in answers.of.values():
            put(str(path))
    complain((f"{NOT_RUNNING} Only a running program can be looked into.",) if answers.none_runs else answers.errors)
    return 0 if answers.of and not answers.errors else 1


def _show(report: MemoryReport, arguments: argparse.Namespace) -> None:
    if arguments.json:
        put_json(report, indent=0 if arguments.watch is not None else 2)
    elif arguments.prometheus:
        put_utf8(exposition(report.programs, report.machine))
    else:
        put(_text(report))


def _text(report: MemoryReport) -> str:
    if report.programs:
        return "\n\n".join(program_table(stats) for stats in report.programs)
    assert report.machine is not None  # noqa: S101 - one of the two is there
    # Where one runs that does not answer, the errors say so.
    return ("" if report.errors else NOT_RUNNING + "\n") + machine_table(report.machine)


async def _watch(asker: _Asker, arguments: argparse.Namespace) -> None:
    with _screen() if sys.stdout.isatty() and not arguments.json else contextlib.nullcontext() as draw:
        while True:
            report = await _report(asker)
            if draw is not None:
                draw("\n".join([_text(report), *report.errors, "", "Ctrl-C ends this."]))
            else:
                _show(report, arguments)
                if not arguments.json:
                    put("\n")
                    complain(report.errors)
            await asyncio.sleep(arguments.watch)


@contextlib.contextmanager
def _screen() -> Iterator[Callable[[str], None]]:
    """A terminal's other screen, drawn anew by each call; what was there before comes back."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    def drawn(text: str) -> Text:
        return Text("\n".join(map(printable, text.splitlines())), no_wrap=True, overflow="ellipsis")

    with Live(console=Console(highlight=False), screen=True, auto_refresh=False, vertical_overflow="crop") as live:
        yield lambda text: live.update(drawn(text), refresh=True)
