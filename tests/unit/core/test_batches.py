"""What comes next: text for a batch of pages, then stage after stage for the same pages."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.batches import Batches, Task
from desktop_ocr.core.job import Job
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.features import FAST, FULL, STAGES, Feature
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState, PageView

EVERYTHING, PLAIN = JobOptions().with_features(FULL), JobOptions().with_features(FAST)


def job(number: int, *waiting: int, state: JobState = JobState.RUNNING, options: JobOptions = EVERYTHING) -> Job:
    made = Job(number, Path(f"{number}.pdf"), options, state=state, waiting=deque(waiting))
    made.info = DocumentInfo("PDF", 100, "", 0)
    return made


class Desk:
    """Works at up to `hands` tasks at a time, the oldest ends first; notes them in the order in which they began."""

    def __init__(self, *jobs: Job, size: int = 10, hands: int = 1, needs: tuple[Feature, ...] = ()) -> None:
        self.jobs = list(jobs)
        self.attention = Attention()
        self.batches = Batches(self.attention, lambda: size, lambda options: options == EVERYTHING)
        self.hands = hands
        self.needs = {(one.number, page): needs for one in jobs for page in one.waiting}
        self.began: list[tuple[int, int, Feature | None]] = []
        self.most = 0

    def run(self, steps: int = 10_000) -> list[tuple[int, int, Feature | None]]:
        """What was begun, in order, until nothing is left."""
        at_work: list[Task] = []
        for _ in range(steps):
            while len(at_work) < self.hands and (task := self.batches.next_task(self.jobs)) is not None:
                task.job.take(task.page, task.stage)
                at_work.append(task)
                self.began.append((task.job.number, task.page, task.stage))
            self.most = max(self.most, len(at_work))
            if not at_work:
                break
            self._end(at_work.pop(0))
        return self.began

    def _end(self, task: Task) -> None:
        if task.stage is None:
            pending = self.needs[task.job.number, task.page]
        else:
            pending = tuple(one for one in task.job.partial[task.page] if one is not task.stage)
        state = PageState.PARTIAL if pending else PageState.DONE
        task.job.settle(task.page, PageView(task.page, state, pending=pending))


def runs(began: list[tuple[int, int, Feature | None]]) -> list[tuple[Feature | None, int]]:
    """Stages in the order in which they were begun, with the number of pages, neighbours put together."""
    found: list[tuple[Feature | None, int]] = []
    for _, _, stage in began:
        if found and found[-1][0] is stage:
            found[-1] = stage, found[-1][1] + 1
        else:
            found.append((stage, 1))
    return found


@pytest.mark.parametrize("hands", [1, 3])
def test_text_of_a_batch_then_each_feature_over_it_then_the_next_batch(hands: int) -> None:
    needs = (Feature.FORMULAS, Feature.CHARTS)
    desk = Desk(job(1, *range(25)), hands=hands, needs=needs)
    batches = [10, 10, 5]
    assert runs(desk.run()) == [(stage, size) for size in batches for stage in (None, *needs)]
    assert desk.jobs[0].complete
    assert desk.jobs[0].done == 25
    assert desk.most == hands


def test_documents_of_one_page_share_a_batch() -> None:
    desk = Desk(*(job(number, 0) for number in range(1, 13)), hands=3, needs=(Feature.FORMULAS,))
    assert runs(desk.run()) == [(None, 10), (Feature.FORMULAS, 10), (None, 2), (Feature.FORMULAS, 2)]


def test_only_pages_that_need_a_feature_get_it() -> None:
    desk = Desk(job(1, *range(20)), hands=2)
    desk.needs |= {(1, 3): (Feature.SEALS,), (1, 12): (Feature.SEALS, Feature.CHARTS), (1, 15): (Feature.CHARTS,)}
    began = desk.run()
    assert [(page, stage) for _, page, stage in began if stage] == [
        (3, Feature.SEALS),
        (12, Feature.SEALS),
        (12, Feature.CHARTS),
        (15, Feature.CHARTS),
    ]


def test_nothing_is_waited_for_where_no_stage_can_come() -> None:
    """A batch's end costs the others' preparation where somebody waits for it."""
    desk = Desk(job(1, *range(30), options=PLAIN), size=5, hands=3)
    first = desk.batches.next_task(desk.jobs)
    for number in range(30):
        task = desk.batches.next_task(desk.jobs)
        assert task is not None
        assert task.page == number
        task.job.take(task.page, None)
    assert first is not None
    assert desk.batches.next_task(desk.jobs) is None


def test_a_batchs_end_is_waited_for_where_a_stage_may_come() -> None:
    desk = Desk(job(1, *range(30)), size=5)
    for _ in range(5):
        task = desk.batches.next_task(desk.jobs)
        assert task is not None
        task.job.take(task.page, None)
    assert desk.batches.next_task(desk.jobs) is None
    for page in range(5):
        desk.jobs[0].settle(page, PageView(page, PageState.DONE))
    task = desk.batches.next_task(desk.jobs)
    assert task is not None
    assert task.page == 5


def test_pages_of_a_former_run_go_on_from_their_stage() -> None:
    one = job(1, 7, 8)
    one.partial = {2: (Feature.CHARTS,), 5: (Feature.TABLES, Feature.CHARTS)}
    assert Desk(one).run() == [
        (1, 7, None),
        (1, 8, None),
        (1, 5, Feature.TABLES),
        (1, 2, Feature.CHARTS),
        (1, 5, Feature.CHARTS),
    ]


def test_a_page_that_is_put_back_does_not_lose_its_place() -> None:
    one = job(1)
    one.partial = {2: (Feature.TABLES,), 3: (Feature.TABLES,)}
    batches = Batches(Attention(), lambda: 10, lambda _: True)
    task = batches.next_task([one])
    assert task == (one, 2, Feature.TABLES)
    one.take(2, Feature.TABLES)
    assert one.ready == [3]
    one.put_back(2)
    assert batches.next_task([one]) == (one, 2, Feature.TABLES)
    assert not one.waiting
    assert not one.complete


def test_the_page_on_screen_comes_first_then_its_document_then_the_others() -> None:
    desk = Desk(job(1, 4, options=PLAIN), job(2, 0, 9, options=PLAIN))
    desk.attention.job, desk.attention.page = 2, 9
    assert desk.run() == [(2, 9, None), (2, 0, None), (1, 4, None)]


def test_the_page_on_screen_is_read_at_once_and_is_the_first_of_its_stage() -> None:
    one = job(1, 20, 21, 22)
    one.partial = dict.fromkeys(range(10), (Feature.FORMULAS,))
    desk = Desk(one, size=2)
    desk.needs = {(1, page): (Feature.FORMULAS,) for page in (20, 21, 22)}
    assert [task[1:] for task in desk.run(3)] == [(20, None), (21, None), (0, Feature.FORMULAS)]
    desk.attention.job, desk.attention.page = 1, 22
    began = desk.run()[3:]
    assert [task[1:] for task in began][:2] == [(22, None), (22, Feature.FORMULAS)]
    assert len([task for task in began if task[2]]) == 12


def test_who_does_not_run_gets_nothing_and_who_waits_for_memory_neither() -> None:
    attention = Attention()
    batches = Batches(attention, lambda: 10, lambda _: False)
    assert batches.next_task([job(1), job(3, 7, state=JobState.PAUSED)]) is None
    attention.job, attention.deferred = 2, True
    first, second = job(1, 4), job(2, 0)
    assert batches.next_task([first, second]) == (second, 0, None)
    second.waiting.clear()
    assert batches.next_task([first, second]) is None
    attention.insisted = True
    assert batches.next_task([first, second]) == (first, 4, None)


def test_all_stages_come_in_their_order() -> None:
    desk = Desk(job(1, 0, 1, 2), hands=2, needs=STAGES)
    assert runs(desk.run()) == [(None, 3), *((stage, 3) for stage in STAGES)]
