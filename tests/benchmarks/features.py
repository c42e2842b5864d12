"""Seconds and peak memory, by feature and by page, on real pages: what each switch costs.

    python -m tests.benchmarks.features [FILE ...] [--rounds N] [--by-page]

Without files, on the project's own scans. Each page is done as text alone, with the bundled features where needed, and
with all of them on, in turn by one engine host with its models loaded, so that what else runs on the machine meets all
of them alike; seconds are those of the engine host, the least of the rounds. Processor seconds, of all its threads, are
told beside them: on a busy machine they are the fairer figure. What single features take is told by the pages' own
steps. Memory is measured apart, in a fresh session for each set of switches: the engine host's peak, over all pages. In
the last row the model for tables is loaded after those for text were unloaded ("apart"), as is done where memory is
tight: the peak is then that of the larger part.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from desktop_ocr.schema.features import FAST, NONE, Feature, FeatureMode, Features
from desktop_ocr.schema.jobs import JobOptions, PageState, TextLayerMode
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.results import PageResult
from tests.benchmarks.memory_common import DOCUMENTS, Bench, open_session, progress, scratch_folder

PAGES = (
    "letter.jpg",
    "two_columns.jpg",
    "receipt.jpg",
    "languages.jpg",
    "minutes_g4.tif",
    "sideways.jpg",
    "report_three_pages.pdf",
)
GOAL = 1.4
ON = FeatureMode.ON


def options(features: Features, *, layout: bool = True) -> JobOptions:
    """Recognise, whatever text is there."""
    return JobOptions(text_layer=TextLayerMode.ALWAYS_OCR, layout=layout).with_features(features)


def only(*features: Feature) -> Features:
    """These on, all others off."""
    return Features(**{feature.value: ON if feature in features else FeatureMode.OFF for feature in Feature})


SETS: dict[str, JobOptions] = {
    "text alone": options(NONE, layout=False),
    "and orientation": options(only(Feature.ORIENTATION), layout=False),
    "and layout": options(NONE),
    "and layout, tables": options(only(Feature.TABLES)),
    "and layout, pictures": options(only(Feature.PICTURES)),
    "all bundled, where needed": options(FAST),
    "all bundled, on": options(only(Feature.ORIENTATION, Feature.TABLES, Feature.PICTURES)),
}
TEXT, ALL, ON_EVERY = "text alone", "all bundled, where needed", "all bundled, on"
TIMED = (TEXT, ALL, ON_EVERY)
Seconds = dict[str, dict[str, float]]
"""By set of switches, and by page or document."""


async def results(bench: Bench, file: Path, chosen: JobOptions) -> list[PageResult]:
    """A document's pages, recognised now."""
    (job,) = (await bench.session.add([file], options=chosen, fresh=True)).jobs
    await bench.done(job)
    found = []
    for page in await bench.session.pages(job):
        result = await bench.session.result(job, page.page)
        if page.state is not PageState.DONE or result is None or page.degraded:
            raise SystemExit(f"{file.name}, page {page.page + 1}: {page.error or page.degraded}")
        found.append(result)
    await bench.session.remove(job)
    return found


def engine_seconds(result: PageResult) -> float:
    """Of a page, without what the document host took."""
    return sum(step.seconds for step in result.steps if step.step != "prepare")


@dataclass
class Timed:
    """The least seconds of each page, and processor seconds of each document; and the results with all switches on."""

    wall: Seconds
    processor: Seconds
    kept: dict[str, list[PageResult]]


def processor_seconds(bench: Bench) -> float:
    """That the engine host has taken so far."""
    pids = [pid for pid, role in bench.session._machinery.hosts() if role is HostRole.ENGINE]
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


