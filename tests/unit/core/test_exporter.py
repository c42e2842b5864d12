from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest

from desktop_ocr.core.exporter import Exporter, OutputFile, _prepared
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger, PageKey
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.schema.document_messages import DocumentInfo, ExportPage, StartExport
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import FORMATS, ExportOptions
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.messages import Done
from desktop_ocr.schema.settings import Settings


def test_a_document_is_never_its_own_output(tmp_path: Path) -> None:
    original = tmp_path / "in" / "scan.pdf"
    original.parent.mkdir()
    original.write_bytes(b"x")
    (tmp_path / "link").symlink_to(original.parent)
    assert _prepared(tmp_path / "link" / "scan.pdf", original) == tmp_path / "link" / "scan.ocr.pdf"
    assert _prepared(tmp_path / "link" / "scan.txt", original) == tmp_path / "link" / "scan.txt"


def test_a_folder_whose_name_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        _prepared(tmp_path / "\udce9" / "scan.txt", tmp_path / "scan.pdf")
    assert caught.value.code is ErrorCode.USAGE


async def test_an_export_that_is_given_up_is_not_begun_again() -> None:
    class Reader:
        generation, pid = 1, 1
        asked: ClassVar[list[object]] = []

        async def ask(self, body: object, *_: object) -> Done:
            self.asked.append(body)
            if isinstance(body, ExportPage):
                self.generation += 1  # another host, for somebody else, while we waited for our turn
                raise asyncio.CancelledError
            return Done()

    reader = Reader()
    ledger = Ledger(None)
    job = Job(ledger.add_job("/a.pdf", JobOptions(), "", "me"), Path("/a.pdf"), JobOptions())
    job.info = DocumentInfo("PDF", 1, "ab" * 32, 1)
    job.key = PageKey(ledger.set_document(job.number, job.info), "{}")
    job.chosen = [0]
    exporter = Exporter(LiveSettings(Settings()), ledger, reader)  # type: ignore[arg-type]
    text = next(info for info in FORMATS if info.name == "txt")
    with pytest.raises(asyncio.CancelledError):
        await exporter.export(job, OutputFile(text, Path("/tmp/a.txt"), [0], ExportOptions(), overwrite=False))
    assert sum(isinstance(body, StartExport) for body in reader.asked) == 1


@pytest.mark.parametrize("listed", [True, False])
async def test_an_export_takes_no_other_documents_place(listed: bool, tmp_path: Path) -> None:
    class Reader:
        generation, pid = 1, 1
        asked: ClassVar[list[object]] = []

        async def ask(self, body: object, *_: object) -> Done:
            self.asked.append(body)
            if isinstance(body, StartExport):
                raise DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.")
            return Done()

    reader, ledger = Reader(), Ledger(None)
    reader.asked.clear()
    job = Job(ledger.add_job(str(tmp_path / "a.png"), JobOptions(), "", "me"), tmp_path / "a.png", JobOptions())
    job.info = DocumentInfo("PNG", 1, "ab" * 32, 1)
    job.key = PageKey(ledger.set_document(job.number, job.info), "{}")
    if listed:
        ledger.add_job(str(tmp_path / "a.pdf"), JobOptions(), "", "me")
    exporter = Exporter(LiveSettings(Settings()), ledger, reader)  # type: ignore[arg-type]
    pdf = next(info for info in FORMATS if info.name == "pdf")
    await exporter.export(job, OutputFile(pdf, tmp_path / "a.pdf", [0], ExportOptions(), overwrite=True))
    (start,) = [body for body in reader.asked if isinstance(body, StartExport)]
    assert start.overwrite is not listed
