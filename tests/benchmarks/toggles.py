"""Every combination of the toggles that the bundled models allow, on real documents: what is off is not there.

    python -m tests.benchmarks.toggles CORPUS [--pages N] [--folders scans,tables,rules,gnarly,receipts,languages]
        [--all-combinations FOLDER]

Every combination of layout, orientation, tables and pictures (off, auto, on each) is run on some of the corpus'
documents, each document by another one in turn, and all of them on every document of one small folder. A page counts
as right where it came to its end, its result holds together, and nothing in it is of a feature that was off: no cells
of tables, no picture blocks out of a bitmap, no turned page, no model of such a feature among those that made it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.schema.features import FeatureMode
from desktop_ocr.schema.jobs import FINAL_STATES, JobOptions, JobState, PageState, TextLayerMode
from desktop_ocr.schema.results import BlockKind, PageResult, PageSource, check_page_result
from desktop_ocr.schema.settings import Settings

FOLDERS = "scans,tables,rules,gnarly,receipts,languages"
MODES = tuple(FeatureMode)
OFF = FeatureMode.OFF


def combinations() -> list[JobOptions]:
    """All of them; without layout nothing builds on it, so that the other toggles are tried with one mode each."""
    made = [
        JobOptions(orientation=turn, tables=tables, pictures=pictures)
        for turn, tables, pictures in itertools.product(MODES, MODES, MODES)
    ]
    made += [JobOptions(layout=False, orientation=turn) for turn in MODES]
    made += [JobOptions(layout=False, tables=FeatureMode.ON, pictures=FeatureMode.ON)]
    return made


def faults(result: PageResult, options: JobOptions) -> Iterator[str]:
    """What is wrong with a page, in words."""
    try:
        check_page_result(result)
    except ValueError as error:
        yield str(error)
    if result.pending:
        yield f"{result.pending} is pending"
    if options.orientation is OFF and result.rotation:
        yield "turned"
    recognised = result.source is PageSource.RECOGNISED
    if (options.tables is OFF or not options.layout) and any(block.table for block in result.blocks):
        yield "cells of a table"
    pictures = [block for block in result.blocks if block.kind is BlockKind.PICTURE]
    if recognised and (options.pictures is OFF or not options.layout) and pictures:
        yield "pictures"
    of_off = {
        "PP-LCNet_x1_0_doc_ori": options.orientation is OFF,
        "SLANet_plus": options.tables is OFF or not options.layout,
        "picodet-cdla": (options.tables is OFF and options.pictures is OFF) or not options.layout,
        "pymupdf-layout": not options.layout,
    }
    for model in result.models:
        if of_off.get(model):
            yield f"made with {model}"


async def run(files: Sequence[tuple[Path, JobOptions]], pages: str) -> tuple[Counter[str], list[str]]:
    """Do documents, each with its options; counts by outcome, and what was wrong."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        paths = AppPaths(home / "data", home / "cache", home / "config", home / "run")
        session = Session(paths, Settings(), lambda _: None, private=True)
        await session.open()
        try:
            for file, options in files:
                added = await session.add([file], options=options, pages=pages)
                for number in added.jobs:
                    while (view := next(one for one in session.views() if one.job == number)).state not in FINAL_STATES:
                        if view.state is JobState.NEEDS_PASSWORD:
                            break
                        await asyncio.sleep(0.05)
                    for page in await session.pages(number):
                        counts[page.state.value] += 1
                        result = await session.result(number, page.page)
                        if page.state is not PageState.DONE or result is None:
                            wrong.append(f"{file.name} page {page.page + 1}: {page.error or page.state}")
                            continue
                        counts["with a note"] += bool(page.left_out or page.degraded)
                        said = "; ".join(faults(result, options))
                        if said:
                            wrong.append(f"{file.name} page {page.page + 1}: {said} ({options})")
                    await session.remove(number)
        finally:
            await session.close()
    return counts, wrong


def documents(corpus: Path, folders: str) -> list[Path]:
    """Documents in some folders of the corpus."""
    found = [file for folder in folders.split(",") for file in sorted((corpus / folder).iterdir())]
    return [file for file in found if file.is_file() and file.suffix.lower() not in (".txt", ".jsonl", ".csv", ".md")]


def main() -> int:
    """Run, and print what was wrong; the exit status is 1 where anything was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--folders", default=FOLDERS)
    parser.add_argument("--all-combinations", default="tables", help="a folder that is run with each of them")
    parser.add_argument("--pages", default="1-2", help="of each document")
    arguments = parser.parse_args()
    every = combinations()
    work = list(zip(documents(arguments.corpus, arguments.folders), itertools.cycle(every)))
    if arguments.all_combinations:
        work += list(itertools.product(documents(arguments.corpus, arguments.all_combinations), every))
    # Text layers are read, where they are sound, as a user gets it; and half of the time not.
    work = [(file, options if number % 2 else _recognised(options)) for number, (file, options) in enumerate(work)]
    began = time.monotonic()
    counts, wrong = asyncio.run(run(work, arguments.pages))
    print("\n".join(wrong))
    seconds = time.monotonic() - began
    print(f"{len(every)} combinations, {len(work)} documents, {seconds:.0f} s: {dict(counts)}; {len(wrong)} wrong")
    return 1 if wrong else 0


def _recognised(options: JobOptions) -> JobOptions:
    return msgspec.structs.replace(options, text_layer=TextLayerMode.ALWAYS_OCR)


if __name__ == "__main__":
    sys.exit(main())
