"""Program and hosts are killed at any moment: each stage of each page is committed once, and none is done again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_ocr.core.ledger import Ledger, PageKey, options_key
from desktop_ocr.core.session import Session
from desktop_ocr.schema.features import FULL, Feature
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState
from tests.fakes.fake_host import asked
from tests.fakes.fake_models import FakeModelStore, fake_choice
from tests.process.conftest import REPOSITORY, FakeHosts
from tests.process.test_convert_signals import processes_of

pytestmark = pytest.mark.process

EVERYTHING = JobOptions().with_features(FULL)
NEEDS = (Feature.FORMULAS, Feature.CHARTS)
PAGES, KILLS = 100, 4
PROGRAM = """
import asyncio, sys
sys.path.insert(0, {repository!r})
from pathlib import Path
from desktop_ocr.core import machinery
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.schema.features import FULL
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.settings import Settings
from tests.fakes.fake_models import FakeModelStore, fake_choice
from tests.process.conftest import FakeHosts
machinery.ModelStore, machinery.choose_models = FakeModelStore, fake_choice
fakes = FakeHosts.__new__(FakeHosts)
fakes.script = Path({script!r})
folder = Path({folder!r})

async def main():
    paths = AppPaths(folder / "data", folder / "cache", folder / "config", folder / "run")
    session = Session(paths, Settings(batch_size=20), lambda event: None, start=fakes.start)
    await session.open()
    if session.views():
        await session.resume(session.views()[0].job)
    else:
        await session.add([folder / "pages.pdf"], options=JobOptions().with_features(FULL))
    while session.views()[0].state is not JobState.DONE:
        await asyncio.sleep(0.02)
    await session.close()

asyncio.run(main())
"""

Step = tuple[int, Feature | None]
"""A page's text (None), or a stage of it."""


def committed(ledger: Ledger) -> set[Step]:
    key = PageKey(1, options_key(EVERYTHING))
    found: set[Step] = set()
    for page, view in ledger.pages(key).items():
        if view.state in (PageState.PARTIAL, PageState.DONE):
            found |= {(page, None), *((page, one) for one in NEEDS if one not in view.pending)}
    return found


def begun(hosts: FakeHosts) -> list[Step]:
    """What engine hosts began, in order."""
    found: list[Step] = []
    for entry in asked(hosts.counts):
        page, _, rest = entry.detail.partition(" ")
        if entry.what == "Recognise":
            found.append((int(page), None))
        elif entry.what == "Refine":
            found.append((int(page), Feature(rest)))
    return found


def test_a_program_that_is_killed_goes_on_from_each_pages_stage(fake_hosts: FakeHosts, tmp_path: Path) -> None:
    fake_hosts.write(document_pages=PAGES, needs=list(NEEDS))
    (tmp_path / "pages.pdf").write_bytes(b"pages")
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.format(repository=str(REPOSITORY), script=str(fake_hosts.script), folder=str(tmp_path)))
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    aims = sorted(chance.sample(range(1, PAGES * (1 + len(NEEDS))), KILLS))
    (tmp_path / "data").mkdir()
    ledger = Ledger(tmp_path / "data" / "ledger.sqlite3")
    done_before: list[tuple[int, set[Step]]] = []
    for aim in [*aims, None]:
        program = subprocess.Popen([sys.executable, str(file)])
        ends = time.monotonic() + 120
        while program.poll() is None and time.monotonic() < ends:
            if aim is not None and len(committed(ledger)) >= aim:
                program.send_signal(signal.SIGKILL)
            time.sleep(0.005)
        assert program.wait(60) == (0 if aim is None else -signal.SIGKILL)
        while processes_of(str(fake_hosts.script)):  # hosts end with their parent
            time.sleep(0.01)
        done_before.append((len(begun(fake_hosts)), committed(ledger)))
    everything: set[Step] = {(page, stage) for page in range(PAGES) for stage in (None, *NEEDS)}
    assert committed(ledger) == everything
    steps = begun(fake_hosts)
    for length, done in done_before:
        assert not done & set(steps[length:])
    # A kill costs what was in work.
    assert len(steps) <= len(everything) + KILLS * 3
    key = PageKey(1, options_key(EVERYTHING))
    for page, view in ledger.pages(key).items():
        result = ledger.result(key, page)
        assert result is not None
        assert (view.state, view.left_out, result.lines[0].text) == (PageState.DONE, "", f"page {page + 1}")
        assert [step.step for step in result.steps if step.step != "prepare"] == list(NEEDS)
    ledger.close()


async def test_hosts_that_are_killed_cost_no_stage_and_double_none(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No step is hit twice: two deaths in one leave it out, which is another test's."""
    monkeypatch.setattr("desktop_ocr.core.machinery.ModelStore", FakeModelStore)
    monkeypatch.setattr("desktop_ocr.core.machinery.choose_models", fake_choice)
    document = tmp_path / "pages.pdf"
    document.write_bytes(b"pages")
    fake_hosts.write(document_pages=20, needs=list(NEEDS), delay=0.02, stage_delay=0.02)
    session = make_session(pages_in_flight=2, batch_size=8)
    await session.open()
    commits: Counter[Step] = Counter()
    commit_page, commit_stage = session._ledger.commit_page, session._ledger.commit_stage

    def page(key, result, cost):  # type: ignore[no-untyped-def]
        commits[result.page, None] += 1
        return commit_page(key, result, cost)

    def stage(key, feature, result, cost):  # type: ignore[no-untyped-def]
        commits[result.page, feature] += 1
        return commit_stage(key, feature, result, cost)

    monkeypatch.setattr(session._ledger, "commit_page", page)
    monkeypatch.setattr(session._ledger, "commit_stage", stage)
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    (number,) = (await session.add([document], options=EVERYTHING)).jobs
    job = session._documents.job(number)
    killed = 0
    async with asyncio.timeout(120):
        while job.state is not JobState.DONE:
            await asyncio.sleep(chance.uniform(0.0, 0.05))
            victims: set[Step] = {(one, job.stages.get(one)) for one in job.working}
            hosts = session._machinery.hosts()
            if killed < 10 and job.state is JobState.RUNNING and victims and hosts:
                os.kill(chance.choice(hosts)[0], signal.SIGKILL)
                killed += 1
                while not victims <= commits.keys():
                    await asyncio.sleep(0.005)
    assert killed == 10
    assert commits == Counter({(one, step): 1 for one in range(20) for step in (None, *NEEDS)})
    assert not any(view.left_out for view in await session.pages(number))
    assert not list(session._folder.path.glob("*.rgb"))
    await session.close()
    assert psutil.Process().children() == []
