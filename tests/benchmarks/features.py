"""Seconds and peak memory, by feature and by page, on real pages: what each switch costs.

    python -m tests.benchmarks.features [FILE ...] [--rounds N] [--by-page]

Without files, on the project's own scans. Each page is done with each set of switches in turn, by one engine host with
its models loaded, so that what else runs on the machine meets all of them alike; seconds are those of the engine host,
the least of the rounds. Memory is measured apart, in a fresh session for each set of switches: the engine host's peak,
over all pages. The last sets have their models for tables loaded after those for text were unloaded ("apart"), as is
done where memory is tight: the peak is then that of the larger part.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from desktop_ocr.schema.features import FAST, NONE, Feature, FeatureMode, Features
from desktop_ocr.schema.jobs import JobOptions, PageState, TextLayerMode
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
TEXT, ALL = "text alone", "all bundled, where needed"
Seconds = dict[str, dict[str, float]]
"""By set of switches, and by page."""


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


async def time_all(files: Sequence[Path], rounds: int) -> tuple[Seconds, dict[str, list[PageResult]]]:
    """The least seconds of each page with each set of switches; and the results with all of them on."""
    least: Seconds = {name: {} for name in SETS}
    kept: dict[str, list[PageResult]] = {}
    with scratch_folder() as folder:
        async with open_session(folder, pages_in_flight=1, max_services_per_device=1, max_predictions=1) as bench:
            for turn in range(rounds + 1):  # the first one loads the models
                for file in files:
                    for name, chosen in SETS.items():
                        progress(f"round {turn} of {rounds}: {file.name}, {name}")
                        pages = await results(bench, file, chosen)
                        for result in pages if turn else ():
                            page = f"{file.name} {result.page + 1}"
                            seconds = engine_seconds(result)
                            least[name][page] = min(least[name].get(page, seconds), seconds)
                        if name == ALL:
                            kept[file.name] = pages
    return least, kept


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


async def run(files: Sequence[Path], rounds: int, *, by_page: bool) -> float:
    """Measure and print; returns the ratio of all bundled features to text alone."""
    least, kept = await time_all(files, rounds)
    rows = []
    for name, chosen in SETS.items():
        progress(f"memory: {name}")
        rows.append((name, sum(least[name].values()), await peak_mb(files, chosen, apart=False)))
    progress("memory: apart")
    apart = await peak_mb(files, SETS[ALL], apart=True)
    progress("")
    text = rows[0][1]
    pages = len(least[TEXT])
    print(f"\n{pages} pages" + " " * 25 + "s a page   of text alone   peak MB")
    for name, seconds, peak in rows:
        print(f"{name:30} {seconds / pages:10.2f} {seconds / text:15.2f} {peak:9.0f}")
    print(f"{'all bundled, apart':30} {'':10} {'':15} {apart:9.0f}")
    print(f"\n{'page':30} {'text alone':>10} {'all':>8} {'ratio':>6}")
    for page, seconds in least[TEXT].items():
        print(f"{page[:30]:30} {seconds:10.2f} {least[ALL][page]:8.2f} {least[ALL][page] / seconds:6.2f}")
    if by_page:
        print()
        show_pages(kept)
    ratio = sum(least[ALL].values()) / text
    print(f"\nall bundled features take {ratio:.2f} times the text alone (goal: at most {GOAL})")
    return ratio


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
