"""What another running program works at, as it is shown here: two programs on one ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.document_commands import DocumentCommands
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.leases import Leases
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.library_commands import LibraryCommands
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.others import OtherPrograms
from desktop_ocr.core.owners import job_owner
from desktop_ocr.core.review_commands import ReviewCommands
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.edits import LineText, SetTexts
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, JobChanged, JobRemoved, PageFinished
from desktop_ocr.schema.jobs import JobOptions, JobState, JobView, PageState
from desktop_ocr.schema.settings import Settings
from tests.unit.core.reviewing import page, refused
from tests.unit.core.test_leases import DEAD, LIVES

COST = PageCost(1.0)
INFO = DocumentInfo("PDF", 4, "ab" * 32, 1)


class Freeing:
    def forget(self, job: int) -> None: ...


class Window(DocumentCommands, LibraryCommands, ReviewCommands):
    """This program: the real list of documents on a real ledger, without hosts."""

    def __init__(self, file: Path, *, everything: bool = True) -> None:
        self.events: list[Event] = []
        self._ledger = Ledger(file)
        self._freer = Freeing()  # type: ignore[assignment]
        self.leases = self._leases = Leases(self._ledger, "window", owner=job_owner())
        self._live, self._private = LiveSettings(Settings()), False
        opener = Opener(self._live, self._ledger, None)  # type: ignore[arg-type]  # it opens no file
        self._documents = Documents(
            self._ledger, opener, Attention(), self.leases, self.events.append, _nothing, _nothing, lambda _: None
        )
        self.others = OtherPrograms(
            self._ledger, self.leases, self._documents, self.events.append, everything=everything
        )
        if everything:
            self._documents.restore(self._ledger.jobs())

    def look(self) -> list[Event]:
        """What is told after a look."""
        self.events.clear()
        self.others.look()
        return list(self.events)

    def view(self, job: int) -> JobView:
        return {view.job: view for view in self._documents.views()}[job]


class Converter:
    """Another program, which works at a document of four pages."""

    def __init__(self, file: Path, owner: str = LIVES) -> None:
        self.ledger = Ledger(file)
        self.leases = Leases(self.ledger, "convert", owner=owner)
        self.job = 0

    def begin(self, path: str = "/a.pdf") -> int:
        self.job = self.leases.add(Path(path), JobOptions(), "")
        return self.job

    def opened(self) -> int:
        self.begin()
        self.key = PageKey(self.ledger.set_document(self.job, INFO), options_key(JobOptions()))
        self.leases.set_state(self.job, JobState.RUNNING, keep=True)
        return self.job

    def finish(self, *numbers: int) -> None:
        for number in numbers:
            self.ledger.commit_page(self.key, page(number, "text"), COST)

    def end(self) -> None:
        self.leases.set_state(self.job, JobState.DONE, keep=False)


async def _nothing() -> None: ...


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def convert(file: Path) -> Converter:
    return Converter(file)


def finished(events: list[Event]) -> list[int]:
    return [event.page for event in events if isinstance(event, PageFinished)]


def changed(events: list[Event]) -> list[JobView]:
    return [event.view for event in events if isinstance(event, JobChanged)]


def test_what_another_program_works_at_is_shown_from_the_start(file: Path, convert: Converter) -> None:
    job = convert.opened()
    convert.finish(0)
    window = Window(file)
    view = window.view(job)
    assert (view.elsewhere, view.state, view.pages_done, view.pages_total) == ("convert", JobState.RUNNING, 1, 4)
    assert not view.interrupted
    assert window._documents.jobs == {}  # nothing here takes pages of it
    convert.finish(1, 2)
    events = window.look()
    assert [view.pages_done for view in changed(events)] == [3]
    convert.finish(3)
    convert.end()
    events = window.look()
    assert finished(events) == [3]
    (view,) = changed(events)
    assert (view.elsewhere, view.state, view.pages_done) == ("", JobState.DONE, 4)
    assert window.look() == []


def test_what_another_program_begins_later_comes_to_the_list(file: Path, convert: Converter) -> None:
    window = Window(file)
    assert window.look() == []
    job = convert.begin()
    (view,) = changed(window.look())
    assert (view.job, view.state, view.elsewhere) == (job, JobState.OPENING, "convert")
    convert.key = PageKey(convert.ledger.set_document(job, INFO), options_key(JobOptions()))
    convert.leases.set_state(job, JobState.RUNNING, keep=True)
    (view,) = changed(window.look())
    assert (view.state, view.pages_total) == (JobState.RUNNING, 4)
    convert.finish(0, 1)
    convert.ledger.commit_failure(convert.key, 2, ErrorInfo(ErrorCode.DAMAGED, "No."), COST)
    events = window.look()
    assert finished(events) == [0, 1, 2]
    assert [event.state for event in events if isinstance(event, PageFinished)][2] is PageState.FAILED
    assert [(view.pages_done, view.pages_failed) for view in changed(events)] == [(2, 1)]


def test_a_beat_alone_is_not_told(file: Path, convert: Converter) -> None:
    convert.opened()
    window = Window(file)
    window.look()
    convert.leases.beat()
    assert window.look() == []


def test_what_began_and_ended_between_two_looks_is_there(file: Path, convert: Converter) -> None:
    window = Window(file)
    window.look()
    job = convert.opened()
    convert.finish(0, 1, 2, 3)
    convert.end()
    assert [view.state for view in changed(window.look())] == [JobState.DONE]
    assert window._documents.jobs.keys() == {job}


def test_what_a_program_leaves_when_it_ends_in_order_is_interrupted_here(file: Path, convert: Converter) -> None:
    job = convert.opened()
    window = Window(file)
    window.look()
    convert.finish(0)
    convert.ledger.give_up_jobs(LIVES)
    window.look()
    view = window.view(job)
    assert (view.state, view.interrupted, view.elsewhere, view.pages_done) == (JobState.PAUSED, True, "", 1)


def test_what_a_killed_program_was_at_is_taken_in_without_its_help(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Converter(file).opened()
    window = Window(file)
    window.look()
    assert window.look() == []
    monkeypatch.setattr("desktop_ocr.core.owners.owner_alive", lambda _name: False)  # nothing is written by a kill
    (view,) = changed(window.look())
    assert (view.job, view.state, view.interrupted, view.elsewhere) == (job, JobState.PAUSED, True, "")
    assert window._documents.own(job).complete is False


def test_what_another_program_removes_goes(file: Path, convert: Converter) -> None:
    job = convert.opened()
    window = Window(file)
    window.look()
    convert.ledger.remove_job(job)
    assert window.look() == [JobRemoved(job)]
    assert window._documents.views() == []
    convert.opened()
    convert.finish(0)
    window.look()
    convert.ledger.library.take_off(convert.job)
    assert window.look() == [JobRemoved(convert.job)]
    assert window.look() == []


async def test_nothing_is_done_with_what_another_program_works_at_but_reading(file: Path, convert: Converter) -> None:
    job = convert.opened()
    convert.finish(0)
    window = Window(file)
    edit = SetTexts((LineText(0, "other"),))
    before = convert.ledger.job(job)
    for asked in (
        window.pause(job),
        window.resume(job),
        window.cancel(job),
        window.retry(job),
        window.recognise_again(job, [0]),
        window.set_options(job, JobOptions(dpi=300)),
        window.give_password(job, "x"),
        window.remove(job),
        window.edit(job, 0, edit, base=1),
        window.undo(job, 0),
        window.redo(job, 0),
        window.keep_edited(job, 0),
    ):
        error = await refused(asked)
        assert error.code is ErrorCode.USAGE
        assert error.info.message == "'a.pdf' is being worked at by another Desktop OCR (convert)."
    assert convert.ledger.job(job) == before
    result = await window.result(job, 0)
    assert result is not None
    assert [view.state for view in await window.pages(job)] == [PageState.DONE, *[PageState.WAITING] * 3]
    assert (await window.options(job)) == JobOptions()
    version = await window.version(job, 0)
    assert version is not None


async def test_what_another_program_took_a_moment_ago_is_not_taken_from_it(file: Path) -> None:
    former = Converter(file, DEAD)
    job = former.opened()
    window = Window(file)
    assert window.view(job).interrupted
    other = Converter(file)
    other.leases.set_state(job, JobState.OPENING, keep=True)
    error = await refused(window.resume(job))  # before we have looked
    assert error.code is ErrorCode.USAGE
    assert window.view(job).elsewhere == "convert"
    other.leases.set_state(job, JobState.CANCELLED, keep=False)
    window.look()
    await window.pages(job)
    assert window.view(job).state is JobState.CANCELLED


async def test_a_job_that_was_lost_stops_and_is_shown_as_the_others(file: Path) -> None:
    window = Window(file)
    former = Converter(file, DEAD)
    job = former.opened()
    window.look()
    ours = window._documents.own(job)
    assert window._documents.set(ours, JobState.RUNNING)
    window.look()
    # It was taken for dead, as may happen with a folder on a server.
    other = Converter(file)
    other.ledger.set_state(job, JobState.RUNNING, owner=LIVES, title="convert")
    window.leases.beat()
    assert window._documents.unwanted(ours)
    window.look()
    assert window._documents.gone(ours)
    assert ours.state is JobState.CANCELLED
    assert not ours.waiting
    assert window.view(job).elsewhere == "convert"
    window._documents.set(ours, JobState.DONE)
    row = other.ledger.job(job)
    assert row is not None
    assert row.state is JobState.RUNNING


async def test_a_program_that_shows_no_others_still_follows_what_was_taken_from_it(file: Path) -> None:
    window = Window(file, everything=False)
    Converter(file).opened()
    assert window.look() == []
    job = window.leases.add(Path("/b.pdf"), JobOptions(), "")
    row = window._ledger.job(job)
    assert row is not None
    window._documents.put_restored(row)
    window.leases.held.add(job)
    other = Converter(file)
    other.ledger.set_state(job, JobState.RUNNING, owner=LIVES, title="convert")
    window.leases.beat()
    window.look()
    assert [view.elsewhere for view in window._documents.views()] == ["convert"]
    other.ledger.set_state(job, JobState.DONE)
    window.look()
    assert [(view.job, view.state) for view in window._documents.views()] == [(job, JobState.DONE)]


def test_paused_is_told_from_interrupted_after_a_kill_and_after_an_end(file: Path) -> None:
    for owner, ends in ((DEAD, False), (LIVES, True)):
        program = Converter(file, owner)
        interrupted = program.begin("/i.pdf")
        program.leases.set_state(interrupted, JobState.RUNNING, keep=True)
        paused = program.begin("/p.pdf")
        program.leases.set_state(paused, JobState.PAUSED, keep=False)
        if ends:
            program.ledger.give_up_jobs(owner)
        for _ in range(2):  # nobody decides about them, and the program is started again
            window = Window(file)
            assert [(window.view(job).state, window.view(job).interrupted) for job in (interrupted, paused)] == [
                (JobState.PAUSED, True),
                (JobState.PAUSED, False),
            ]
            window._ledger.give_up_jobs(job_owner())


async def test_what_the_user_pauses_after_an_interruption_is_not_asked_about_again(file: Path) -> None:
    job = Converter(file, DEAD).opened()
    window = Window(file)
    await window.pause(job)
    assert not window.view(job).interrupted
    assert not Window(file).view(job).interrupted


async def test_what_waits_because_of_an_error_or_for_memory_is_nobodys_and_is_asked_about(file: Path) -> None:
    job = Converter(file, DEAD).opened()
    window = Window(file)
    ours = window._documents.own(job)
    window._documents.set(ours, JobState.RUNNING)
    assert window.leases.held == {job}
    why = ErrorInfo(ErrorCode.NOT_FOUND, "The file is not there.")
    window._documents.set(ours, JobState.PAUSED, why, stored=JobState.RUNNING)
    assert window.leases.held == set()  # a program that only waits writes nothing
    assert (window.view(job).state, window.view(job).interrupted) == (JobState.PAUSED, False)
    view = Window(file).view(job)
    assert (view.state, view.interrupted, view.error) == (JobState.PAUSED, True, why)


async def test_an_unknown_document_is_told_as_before(file: Path) -> None:
    window = Window(file)
    with pytest.raises(DesktopOcrError) as caught:
        await window.pause(7)
    assert caught.value.code is ErrorCode.NOT_FOUND
    await window.remove(7)
