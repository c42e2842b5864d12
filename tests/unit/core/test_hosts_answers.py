"""What the core makes of a document host's answers: it may have read a hostile file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.pictures import PictureMaker
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.schema.document_messages import DocumentInfo, Picture
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.settings import Settings

SETTINGS = Settings(attempts=1)
LIVE = LiveSettings(SETTINGS)


class Reader:
    """Gives one answer to everything, and notes the deadline."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.deadline = 0.0

    async def ask(self, _body: object, _: type, deadline: float) -> object:
        self.deadline = deadline
        return self.answer


@pytest.fixture
def folder(tmp_path: Path) -> RuntimeFolder:
    return RuntimeFolder(tmp_path / "run")


async def test_a_large_file_may_take_longer_to_read(tmp_path: Path) -> None:
    file = tmp_path / "large.pdf"
    with file.open("wb") as stream:
        stream.truncate(2_000_000_000)  # sparse: it takes no room
    reader = Reader(DocumentInfo("PDF", 1, "ab" * 32, 2_000_000_000))
    job = Job(1, file, JobOptions())
    await Opener(LIVE, Ledger(None), reader).inspect(job)  # type: ignore[arg-type]
    assert reader.deadline > SETTINGS.inspect_seconds + 60


@pytest.mark.parametrize("what", ["link", "pipe", "huge", "missing"])
async def test_a_picture_that_is_no_plain_file_is_refused(folder: RuntimeFolder, tmp_path: Path, what: str) -> None:
    file = folder.path / "000001.picture"
    if what == "link":
        (tmp_path / "letter").write_text("secret")
        file.symlink_to(tmp_path / "letter")
    elif what == "pipe":
        os.mkfifo(file)  # whoever opens it waits for somebody at its other end
    elif what == "huge":
        with file.open("wb") as stream:
            stream.truncate(50_000_000_000)  # sparse: it takes no room
    reader = Reader(Picture(str(file), 10, 10, 10.0, 10.0))
    opener = Opener(LIVE, Ledger(None), reader)  # type: ignore[arg-type]
    maker = PictureMaker(LIVE, reader, opener, folder)  # type: ignore[arg-type]
    with pytest.raises(DesktopOcrError) as caught:
        await maker.of_page(Job(1, Path("/a.pdf"), JobOptions()), 0, (100, 100), 0)
    assert caught.value.code is ErrorCode.PROTOCOL
    assert list(folder.path.iterdir()) == []
