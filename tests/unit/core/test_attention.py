"""What comes first, and what waits when memory is short."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.devices import choose_device, usable_devices
from desktop_ocr.core.job import Job
from desktop_ocr.models.pool import Priority
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.memory import GpuMemory


def job(number: int, *waiting: int, state: JobState = JobState.RUNNING) -> Job:
    return Job(number, Path(f"{number}.pdf"), JobOptions(), state=state, waiting=deque(waiting))


def test_the_oldest_document_comes_first_where_nobody_looks() -> None:
    attention = Attention()
    first, second = job(1, 4, 5), job(2, 0)
    assert attention.next_page([first, second]) == (first, 4)
    assert attention.priority(second, 0) is Priority.INTERACTIVE
    assert attention.next_page([job(1), job(3, 7, state=JobState.PAUSED)]) is None


def test_the_page_on_screen_comes_before_its_document_and_that_before_the_others() -> None:
    attention = Attention()
    attention.job, attention.page = 2, 9
    first, second = job(1, 4), job(2, 0, 9)
    assert attention.next_page([first, second]) == (second, 9)
    second.waiting.remove(9)
    assert attention.next_page([first, second]) == (second, 0)
    second.waiting.clear()
    assert attention.next_page([first, second]) == (first, 4)
    assert [attention.priority(*of) for of in ((second, 9), (second, 0), (first, 4))] == list(Priority)


def test_the_background_waits_while_memory_is_short_unless_the_user_insists() -> None:
    attention = Attention()
    attention.job, attention.deferred = 2, True
    first, second = job(1, 4), job(2, 0)
    assert attention.next_page([first, second]) == (second, 0)
    second.waiting.clear()
    assert attention.next_page([first, second]) is None
    assert attention.waits(first)
    attention.insisted = True
    assert attention.next_page([first, second]) == (first, 4)
    attention.insisted, attention.job = False, None  # the command line has no background
    assert attention.next_page([first, second]) == (first, 4)


def test_devices() -> None:
    gpus = [GpuMemory(0, "A", 8000, 1000), GpuMemory(1, "B", 8000, 1000)]
    assert usable_devices(gpus, engine=False) == ("cpu",)
    usable = usable_devices(gpus, engine=True)
    assert usable == ("cpu", "gpu:0", "gpu:1")
    assert choose_device("auto", usable) == ("gpu:0", "")
    assert choose_device("auto", ("cpu",)) == ("cpu", "")
    assert choose_device("gpu:1", usable) == ("gpu:1", "")
    assert choose_device("gpu", usable) == ("gpu:0", "")
    device, words = choose_device("gpu:7", usable)
    assert device == "cpu"
    assert "gpu:7" in words