async def time_all(files: Sequence[Path], rounds: int) -> Timed:
    """Do each page by each set of switches in turn."""
    timed = Timed({name: {} for name in TIMED}, {name: {} for name in TIMED}, {})
    with scratch_folder() as folder:
        async with open_session(folder, pages_in_flight=1, max_services_per_device=1, max_predictions=1) as bench:
            progress("loading")
            await results(bench, files[0], SETS[ON_EVERY])
            for turn, file, name in itertools.product(range(1, rounds + 1), files, TIMED):
                progress(f"round {turn} of {rounds}: {file.name}, {name}")
                before = processor_seconds(bench)
                pages = await results(bench, file, SETS[name])
                took = processor_seconds(bench) - before
                timed.processor[name][file.name] = min(timed.processor[name].get(file.name, took), took)
                for result in pages:
                    page = f"{file.name} {result.page + 1}"
                    seconds = engine_seconds(result)
                    timed.wall[name][page] = min(timed.wall[name].get(page, seconds), seconds)
                if name == ON_EVERY:
                    timed.kept[file.name] = pages
    return timed


async def peak_mb(files: Sequence[Path], chosen: JobOptions, *, apart: bool) -> float:
    """The engine host's highest resident memory over some pages."""
    peaks = [0.0]
    with scratch_folder() as folder:
        async with open_session(folder, pages_in_flight=1, max_services_per_device=1, max_predictions=1) as bench:
            bench.session._machinery.policy.apart = apart
            for file in files:
                (job,) = (await bench.session.add([file], options=chosen)).jobs
                await bench.done(job)
                peaks += [view.peak_mb for view in bench.session.views() if view.job == job]
    return max(peaks)


def show_pages(kept: dict[str, list[PageResult]]) -> None:
    """Seconds, and MB after it, of each step of each page."""
    for name, pages in kept.items():
        for result in pages:
            steps: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
            for step in result.steps:
                steps[step.step] = steps[step.step][0] + step.seconds, step.memory_mb
            told = ", ".join(f"{step} {seconds:.2f} s {mb:.0f} MB" for step, (seconds, mb) in steps.items())
            print(f"{name} {result.page + 1}: {told}")


def show_steps(kept: dict[str, list[PageResult]]) -> None:
    """Seconds of each step, over all pages."""
    steps: dict[str, float] = defaultdict(float)
    pages = 0
    for results_of_one in kept.values():
        for result in results_of_one:
            pages += 1
            for step in result.steps:
                steps[step.step] += step.seconds
    print(f"\n{'step, all on':30} {'s a page':>10}")
    for name, seconds in steps.items():
        print(f"{name:30} {seconds / pages:10.2f}")


async def run(files: Sequence[Path], rounds: int, *, by_page: bool) -> None:
    """Measure and print."""
    timed = await time_all(files, rounds)
    progress("")
    wall, processor = timed.wall, timed.processor
    pages = len(wall[TEXT])
    print(f"\n{f'{pages} pages':30} {'s a page':>10} {'of text':>8} {'processor s':>12} {'of text':>8}")
    for name in TIMED:
        seconds, busy = sum(wall[name].values()), sum(processor[name].values())
        share, busy_share = seconds / sum(wall[TEXT].values()), busy / sum(processor[TEXT].values())
        print(f"{name:30} {seconds / pages:10.2f} {share:8.2f} {busy / pages:12.2f} {busy_share:8.2f}")
    print(f"the goal is at most {GOAL} times the text alone")
    show_steps(timed.kept)
    print(f"\n{'page':30} {'text alone':>10} {'needed':>8} {'on':>8} {'ratio':>6}")
    for page, seconds in wall[TEXT].items():
        needed, on = wall[ALL][page], wall[ON_EVERY][page]
        print(f"{page[:30]:30} {seconds:10.2f} {needed:8.2f} {on:8.2f} {needed / seconds:6.2f}")
    if by_page:
        print()
        show_pages(timed.kept)
    print(f"\n{'engine host':30} {'peak MB':>10}", flush=True)
    for name, chosen in SETS.items():
        progress(f"memory: {name}")
        print(f"{name:30} {await peak_mb(files, chosen, apart=False):10.0f}", flush=True)
    print(f"{'all bundled, on, apart':30} {await peak_mb(files, SETS[ON_EVERY], apart=True):10.0f}")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="documents (default: the project's scans)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--by-page", action="store_true", help="print each step of each page")
    arguments = parser.parse_args()
    files = arguments.files or [DOCUMENTS / name for name in PAGES]
    asyncio.run(run(files, arguments.rounds, by_page=arguments.by_page))


if __name__ == "__main__":
    main()
