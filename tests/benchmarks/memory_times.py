"""How long it takes to give memory back, to come back after it, and what looking at memory costs."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from desktop_ocr.schema.events import HostStarted, ModelChanged
from desktop_ocr.schema.memory import FreeReport, HostRole, ModelState
from tests.benchmarks.memory_common import (
    DOCUMENTS,
    LONG,
    Bench,
    children,
    make_book,
    make_dense_sheet,
    open_session,
    progress,
    show,
)

Ready = Callable[[Bench, int], Awaitable[None]]


# --- free ---------------------------------------------------------------------------------------------------------


async def free(folder: Path, repeat: int) -> None:
    """Free in the worst moments, each of them several times; afterwards every page is done."""
    sheet, book = make_dense_sheet(folder / "sheet.pdf"), make_book(folder / "book.pdf")
    scenes: list[tuple[str, Path, Ready]] = [
        ("while models are loading", sheet, _loading),
        ("a long page in work", sheet, _in_work),
        ("with pages queued", book, _queued),
    ]
    rows = []
    for what, document, ready in scenes:
        reports: list[FreeReport] = []
        seconds: list[float] = []
        left = 0
        for number in range(repeat):
            progress(f"{what}: {number + 1} of {repeat}")
            home = folder / f"{document.stem}-{len(rows)}-{number}"
            async with open_session(home) as bench:
                job = await bench.add(document)
                await ready(bench, job)
                began = time.perf_counter()
                reports.append(await bench.session.free())
                seconds.append(time.perf_counter() - began)
                left += len(children())
                if number == 0:  # once is enough to see that nothing is lost
                    await bench.session.resume_work()
                    await bench.done(job)
                    done = [event.page for _, event in bench.finished()]
                    assert sorted(done) == list(range(bench.session.views()[0].pages_total)), done
        back = sum(report.requeued for report in reports)
        mb = statistics.median(report.ram_before - report.ram_after for report in reports)
        words = f"{statistics.median(seconds):.2f} s, at most {max(seconds):.2f} s"
        rows += [
            (f"Free, {what}", words, "< 5"),
            ("  children left; pages put back; RAM given back", f"{left}; {back}; {mb:.0f} MB", "0"),
        ]
    progress("")
    show(rows)


async def _loading(bench: Bench, job: int) -> None:
    del job
    loading = ModelState.LOADING
    await bench.until(
        lambda: any(e.view.state is loading for _, e in bench.told if isinstance(e, ModelChanged)), seconds=LONG
    )


async def _in_work(bench: Bench, job: int) -> None:
    """All models are there, and the page's time has begun."""
    del job
    await bench.until(lambda: _loaded(bench) >= 4)
    await asyncio.sleep(0.5)


async def _queued(bench: Bench, job: int) -> None:
    del job
    await bench.until(lambda: len(bench.finished()) >= 1)


def _loaded(bench: Bench, since: float = 0.0) -> int:
    views = [event.view for _, event in bench.times(ModelChanged, since) if isinstance(event, ModelChanged)]
    return len({view.model for view in views if view.state is ModelState.LOADED})


# --- reload -------------------------------------------------------------------------------------------------------


async def reload(folder: Path, repeat: int) -> None:
    """From `resume_work` after Free to the first result, part by part."""
    parts: list[dict[str, float]] = []
    async with open_session(folder, free_grace_seconds=0.0, unload_idle_models=False) as bench:
        job = await bench.add(DOCUMENTS / "letter.jpg")
        await bench.done(job)  # models are laid out, files are in the system's cache
        for number in range(repeat):
            progress(f"reload {number + 1} of {repeat}")
            warm = [await _again(bench, job) for _ in range(3)]
            prepare = await _prepared(bench, job)
            await bench.session.recognise_again(job, [0])
            await bench.until(lambda: bench.session._machinery.services.views()[0].in_use)
            report = await bench.session.free()
            assert report.paused == (job,)
            assert not children()
            parts.append({**await _timed(bench, job, statistics.median(warm)), "warm_prepare": prepare})
    progress("")
    median = {name: statistics.median(part[name] for part in parts) for name in parts[0]}
    show(
        [
            ("from resume_work to the first result", f"{median['total']:.2f} s", ""),
            ("  the document host is up after", f"{median['document']:.2f} s", ""),
            ("  the page is opened and rendered after", f"{median['begin']:.2f} s", ""),
            ("    of that the document host says", f"{median['prepare']:.2f} s", ""),
            ("  the engine host is up after", f"{median['engine']:.2f} s", ""),
            ("  models load for, in all (they say)", f"{median['load']:.2f} s", ""),
            ("  from the last model to the result", f"{median['rest']:.2f} s", ""),
            ("the same page by a warm engine, median of three", f"{median['warm']:.2f} s", ""),
            ("  of that opening and rendering", f"{median['warm_prepare']:.2f} s", ""),
            ("surplus: total - loading - warm page", f"{median['surplus']:.2f} s", "< 0.5"),
            ("  best and worst", f"{_least(parts):.2f}, {_most(parts):.2f} s", ""),
        ]
    )


