"""Documents whose file has moved or changed, on fake hosts: what is told, and how they are found again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobOptions, JobState
from tests.fakes.engines import until
from tests.fakes.fake_host import asked
from tests.process.conftest import FakeHosts
from tests.process.test_session import reached
from tests.unit.core.damage import page_of_row

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"pages")
    return file


def inspections(hosts: FakeHosts) -> int:
    return sum(entry.what == "Inspect" for entry in asked(hosts.counts))


async def picture_error(session: Session, job: int) -> DesktopOcrError:
    with pytest.raises(DesktopOcrError) as caught:
        await session.picture(job, 0, 40, 40)
    return caught.value


async def relocation_error(session: Session, job: int, path: Path) -> DesktopOcrError:
    with pytest.raises(DesktopOcrError) as caught:
        await session.relocate(job, path)
    return caught.value


async def test_a_file_that_moves_in_mid_work_is_found_again(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(document_pages=8, delay=0.05)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: fake_hosts.tries(1) == 1)
    moved = tmp_path / "archive" / "renamed.pdf"
    moved.parent.mkdir()
    document.rename(moved)
    await reached(session, job, JobState.PAUSED)
    (view,) = session.views()
    assert view.error is not None
    assert view.error.code is ErrorCode.NOT_FOUND
    await until(lambda: not session._documents.jobs[job].working)
    error = await picture_error(session, job)
    assert error.code is ErrorCode.NOT_FOUND
    assert "Locate the file" in error.info.advice
    (outcome,) = await session.export(job, ExportWish(("pdf",), str(tmp_path / "out")))
    assert outcome.error is not None
    assert outcome.error.code is ErrorCode.NOT_FOUND
    with pytest.raises(DesktopOcrError) as caught:
        await session.try_page(job, 0, JobOptions())
    assert caught.value.code is ErrorCode.NOT_FOUND

    other = tmp_path / "other.pdf"
    other.write_bytes(b"other")
    error = await relocation_error(session, job, other)
    assert error.code is ErrorCode.FILE_CHANGED
    assert "'other.pdf'" in error.info.message
    assert "'scan.pdf'" in error.info.message
    assert (await relocation_error(session, job, tmp_path / "nowhere.pdf")).code is ErrorCode.NOT_FOUND
    assert session.views()[0].path == str(document)

    await session.relocate(job, moved)
    await reached(session, job, JobState.DONE)
    (view,) = session.views()
    assert (view.path, view.name, view.error, view.pages_done) == (str(moved), "renamed.pdf", None, 8)
    assert (await session.picture(job, 0, 40, 40)).data == b"fake"
    await session.close()

    again = make_session()
    await again.open()
    assert [(view.path, view.state) for view in again.views()] == [(str(moved), JobState.DONE)]
    await again.close()


async def test_pages_of_which_neither_name_nor_content_is_known_any_more_find_their_file(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(document_pages=4)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    await session.close()
    (ledger,) = tmp_path.rglob("ledger.sqlite3")
    for at in [page_of_row(ledger, table) for table in ("documents", "sqlite_autoindex_documents_1", "jobs")]:
        with ledger.open("r+b") as stream:
            stream.seek(at)
            stream.write(b"\xee" * 4096)
    fake_hosts.write(document_pages=3)  # of every file
    session = make_session()
    await session.open()
    assert (await relocation_error(session, session.views()[0].job, document)).code is ErrorCode.FILE_CHANGED
    await session.close()
    fake_hosts.write(document_pages=4)
    session = make_session()
    await session.open()
    (view,) = session.views()
    assert (view.name, view.pages_done, view.state) == ("saved document 1", 4, JobState.PAUSED)
    tries = fake_hosts.tries(0)
    (outcome,) = await session.export(view.job, ExportWish(("txt",), str(tmp_path / "out")))
    assert outcome.error is None
    await session.relocate(view.job, document)
    await reached(session, view.job, JobState.DONE)
    (view,) = session.views()
    assert (view.name, view.pages_done) == ("scan.pdf", 4)
    assert fake_hosts.tries(0) == tries
    other = tmp_path / "other.pdf"
    other.write_bytes(b"other")
    assert (await relocation_error(session, view.job, other)).code is ErrorCode.FILE_CHANGED  # it is known now
    await session.close()


async def test_a_finished_document_stays_finished_where_its_file_is_found(
    session: Session, fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    moved = document.rename(tmp_path / "renamed.pdf")
    assert (await picture_error(session, job)).code is ErrorCode.NOT_FOUND
    await session.relocate(job, moved)
    assert session.views()[0].state is JobState.DONE
    assert await session.picture(job, 0, 40, 40)
    assert fake_hosts.tries(0) == 1


async def test_a_document_that_could_not_be_opened_is_opened_where_it_is(
    session: Session, document: Path, tmp_path: Path, fake_hosts: FakeHosts
) -> None:
    fake_hosts.write(document_pages=1)
    (job,) = (await session.add([document])).jobs
    moved = document.rename(tmp_path / "renamed.pdf")  # before anybody came to it
    await reached(session, job, JobState.FAILED)
    await session.relocate(job, moved)
    await reached(session, job, JobState.DONE)


async def test_no_picture_of_a_changed_file_and_it_is_read_once_to_see_that(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    before = inspections(fake_hosts)
    await session.picture(job, 0, 40, 40)
    assert inspections(fake_hosts) == before  # its stamp is enough
    os.utime(document, (1, 1))
    await session.picture(job, 0, 40, 40)
    await session.picture(job, 0, 40, 40)
    assert inspections(fake_hosts) == before + 1
    document.write_bytes(b"other content")
    for _ in range(3):
        error = await picture_error(session, job)
        assert error.code is ErrorCode.FILE_CHANGED
        assert "Locate the file" in error.info.advice
    assert inspections(fake_hosts) == before + 2
    document.write_bytes(b"pages")
    assert await session.picture(job, 0, 40, 40)


async def test_another_file_of_the_same_size_and_age_is_not_taken_for_it(
    session: Session, document: Path, tmp_path: Path
) -> None:
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    status = document.stat()
    other = tmp_path / "other"
    other.write_bytes(b"PAGES")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(document)
    assert document.stat().st_mtime_ns == status.st_mtime_ns
    assert (await picture_error(session, job)).code is ErrorCode.FILE_CHANGED


async def test_the_file_of_a_former_runs_document_is_looked_at_before_it_is_shown(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    first = make_session()
    await first.open()
    (job,) = (await first.add([document])).jobs
    await reached(first, job, JobState.DONE)
    await first.close()
    before = inspections(fake_hosts)

    second = make_session()
    await second.open()
    assert await second.picture(job, 0, 40, 40)
    assert inspections(fake_hosts) == before + 1  # it came shortly before it was added: that tells nothing
    await second.close()

    third = make_session()
    await third.open()
    third._ledger._db.execute("UPDATE jobs SET created = ?", (time.time() + 7200,))
    assert await third.picture(job, 0, 40, 40)
    assert inspections(fake_hosts) == before + 1  # it lay there untouched long before
    await third.close()

    document.write_bytes(b"PAGES")
    os.utime(document, (1, 1))
    fourth = make_session()
    await fourth.open()
    fourth._ledger._db.execute("UPDATE jobs SET created = ?", (time.time(),))
    assert (await picture_error(fourth, job)).code is ErrorCode.FILE_CHANGED
    await fourth.close()


async def test_a_part_of_a_page_is_drawn_the_way_up_that_was_found(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    picture = await session.picture(job, 2, 64, 48, (0.1, 0.2, 0.5, 0.6))
    assert (picture.width, picture.height) == (64, 48)
    assert [entry.detail for entry in asked(fake_hosts.counts) if entry.what == "MakePicture"] == [
        "2 0.100,0.200,0.500,0.600"
    ]
