"""A library of 20,000 pages: how long a search takes, a start, a commit, and how large it is.

    python -m tests.benchmarks.library [--pages 20000] [--keep FOLDER]

The pages are made of a vocabulary of 30,000 words that come as often as words do (the n-th one every n-th time or so),
every tenth page of Chinese and Japanese, and stored as complete results (lines, words, places) by the ledger's own
code, without waiting for the disk while that is done. Goals: a search under 100 ms; a start not slower by more than
10 % than with an empty ledger. Searches are asked of a `Library` as the window asks them, the rest of the process
idle; each kind 20 times, with another word each time. Figures are told, never asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from desktop_ocr.core.index_catch_up import IndexCatchUp
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.library import Library
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.library import LibraryQuery
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource, Word, box_polygon

DOCUMENT_PAGES, LISTED = 100, 3
TIMES, STARTS, COMMITS = 20, 11, 200
ASIAN = (
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长"
    "知民樣現将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼"
    "体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认"
    "算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取"
    "设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏にはをがでとものるたしていなかられ"
)


class Texts:
    """Pages of made-up words."""

    def __init__(self) -> None:
        self._chance = random.Random(5)
        starts, middles = [*"bdfghklmnprstvwz", "st", "tr", "pl", "br", "ch", "sh"], [*"aeiou", "ea", "ou", "ai", "ie"]
        ends = ["", "n", "r", "s", "t", "l", "nd", "ng", "st"]
        made: dict[str, None] = {}
        while len(made) < 30_000:
            syllables = self._chance.choice((1, 2, 2, 3, 3, 4))
            made["".join(self._one(starts) + self._one(middles) + self._one(ends) for _ in range(syllables))] = None
        self.words = sorted(made, key=len)[:200] + [word for word in made if len(word) > 3]  # short ones are frequent
        self._weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))
        self._asian = list(itertools.accumulate(1 / (rank + 20) for rank in range(len(ASIAN))))

    def _one(self, of: list[str]) -> str:
        return self._chance.choice(of)

    def page(self, number: int) -> PageResult:
        """About 45 lines of 8 words, or 28 lines of 25 characters."""
        lines = []
        asian = number % 10 == 9
        for row in range(28 if asian else 45):
            if asian:
                texts = ["".join(self._chance.choices(ASIAN, cum_weights=self._asian, k=25))]
            else:
                texts = self._chance.choices(self.words, cum_weights=self._weights, k=8)
            x, top, words = 150.0, 150.0 + row * 44.3, []
            for text in texts:
                width = len(text) * (40.0 if asian else 15.5)
                words.append(Word(text, box_polygon((x, top, x + width, top + 31.7)), 0.97))
                x += width + 15.5
            lines.append(Line(" ".join(texts), box_polygon((150.0, top, x, top + 31.7)), 0.97, tuple(words)))
        ranges = itertools.pairwise(range(0, len(lines) + 4, 4))
        blocks = [
            Block(BlockKind.TEXT, (150.0, 150.0, 1500.0, 2000.0), tuple(range(a, min(b, len(lines)))))
            for a, b in ranges
        ]
        return PageResult(
            number % DOCUMENT_PAGES, 1654, 2339, 200, 0, PageSource.RECOGNISED, tuple(lines), tuple(blocks)
        )

    def frequent(self) -> Iterator[str]:
        yield from self.words[: 2 * TIMES]

    def typical(self) -> Iterator[str]:
        yield from self.words[300 : 300 + 50 * TIMES : 25]

    def asian(self) -> Iterator[str]:
        while True:
            yield "".join(self._chance.choices(ASIAN, cum_weights=self._asian, k=2))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="make the library here, or use the one that is here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.keep or Path(name)
        full, few, empty = (folder / which / "data" / "ledger.sqlite3" for which in ("full", "few", "empty"))
        texts = Texts()
        if not full.exists():
            started = time.perf_counter()
            make(full, texts, arguments.pages)
            make(few, texts, DOCUMENT_PAGES * LISTED)
            Ledger(empty).close()
            print(f"made in {time.perf_counter() - started:.0f} s")
        tell_size(full)
        asyncio.run(tell_searches(full, texts))
        tell_starts({"empty ledger": empty, f"{LISTED} documents, all listed": few, "library": full})
        tell_commits(full, texts, Path(name))
    return 0


def make(file: Path, texts: Texts, pages: int) -> None:
    """A ledger with documents of 100 pages, of which the last few are in the list."""
    ledger = Ledger(file)
    ledger._rows("PRAGMA synchronous = OFF")
    documents = pages // DOCUMENT_PAGES
    for document in range(documents):
        job = ledger.add_job(f"/home/somebody/Documents/scan {document}.pdf", JobOptions(), "", "")
        info = DocumentInfo("PDF", DOCUMENT_PAGES, f"{document:064x}", 1_000_000)
        key = PageKey(ledger.set_document(job, info), options_key(JobOptions()))
        for page in range(DOCUMENT_PAGES):
            ledger.commit_page(key, texts.page(document * DOCUMENT_PAGES + page), PageCost(1.0))
        ledger.set_state(job, JobState.DONE)
        if document < documents - LISTED:
            ledger.library.take_off(job)
    ledger._rows("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()


def tell_size(file: Path) -> None:
    db = sqlite3.connect(file)
    pages = db.execute("SELECT count(*) FROM pages").fetchone()[0]
    results = db.execute("SELECT sum(length(result)) FROM pages").fetchone()[0]
    texts = db.execute("SELECT sum(length(CAST(words AS BLOB))) FROM page_search").fetchone()[0]
    index = db.execute("SELECT sum(length(block)) FROM page_search_data").fetchone()[0]
    db.close()
    total = file.stat().st_size
    print(f"\n{pages} pages in {total / 1e6:.0f} MB: {total / pages / 1000:.1f} KB a page")
    for name, size in (("results", results), ("texts to search", texts), ("index of them", index)):
        print(f"  {name:<18} {size / pages / 1000:6.2f} KB a page")


async def tell_searches(file: Path, texts: Texts) -> None:
    ledger = Ledger(file)
    catch_up = IndexCatchUp(file)
    await catch_up.run()  # as two seconds after a start
    library = Library(file, ledger, catch_up)
    typical, frequent, asian = list(texts.typical()), list(texts.frequent()), texts.asian()
    phrases = [row[0].split("\n")[3].split(" ", 2)[:2] for row in ledger._rows(_SOME_TEXTS)]
    kinds: dict[str, Callable[[int], LibraryQuery]] = {
        "a word": lambda n: LibraryQuery(f"{typical[n]} "),
        "a word of most pages": lambda n: LibraryQuery(frequent[n]),
        "two words": lambda n: LibraryQuery(f"{frequent[n]} {typical[n]}"),
        "two frequent words": lambda n: LibraryQuery(f"{frequent[n]} {frequent[n + TIMES]}"),
        "the first 2 letters": lambda n: LibraryQuery(typical[n][:2]),
        "the first 3 letters": lambda n: LibraryQuery(typical[n][:3]),
        "the first letter": lambda n: LibraryQuery(typical[n][0]),
        "2 Chinese characters": lambda _: LibraryQuery(next(asian)),
        "a phrase": lambda n: LibraryQuery(f'"{" ".join(phrases[n])}"'),
        "nothing of the kind": lambda n: LibraryQuery(f"xq{typical[n]}"),
        "PDFs of the last day": lambda n: LibraryQuery(frequent[n], formats=("PDF",), since=time.time() - 86_400),
        "all documents by date": lambda _: LibraryQuery(),
    }
    print(f"\n{'search':<24} {'median':>8} {'most':>8}   processor, hits (medians)")
    for kind, query in kinds.items():
        took, hits, busy = [], [], []
        for number in range(TIMES):
            wanted = query(number)
            started, before = time.perf_counter(), time.process_time()
            found = await library.search(wanted)
            took.append((time.perf_counter() - started) * 1000)
            busy.append((time.process_time() - before) * 1000)
            hits.append(found.total)
        middle, other = statistics.median(took), f"{statistics.median(busy):5.1f} ms   {statistics.median(hits):.0f}"
        print(f"{kind:<24} {middle:5.1f} ms {max(took):5.1f} ms   {other}")
    await library.close()
    ledger.close()


_SOME_TEXTS = f"SELECT words FROM page_search WHERE rowid % 97 = 1 LIMIT {TIMES}"  # noqa: S608

START = """
import time
began = time.perf_counter()
import asyncio, sys
from pathlib import Path
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.schema.settings import Settings
async def start(root):
    paths = AppPaths(root / "data", root / "cache", root / "config", root / "run")
    session = Session(paths, Settings(), lambda _: None)
    imported = time.perf_counter()
    await session.open()
    opened = time.perf_counter()
    await session.close()
    print(f'{{"open": {opened - imported}, "all": {opened - began}}}')
