"""Kills and full disks, many of them: what was promised is counted. `python -m tests.benchmarks.kills [PART...]`.

Parts (all without any):

- program: the real `desktop-ocr convert`, killed 100 times at random during a document of 100 pages
- hosts: its hosts, killed 50 times at random
- writes: the real `desktop-ocr convert`, killed before each statement by which it writes to the ledger, one a life
- statements: a process killed before each statement of each kind of write to the ledger
- full: a real file system of a few MB, filled at 20 moments of a job
- damage: a ledger of 200 pages, damaged 200 times

The document is a PDF with a text layer, which the real document host reads; the engine is a fake one.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil

from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.schema.events import Event, PageFinished
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.settings import Settings
from tests.benchmarks.memory_common import progress, show
from tests.fakes.fake_ledger_work import check
from tests.fakes.fake_program_runs import KILL_BEFORE, Content, command, contents, make_pdf, start
from tests.unit.core.damage import fill, flip_bytes, invented, mark, shown, spoil_pages

DELAY = 0.06
FOLDERS = {"HOME": "home", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config"}


class Program:
    """The command line with folders of its own."""

    def __init__(self, folder: Path, document: Path) -> None:
        """Work in `folder`, which is made."""
        self.folder = folder
        self.log = folder / "log" / "begun"
        self.ledger = folder / "data" / "desktop-ocr" / "ledger.sqlite3"
        self._document = document
        for name in (*FOLDERS.values(), "log", "tmp"):
            (folder / name).mkdir(parents=True)

    def start(self, fatal: int = 0) -> subprocess.Popen[bytes]:
        """A life of it, until the statement of that number that writes to the ledger."""
        environment = {**os.environ, **{name: str(self.folder / to) for name, to in FOLDERS.items()}}
        environment[KILL_BEFORE] = str(fatal)
        environment["TMPDIR"] = str(self.folder / "tmp")
        words = command(
            "convert", DELAY, self.log, str(self._document), "--out", str(self.folder / "out"), "--format", "txt"
        )
        null = subprocess.DEVNULL
        return subprocess.Popen(words, env=environment, stdin=null, stdout=null, stderr=null)

    def begun(self) -> list[int]:
        """Pages that an engine host began, in order."""
        return [int(line) for line in self.log.read_text().split()] if self.log.exists() else []

    def wait_for_hosts(self) -> None:
        """Until those of a life are gone."""
        while any(str(self.log) in (process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])):
            time.sleep(0.01)

    def done(self) -> Content:
        """Pages that are finished."""
        return contents(self.ledger) if self.ledger.exists() else {}

    def jobs(self) -> int:
        """How many documents its list has."""
        ledger = Ledger(self.ledger)
        count = len(ledger.jobs())
        ledger.close()
        return count

    def output(self) -> str:
        """What it exported."""
        return "\n".join(file.read_text() for file in sorted((self.folder / "out").glob("*.txt")))


def program_kills(folder: Path, pages: int, kills: int, seed: int) -> list[str]:
    """Kill the whole program again and again; returns what went wrong."""
    document = make_pdf(folder / "report.pdf", pages)
    calm = Program(folder / "calm", document)
    began = time.monotonic()
    first = 0.0
    with calm.start() as process:
        while process.poll() is None:
            if not first and calm.begun():
                first = time.monotonic() - began
            time.sleep(0.01)
    right, text, wrong = calm.done(), calm.output(), []
    if len(right) != pages or process.returncode:
        return [f"the undisturbed run did {len(right)} pages and ended with {process.returncode}"]
    chance, killed = random.Random(seed), Program(folder / "killed", document)
    done: Content = {}
    hits, lives, again, began = Counter[str](), 0, 0, time.monotonic()
    while True:
        per_life = (pages - len(done)) / max(1, kills - hits.total())
        before, finished = len(killed.begun()), set(done)
        process = killed.start()
        lives += 1
        if hits.total() < kills:
            _wait(process, killed, before, chance, first, per_life)
            process.send_signal(signal.SIGKILL)
        process.wait()
        killed.wait_for_hosts()
        done = killed.done()
        if lost := finished - done.keys():
            wrong.append(f"pages {sorted(lost)} were finished, and are not any more")
        again += len(finished.intersection(killed.begun()[before:]))
        if process.returncode == -signal.SIGKILL:
            where = "before any page" if len(killed.begun()) == before else "among the pages"
            hits["after the last page" if len(finished) == pages else where] += 1
            progress(f"{hits.total()} kills, {len(done)} of {pages} pages")
        elif hits.total() >= kills or process.returncode:
            break
        elif len(done) == pages:
            hits["came too late"] += 1
    progress("")
    same = sum(done.get(page) == content for page, content in right.items())
    show(
        [
            ("kills of the program", f"{hits.total()} ({', '.join(f'{n} {w}' for w, n in hits.items())})", str(kills)),
            ("starts", str(lives), ""),
            ("exit code of the last", str(process.returncode), "0"),
            ("pages finished", str(len(done)), str(pages)),
            ("pages as in an undisturbed run", str(same), str(pages)),
            ("finished pages done again", str(again), "0"),
            ("pages begun in all", str(len(killed.begun())), f"{pages} + what was in work"),
            ("documents in the list", str(killed.jobs()), "1"),
            ("exported text is the same", "yes" if killed.output() == text else "no", "yes"),
            ("time", f"{time.monotonic() - began:.0f} s (seed {seed})", ""),
        ]
    )
    right_end = killed.jobs() == 1 and killed.output() == text and not process.returncode
    if same != pages or again or len(done) != pages or not right_end:
        wrong.append("the table")
    return wrong


def _wait(
    process: subprocess.Popen[bytes], program: Program, before: int, chance: random.Random, first: float, pages: float
) -> None:
    """Until the moment for a kill: during the start or the opening, or within the time that so many pages take."""
    until = time.monotonic() + chance.uniform(0.1 * first, 1.2 * first)
    early = chance.random() < 0.3
    while process.poll() is None and len(program.begun()) == before and (not early or time.monotonic() < until):
        time.sleep(0.005)
    if not early:
        time.sleep(chance.uniform(0.0, 2.5 * pages * DELAY))


async def host_kills(folder: Path, pages: int, kills: int, seed: int) -> list[str]:
    """Kill hosts while pages are in work; no page twice, since two deaths of one page fail it, as they should."""
    document, chance, roles = make_pdf(folder / "report.pdf", pages), random.Random(seed), Counter[str]()
    results: dict[str, Content] = {}
    began, told = time.monotonic(), Counter[int]()
    for name in ("calm", "killed"):
        home, events = folder / name, list[Event]()
        home.mkdir()
        paths = AppPaths(home / "data", home / "cache", home / "config", home / "run")
        settings = Settings(pages_in_flight=1)  # with more, each kill would be the one that a page may have, of several
        session = Session(paths, settings, events.append, start=functools.partial(start, DELAY, home / "begun"))
        await session.open()
        (number,) = (await session.add([document])).jobs
        job = session._documents.job(number)
        while job.state is not JobState.DONE:
            await asyncio.sleep(chance.uniform(0.0, 0.1))
            victims, hosts = set(job.working), session._machinery.hosts()
            if (
                name == "calm"
                or roles.total() >= kills
                or job.state is not JobState.RUNNING
                or not victims
                or not hosts
            ):
                continue
            pid, role = chance.choice(hosts)
            os.kill(pid, signal.SIGKILL)
            roles[role.value] += 1
            progress(f"{roles.total()} kills of hosts, {job.done} of {pages} pages")
            while victims & (job.working | set(job.waiting)):
                await asyncio.sleep(0.005)
        left = list(session._folder.path.glob("*.rgb"))
        await session.close()
        told = Counter(event.page for event in events if isinstance(event, PageFinished))
        results[name] = contents(home / "data" / "ledger.sqlite3")
    progress("")
    same = sum(results["killed"].get(page) == content for page, content in results["calm"].items())
    twice = sum(count > 1 for count in told.values())
    show(
        [
            ("kills of hosts", f"{roles.total()} ({', '.join(f'{n} {r}' for r, n in roles.items())})", str(kills)),
            ("pages as in an undisturbed run", str(same), str(pages)),
            ("pages told finished, more than once", f"{len(told)}, {twice}", f"{pages}, 0"),
            ("bitmaps left", str(len(left)), "0"),
            ("time", f"{time.monotonic() - began:.0f} s (seed {seed})", ""),
        ]
    )
    return [] if same == len(told) == pages and not twice and not left and roles.total() == kills else ["the table"]


def write_kills(folder: Path, pages: int, step: int) -> list[str]:
    """Kill the program before its n-th write, for each n, and let the next life finish; compare all with a calm run."""
    document, began = make_pdf(folder / "report.pdf", pages), time.monotonic()
    calm = Program(folder / "calm", document)
    calm.start().wait()
    right, text = calm.done(), calm.output()
    statements = (folder / "calm" / "log" / "writes").read_text(encoding="utf-8").splitlines()
    numbers, wrong, again = range(1, len(statements) + 1, step), [], 0
    for number in numbers:
        killed = Program(folder / str(number), document)
        status = killed.start(number).wait()
        killed.wait_for_hosts()
        finished, before = set(killed.done()), len(killed.begun())
        ended = killed.start().wait()
        killed.wait_for_hosts()
        twice = finished.intersection(killed.begun()[before:])
        again += len(twice)
        same = killed.done() == right and killed.output() == text and killed.jobs() == 1
        if status != -signal.SIGKILL or ended or twice or not same:
            wrong.append(f"before statement {number}, {statements[number - 1]!r}: ends {status}, {ended}")
        shutil.rmtree(killed.folder)
        progress(f"{number} of {len(statements)} statements")
    progress("")
    show(
        [
            ("statements by which the program writes, from a new ledger to the end", str(len(statements)), ""),
            ("kills, each in a life of its own, and a life after it", str(len(numbers)), ""),
            (
                "ends with all pages, one document and the calm run's text",
                str(len(numbers) - len(wrong)),
                str(len(numbers)),
            ),
            ("finished pages done again", str(again), "0"),
            ("time", f"{time.monotonic() - began:.0f} s", ""),
        ]
    )
    return wrong


def statement_kills(folder: Path) -> list[str]:
    """Kill before each statement."""
    began = time.monotonic()
    try:
        kills, total = check(folder, 1)
    except AssertionError as error:
        return [str(error)]
    show(
        [
            ("statements of all kinds of writes", str(total), ""),
            ("kills, each before another of them", str(kills), str(total)),
            ("acknowledged and lost, or there by half", "0", "0"),
            ("time", f"{time.monotonic() - began:.0f} s", ""),
        ]
    )
    return []


def full_disks(folder: Path, moments: int) -> list[str]:
    """Fill the disk at so many moments."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        sys.stdout.write("left out: this system does not let its users make namespaces\n")
        return []
    began = time.monotonic()
    program = ["unshare", "-rm", sys.executable, "-m", "tests.fakes.fake_full_disk", str(folder / "disk")]
    when = [f"{index / moments:.3f}" for index in range(moments)]
    done = subprocess.run([*program, *when], capture_output=True, text=True, check=False)
    if done.returncode:
        return [done.stderr[-2000:]]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    sentences = Counter(str(told) for row in rows for told in row["told"])
    good = sum(row["same"] and not row["left"] for row in rows)
    show(
        [
            ("moments at which the disk became full", str(len(rows)), str(moments)),
            ("all pages as in an undisturbed run", str(good), str(moments)),
            ("a sentence was told", str(sum(bool(row["told"]) for row in rows)), "where it was noticed"),
            ("went on by itself when there was room", str(sum(row["by_itself"] for row in rows)), str(moments)),
            ("time", f"{time.monotonic() - began:.0f} s", ""),
        ]
    )
    for sentence, count in sentences.most_common():
        sys.stdout.write(f"  {count} x {sentence.replace(str(folder), '...')}\n")
    return [] if good == len(rows) == moments else ["the table"]