def _least(parts: list[dict[str, float]]) -> float:
    return min(part["surplus"] for part in parts)


def _most(parts: list[dict[str, float]]) -> float:
    return max(part["surplus"] for part in parts)


async def _again(bench: Bench, job: int) -> float:
    """Seconds for the page by hosts that have all models."""
    began = time.perf_counter()
    await bench.session.recognise_again(job, [0])
    await bench.until(lambda: bench.finished(began))
    ended = bench.finished(began)[0][0]
    await bench.done(job)
    return ended - began


async def _prepared(bench: Bench, job: int) -> float:
    """Seconds that the document host had the page for."""
    result = await bench.session.result(job, 0)
    assert result is not None
    return next(step.seconds for step in result.steps if step.step == "prepare")


async def _timed(bench: Bench, job: int, warm: float) -> dict[str, float]:
    began = time.perf_counter()
    assert await bench.session.resume_work() == 1
    await bench.until(lambda: bench.finished(began))
    total = bench.finished(began)[0][0] - began
    await bench.done(job)
    hosts = {e.role: when - began for when, e in bench.times(HostStarted, began) if isinstance(e, HostStarted)}
    steps = [(when - began, e.view) for when, e in bench.times(ModelChanged, began) if isinstance(e, ModelChanged)]
    loading = [when for when, view in steps if view.state is ModelState.LOADING]
    loaded = {view.model: view.load_seconds for _, view in steps if view.state is ModelState.LOADED}
    ready = [when for when, view in steps if view.state is ModelState.LOADED and view.references == 1]
    load = sum(loaded.values())
    return {
        "total": total,
        "document": hosts[HostRole.DOCUMENT],
        "engine": hosts[HostRole.ENGINE],
        "begin": min(loading),
        "prepare": await _prepared(bench, job),
        "load": load,
        "rest": total - max(ready),
        "warm": warm,
        "surplus": total - load - warm,
    }


# --- gauges -------------------------------------------------------------------------------------------------------


async def gauges(folder: Path, seconds: int) -> None:
    """What the process that samples spends while nothing else goes on and hosts of real size are alive."""
    book = make_book(folder / "book.pdf", 8)
    async with open_session(
        folder,
        engine_threads=1,
        max_services_per_device=2,
        unload_idle_models=False,
        document_idle_seconds=LONG,
        monitor_interval=60.0,
    ) as bench:
        job = await bench.add(book)
        await bench.done(job)
        sample = await bench.session._machinery.monitor.sample(exact=True)
        hosts = ", ".join(f"{host.role.value} {host.ram_mb:.0f} MB" for host in sample.hosts)
        progress(f"idle, with the monitor: {seconds} s")
        watched = await _spent(seconds)
        taken = len([one for one in bench.session._machinery.monitor.history if one.time > time.time() - seconds])
        await bench.session._machinery.monitor.stop()
        progress(f"idle, without it: {seconds} s")
        unwatched = await _spent(seconds)
    progress("")
    show(
        [
            ("hosts alive, idle", hosts, ""),
            ("samples taken", f"{taken} in {seconds} s", "1 a second"),
            ("of a core, with the monitor", f"{watched:.2%}", "< 1 %"),
            ("of a core, without it", f"{unwatched:.2%}", ""),
        ]
    )


async def _spent(seconds: int) -> float:
    """CPU seconds a second of this process."""
    await asyncio.sleep(1)
    began, spent = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    return (time.process_time() - spent) / (time.perf_counter() - began)
