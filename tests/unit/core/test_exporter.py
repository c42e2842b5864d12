from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest

from desktop_ocr.core.exporter import Exporter, _prepared, target_name
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger, PageKey
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.schema.document_messages import DocumentInfo, ExportPage, StartExport
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.messages import Done
from desktop_ocr.schema.settings import Settings


def test_names_of_outputs() -> None:
    scan = Path("/in/scan.pdf")
    assert target_name(scan, "md", Path("/out")) == Path("/out/scan.md")
    assert target_name(scan, "pdf", Path("/out")) == Path("/out/scan.pdf")
    assert target_name(scan, "pdf", Path("/in")) == Path("/in/scan.ocr.pdf")
    assert target_name(scan, "txt", Path("/out"), full_name=True) == Path("/out/scan.pdf.txt")


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

    async def unchanged(_: Job) -> None:
        return

    reader = Reader()
    ledger = Ledger(None)
    job = Job(ledger.add_job("/a.pdf", JobOptions(), "", "me"), Path("/a.pdf"), JobOptions())
    job.info = DocumentInfo("PDF", 1, "ab" * 32, 1)
    job.key = PageKey(ledger.set_document(job.number, job.info), "{}")
    job.chosen = [0]
    exporter = Exporter(LiveSettings(Settings()), ledger, reader, unchanged)  # type: ignore[arg-type]
    with pytest.raises(asyncio.CancelledError):
        await exporter.export(job, "txt", Path("/tmp/a.txt"), overwrite=False)
    assert sum(isinstance(body, StartExport) for body in reader.asked) == 1
