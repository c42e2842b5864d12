"""What comes first, and what waits when memory is short."""

from __future__ import annotations

from pathlib import Path

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.devices import choose_device, usable_devices
from desktop_ocr.core.job import Job
from desktop_ocr.models.pool import Priority
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.memory import GpuMemory


def job(number: int) -> Job:
    return Job(number, Path(f"{number}.pdf"), JobOptions(), state=JobState.RUNNING)


def test_the_page_on_screen_comes_before_its_document_and_that_before_the_others() -> None:
    attention = Attention()
    assert attention.priority(job(2), 0) is Priority.INTERACTIVE  # nobody looks
    attention.job, attention.page = 2, 9
    assert [attention.priority(*of) for of in ((job(2), 9), (job(2), 0), (job(1), 4))] == list(Priority)


def test_the_background_waits_while_memory_is_short_unless_the_user_insists() -> None:
    attention = Attention()
    attention.job, attention.deferred = 2, True
    assert attention.waits(job(1))
    assert not attention.waits(job(2))
    attention.insisted = True
    assert not attention.waits(job(1))
    attention.insisted, attention.job = False, None  # the command line has no background
    assert not attention.waits(job(1))


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