asyncio.run(start(Path(sys.argv[1])))
"""


def tell_starts(ledgers: dict[str, Path]) -> None:
    took: dict[str, list[dict[str, float]]] = {name: [] for name in ledgers}
    for _ in range(STARTS):
        for name, file in ledgers.items():  # in turn: the machine may be busy
            said = subprocess.run(
                [sys.executable, "-c", START, str(file.parents[1])], check=True, capture_output=True, text=True
            )
            took[name].append(json.loads(said.stdout))
    print(f"\n{'start':<28} {'session opened':>16} {'with imports':>16}   (median, least)")
    for name, times in took.items():
        figures = [[one[what] * 1000 for one in times] for what in ("open", "all")]
        print(f"{name:<28}", *(f"{statistics.median(one):7.0f} {min(one):5.0f} ms" for one in figures))


def tell_commits(file: Path, texts: Texts, folder: Path) -> None:
    """Pages are committed to a copy of the library, in turn with and without their words."""
    copy = folder / "copy.sqlite3"
    shutil.copy(file, copy)
    print(f"\n{'commit of a page':<24} {'median':>8} {'mean':>8} {'most':>8}")
    for waits in ("FULL", "OFF"):
        ledger = Ledger(copy)
        ledger._rows(f"PRAGMA synchronous = {waits}")
        job = ledger.add_job("/new.pdf", JobOptions(), "", "")
        info = DocumentInfo("PDF", COMMITS, waits.encode().hex().rjust(64, "f"), 1)
        key = PageKey(ledger.set_document(job, info), options_key(JobOptions()))
        index = ledger._index
        took: dict[str, list[float]] = {"without its words": [], "with its words": []}
        for number in range(COMMITS):
            result = msgspec.structs.replace(texts.page(number), page=number)
            name = "with its words" if number % 2 else "without its words"
            ledger._index = index if number % 2 else _no_index  # type: ignore[assignment]
            started = time.perf_counter()
            ledger.commit_page(key, result, PageCost(1.0))
            took[name].append((time.perf_counter() - started) * 1000)
        for name, times in took.items():
            words = name + ("" if waits == "FULL" else ", no fsync")
            mean = statistics.mean(times)
            print(f"{words:<28} {statistics.median(times):5.1f} ms {mean:5.1f} ms {max(times):5.1f} ms")
        ledger.close()


def _no_index(*_: object) -> None: ...


if __name__ == "__main__":
    sys.exit(main())
