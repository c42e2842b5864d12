"""The list of documents as an item model."""

from __future__ import annotations

import time

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from pytestqt.modeltest import ModelTester

from desktop_ocr.gui.job_model import JobModel, JobRole
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobState, JobView
from tests.gui.helpers import on_this_machine


def view(job: int, state: JobState = JobState.RUNNING, **more: object) -> JobView:
    return JobView(job, f"/a/{job}.pdf", f"{job}.pdf", state, **more)  # type: ignore[arg-type]


@pytest.fixture
def model(qapp: object) -> JobModel:
    del qapp
    made = JobModel()
    for job in (1, 2, 3):
        made.put(view(job))
    return made


def names(model: JobModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


def test_model_keeps_qts_contract(model: JobModel, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(model)
    model.hide([2])
    model.put(view(4))
    model.unhide([2])
    model.drop(1)
    qtmodeltester.check(model)


def test_hidden_document_comes_back_to_its_place(model: JobModel) -> None:
    model.hide([2])
    assert names(model) == ["1.pdf", "3.pdf"]
    model.put(view(2, JobState.PAUSED))  # changes while it is hidden
    model.unhide([2])
    assert names(model) == ["1.pdf", "2.pdf", "3.pdf"]
    assert model.index_of(2).data(JobRole.VIEW).state is JobState.PAUSED


def test_dropped_document_is_forgotten(model: JobModel) -> None:
    model.hide([2])
    model.drop(2)
    model.unhide([2])
    assert names(model) == ["1.pdf", "3.pdf"]
    assert model.view(2) is None


def test_change_tells_its_row_alone(model: JobModel) -> None:
    rows: list[int] = []
    model.dataChanged.connect(lambda first, last: rows.extend((first.row(), last.row())))
    model.put(view(2, pages_done=1, pages_total=4))
    model.put(view(2, pages_done=1, pages_total=4))  # nothing new
    assert rows == [1, 1]


def test_screen_readers_hear_what_the_row_shows(model: JobModel) -> None:
    error = ErrorInfo(ErrorCode.DAMAGED, "The file is damaged.")
    model.put(view(1, pages_total=500, pages_done=12, pages_failed=2, seconds_left=300.0))
    model.put(view(2, JobState.FAILED, error=error))
    said = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in (0, 1)]
    assert said[0] == "1.pdf, Reading, 12 of 500 pages, 2 failed, about 5 min left"
    assert said[1] == "2.pdf, Failed, The file is damaged."


def test_thumbnail_is_wanted_once_it_is_painted(model: JobModel) -> None:
    wanted: list[int] = []
    model.thumbnail_wanted.connect(wanted.append)
    index = model.index_of(3)
    assert index.data(Qt.ItemDataRole.DecorationRole) is None
    model.set_thumbnail(3, None)  # cannot be had: not asked for again
    assert index.data(Qt.ItemDataRole.DecorationRole) is None
    assert wanted == [3]
    model.set_thumbnail(3, QPixmap(2, 2))
    assert index.data(Qt.ItemDataRole.DecorationRole) is not None


def test_document_that_is_not_open_is_not_opened_for_its_thumbnail(model: JobModel) -> None:
    wanted: list[int] = []
    model.thumbnail_wanted.connect(wanted.append)
    for state in (JobState.WAITING, JobState.NEEDS_PASSWORD, JobState.FAILED):
        model.put(msgspec.structs.replace(view(1), state=state))
        model.index_of(1).data(Qt.ItemDataRole.DecorationRole)
    assert wanted == []


def test_many_documents_come_back_among_those_that_stayed(model: JobModel, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(model)
    for job in range(4, 10):
        model.put(view(job))
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.hide([9, 1, 2, 5, 6, 8])
    model.drop(5)
    assert names(model) == ["3.pdf", "4.pdf", "7.pdf"]
    model.unhide([6, 2, 1, 5, 8])
    assert names(model) == [f"{job}.pdf" for job in (1, 2, 3, 4, 6, 7, 8)]
    assert inserted == [(0, 1), (4, 4), (6, 6)]


def test_a_thousand_documents_come_back_at_once(qapp: object) -> None:
    del qapp
    model = JobModel()
    everything = list(range(1000))
    for job in everything:
        model.put(view(job))
    model.hide(everything)
    started = time.thread_time()
    model.unhide(everything)
    assert time.thread_time() - started < on_this_machine(0.05)
    assert model.rowCount() == 1000
