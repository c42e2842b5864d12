"""Exports that were made are noted; that they are is never needed for making one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from desktop_ocr.core.exporter import Exporter, OutputFile
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger, PageKey
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.schema.document_messages import DocumentInfo, Exported, FinishExport, StartExport
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import FORMATS, ExportMade, ExportOptions
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.messages import Done
from desktop_ocr.schema.settings import Settings


class FakeReader:
    """Writes no file, and says that it has."""

    generation, pid = 1, 1
    target = ""
    others: tuple[str, ...] = ()

    async def ask(self, body: object, *_: object) -> object:
        if isinstance(body, StartExport):
            self.target, self.others = body.target, body.others
        if isinstance(body, FinishExport):
            return Exported(self.target, 1234, unchanged=False, notes=("A picture was left out.",))
        return Done()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def ledger(file: Path) -> Ledger:
    return Ledger(file)


@pytest.fixture
def job(ledger: Ledger) -> Job:
    made = Job(ledger.add_job("/a.pdf", JobOptions(), "", "me"), Path("/a.pdf"), JobOptions())
    made.info = DocumentInfo("PDF", 9, "ab" * 32, 1)
    made.key = PageKey(ledger.set_document(made.number, made.info), "{}")
    return made


def output(folder: Path, *pages: int) -> OutputFile:
    text = next(info for info in FORMATS if info.name == "txt")
    return OutputFile(text, folder / "a.txt", list(pages), ExportOptions(), overwrite=False)


def exporter(ledger: Ledger) -> Exporter:
    return Exporter(LiveSettings(Settings()), ledger, FakeReader())  # type: ignore[arg-type]


async def test_an_export_is_noted_when_it_is_done(ledger: Ledger, job: Job, file: Path, tmp_path: Path) -> None:
    outcome = await exporter(ledger).export(job, output(tmp_path, 0, 1, 2, 6))
    assert outcome.error is None
    (made,) = Ledger(file).exports.of(job.number)
    assert (made.format, made.path) == ("txt", str(tmp_path / "a.txt"))
    assert (made.pages, made.size) == ("1-3,7", 1234)
    assert made.notes == ("A picture was left out.",)
    assert made.made > 0


@pytest.mark.parametrize("why", ["removed", "refused", "damaged"])
async def test_an_export_is_done_whether_it_can_be_noted_or_not(
    ledger: Ledger, job: Job, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "removed":
        ledger.remove_job(job.number)
    elif why == "refused":

        def full(*_: object) -> None:
            raise DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.")

        monkeypatch.setattr(ledger.exports, "add", full)
    else:
        with sqlite3.connect(file) as db:
            db.execute("DROP TABLE exports")
    outcome = await exporter(ledger).export(job, output(tmp_path, 0))
    assert outcome.error is None
    assert outcome.path == str(tmp_path / "a.txt")


def test_of_a_file_that_was_written_again_the_last_time_counts(ledger: Ledger, job: Job) -> None:
    for made in (
        ExportMade("txt", "/out/a.txt", "1", 10, (), 1.0),
        ExportMade("pdf", "/out/a.pdf", "1-9", 20, (), 2.0),
        ExportMade("txt", "/out/a.txt", "1-9", 30, ("x",), 3.0),
    ):
        ledger.exports.add(job.number, made)
    assert [(one.path, one.pages, one.made) for one in ledger.exports.of(job.number)] == [
        ("/out/a.txt", "1-9", 3.0),
        ("/out/a.pdf", "1-9", 2.0),
    ]
    ledger.remove_job(job.number)
    assert ledger.exports.of(job.number) == []


def test_whose_export_a_file_is(ledger: Ledger, job: Job) -> None:
    target = Path("/out/a.alto.xml")
    again = ledger.add_job("/b.pdf", JobOptions(), "", "me")  # the same content by another name
    ledger.set_document(again, DocumentInfo("PDF", 9, "ab" * 32, 1))
    other = ledger.add_job("/c.pdf", JobOptions(), "", "me")
    ledger.set_document(other, DocumentInfo("PDF", 1, "cd" * 32, 1))
    unopened = ledger.add_job("/d.pdf", JobOptions(), "", "me")
    for number, name in ((job.number, "a.txt"), (other, "a.alto.xml"), (other, "a (2).txt"), (other, "b.txt")):
        ledger.exports.add(number, ExportMade("txt", f"/out/{name}", "1", 1))
    ledger.exports.add(other, ExportMade("txt", "/out/a/a.txt", "1", 1))
    for number in (job.number, again):
        assert sorted(ledger.exports.of_others(number, target)) == ["a (2).txt", "a.alto.xml"]
    assert ledger.exports.of_others(other, target) == ["a.txt"]
    assert len(ledger.exports.of_others(unopened, target)) == 3
    changed = ledger.add_job("/c.pdf", JobOptions(), "", "me")  # the same file with another content
    ledger.set_document(changed, DocumentInfo("PDF", 1, "ef" * 32, 1))
    assert ledger.exports.of_others(changed, target) == ["a.txt"]
    ledger.exports.add(again, ExportMade("txt", "/out/a (2).txt", "1", 1))  # the last time counts
    assert ledger.exports.of_others(job.number, target) == ["a.alto.xml"]
    ledger.remove_job(other)
    assert ledger.exports.of_others(job.number, target) == []


async def test_the_document_host_is_told_whose_the_files_are(ledger: Ledger, job: Job, tmp_path: Path) -> None:
    other = ledger.add_job("/c.pdf", JobOptions(), "", "me")
    ledger.set_document(other, DocumentInfo("PDF", 1, "cd" * 32, 1))
    ledger.exports.add(other, ExportMade("txt", str(tmp_path / "a.txt"), "1", 1))
    reader = FakeReader()
    await Exporter(LiveSettings(Settings()), ledger, reader).export(job, output(tmp_path, 0))  # type: ignore[arg-type]
    assert reader.others == ("a.txt",)


def test_names_that_are_no_text_are_kept(ledger: Ledger, job: Job) -> None:
    ledger.exports.add(job.number, ExportMade("txt", "/out/\udce9.txt", "1", 1))
    assert ledger.exports.of(job.number)[0].path == "/out/\udce9.txt"