def damages(folder: Path, times: int, seed: int) -> list[str]:
    """Damage a ledger again and again."""
    logging.disable(logging.CRITICAL)
    good = folder / "good" / "ledger.sqlite3"
    texts = fill(good)
    wrong, shares, slowest, rescued = [], [], 0.0, 0
    for number in range(times):
        chance = random.Random(seed + number)
        file = folder / "damaged" / "ledger.sqlite3"
        file.parent.mkdir()
        shutil.copyfile(good, file)
        (flip_bytes if number % 2 else spoil_pages)(file, chance, chance.randrange(1, 40 if number % 2 else 12))
        for looked in (False, True):
            if looked:
                mark(file)
            began = time.perf_counter()
            ledger = Ledger(file)
            slowest, rescued = max(slowest, time.perf_counter() - began), rescued + (ledger.rescue is not None)
            found = shown(ledger)
            ledger.close()
            if made_up := invented(texts, found):
                wrong.append(f"damage {seed + number}: {sorted(made_up)} were never there")
        shares.append(len(found) / len(texts))
        shutil.rmtree(file.parent)
        progress(f"{number + 1} damaged ledgers")
    progress("")
    show(
        [
            ("times damaged: 1-39 bytes, or 1-11 pages of 812", str(times), ""),
            ("it opened", str(times), str(times)),
            ("set aside and rescued", str(rescued), ""),
            ("stored pages invented", str(len(wrong)), "0"),
            ("stored pages saved, mean", f"{sum(shares) / times:.2%}", ""),
            ("stored pages saved, worst", f"{min(shares):.2%}", ""),
            ("slowest opening", f"{slowest:.2f} s", ""),
        ]
    )
    return wrong


def main() -> int:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--kills", type=int, help="of the program (100), of hosts (half as many)")
    parser.add_argument("--step", type=int, default=1, help="of writes: kill before every so many statements")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    arguments = parser.parse_args()
    pages, seed, kills = arguments.pages, arguments.seed, arguments.kills or 100
    parts: dict[str, Callable[[Path], list[str]]] = {
        "program": lambda folder: program_kills(folder, pages, kills, seed),
        "hosts": lambda folder: asyncio.run(host_kills(folder, pages, (kills + 1) // 2, seed)),
        "writes": lambda folder: write_kills(folder, min(pages, 4), arguments.step),
        "statements": statement_kills,
        "full": lambda folder: full_disks(folder, 20),
        "damage": lambda folder: damages(folder, 2 * kills, seed),
    }
    if unknown := set(arguments.parts) - parts.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    wrong: list[str] = []
    for name in arguments.parts or parts:
        sys.stdout.write(f"\n{name}\n")
        with tempfile.TemporaryDirectory(prefix="do-") as folder:
            wrong += (f"{name}: {what}" for what in parts[name](Path(folder)))
    for what in wrong:
        sys.stdout.write(f"WRONG: {what}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
