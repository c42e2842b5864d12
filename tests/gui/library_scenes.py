"""Scenes of the library, of receipts, and of documents that were read before, for `screenshots.py`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from desktop_ocr.gui.library_page import LibraryPage
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.library import LibraryHit, SnippetPart
from desktop_ocr.schema.receipts import PageNote, Receipt
from desktop_ocr.schema.settings import Settings
from tests.gui.fake_library import many_hits
from tests.gui.fake_session import FakeSession
from tests.gui.memory_scenes import StudioLike, until

DOCUMENTS = ["Harbour report 1987-12p.pdf", "Letters-3p.tiff", "港务局年度报告-3p.pdf"]
LONG = "Minutes of the extraordinary general meeting of the shareholders of the Harbour and Quay Company " * 2


async def fake_of(worker: Worker) -> FakeSession:
    """The session behind a window."""

    async def itself(session: object) -> FakeSession:
        assert isinstance(session, FakeSession)
        return session

    return await worker.ask(itself)


async def filled(studio: StudioLike, *names: str) -> tuple[MainWindow, Worker, FakeSession]:
    """A window with finished documents."""
    window, worker = await studio.open()
    if names:
        window.commands.add([Path("/home/u/Documents") / name for name in names])
        await until(lambda: len(window.model.views()) == len(names))
        await until(lambda: all(view.state is JobState.DONE for view in window.model.views()))
    return window, worker, await fake_of(worker)


async def opened(window: MainWindow) -> LibraryPage:
    """The library, answered."""
    window.jobs.library.setChecked(True)
    page = window.keeping.library.page
    assert page is not None
    await until(page.size_label.text)
    return page


async def look_for(window: MainWindow, words: str) -> None:
    """Have something looked for."""
    page = window.keeping.library.page
    assert page is not None
    page.field.setText(words)
    await asyncio.sleep(0.4)


def odd_hits() -> list[LibraryHit]:
    """Long names, other scripts, corrected pages, a text without spaces."""
    first = many_hits(1)[0]
    cjk = (
        SnippetPart("…"),
        SnippetPart("港务局", lit=True),
        SnippetPart("关于新码头建设工程的年度报告指出,自本年六月起,"),
        SnippetPart("港务局", lit=True),
        SnippetPart("将负责全部施工组织工作,并按照合同规定的期限完成各项任务,确保航道畅通无阻。" * 3),
    )
    unbroken = (SnippetPart("0123456789abcdef" * 8), SnippetPart("HARBOUR", lit=True), SnippetPart("xyz" * 60))
    kept = {"name": LONG + ".pdf", "path": f"/home/u/{LONG}.pdf", "edited": True}
    mixed = (SnippetPart("مرفأ "), SnippetPart("harbour", lit=True), SnippetPart(" الميناء الجديد – Größe 12 €"))
    return [
        msgspec.structs.replace(first, job=901, **kept),
        msgspec.structs.replace(first, job=902, name="港务局年度报告.pdf", snippet=cjk, finished=first.finished - 9e7),
        msgspec.structs.replace(first, job=903, name="unbroken.tiff", snippet=unbroken, page=19_999),
        msgspec.structs.replace(first, job=904, name="مرفأ.pdf", snippet=mixed, finished=first.finished - 1.1e5),
    ]


async def library(studio: StudioLike) -> None:
    """Empty, being prepared, documents, hits, none, an error, odd ones, narrow."""
    window, worker, empty = await filled(studio)
    page = await opened(window)
    await studio.shot(window, "library-empty")
    empty.library.unindexed = 1200
    await look_for(window, "harbour")
    await look_for(window, "")
    await studio.shot(window, "library-preparing")
    await studio.close(window, worker)

    window, worker, session = await filled(studio, *DOCUMENTS)
    session.library.ages = {2: 200_000.0, 3: 4e7}
    page = await opened(window)
    await studio.shot(window, "library-documents")
    await look_for(window, "harbour quay")
    await studio.shot(window, "library-hits")
    session.library.archive = odd_hits()
    session.library.unindexed = 1200
    await look_for(window, "harbour")
    page.list.setFocus()
    page.list.go_to(page.list.found.rowCount() - 3)
    await studio.shot(window, "library-odd")
    window.resize(720, 560)
    await studio.shot(window, "library-narrow")
    window.resize(1180, 760)
    session.library.archive = []
    await look_for(window, "xylophone")
    await studio.shot(window, "library-none")
    session.library.error = ErrorInfo(ErrorCode.DISK_FULL, "The disk is full.", "Make room on it, and try again.")
    await look_for(window, "error")
    await studio.shot(window, "library-error")
    session.library.error, session.library.unindexed = None, 0
    await look_for(window, "harbour")
    page.list.go_to(1)
    window.keeping.library._delete(page.list.chosen())
    question = window.keeping.forgetting.question
    assert question is not None
    await studio.shot(question, "library-delete")
    question.reject()
    menu = page.make_menu()
    menu.popup(page.mapToGlobal(page.rect().center()))
    await studio.shot(menu, "library-menu")
    menu.close()
    window.keeper.apply(Settings(library_days=30, library_limit_mb=2000))
    page.clean.click()
    clean = window.keeping.library.question
    assert clean is not None
    await studio.shot(clean, "library-clean")
    clean.reject()
    page.open_wanted.emit(page.list.found.hits()[1])
    await asyncio.sleep(0.8)
    await studio.shot(window, "library-opened")
    await studio.close(window, worker)


async def receipts(studio: StudioLike) -> None:
    """One document with failures, several, all fine; the dialogs."""
    window, worker, _session = await filled(studio, "Bill bad-4p.pdf", "Letters-3p.tiff")
    await until(window.bars.texts)
    await studio.shot(window, "receipt-one")
    window.commands.add([Path("/home/u") / f"Scan bad {number}-3p.pdf" for number in range(12)])
    await until(lambda: len(window.model.views()) == 14)
    await until(lambda: all(view.state is JobState.DONE for view in window.model.views()))
    await asyncio.sleep(0.8)
    await studio.shot(window, "receipt-many")
    side = window.keeping.receipts
    side.show(1)
    await until(lambda: side.dialog)
    assert side.dialog is not None
    await studio.shot(side.dialog, "receipt-dialog")
    failed = tuple(PageNote(page, "The page's picture is damaged. Scan this page again.") for page in range(5, 90, 4))
    less = tuple(PageNote(page, "tables were not looked for, because memory was short.") for page in (1, 2, 3))
    side.show_receipts([Receipt(1, LONG + ".pdf", 500, 475, less, (), failed, 4_000.0)] * 2)
    assert side.dialog is not None
    await studio.shot(side.dialog, "receipt-dialog-many")
    side.dialog.close()
    await studio.close(window, worker)

    window, worker, _session = await filled(studio, *(f"Letter {number}-2p.pdf" for number in range(12)))
    await until(window.bars.texts)
    await studio.shot(window, "receipt-fine")
    await studio.close(window, worker)


async def before(studio: StudioLike) -> None:
    """Documents that were read before; removed ones."""
    window, worker, session = await filled(studio, *DOCUMENTS)
    session.library.ages = {1: 200_000.0, 2: 3e6, 3: 3e6}
    window.commands.add([Path("/home/u/again") / DOCUMENTS[0]])
    await until(lambda: any("taken from the library" in text for text in window.bars.texts()))
    window.keeper.apply(Settings(options=JobOptions(dpi=300)))
    await asyncio.sleep(0.4)
    window.commands.add([Path("/home/u/again") / name for name in DOCUMENTS[1:2]])
    await until(lambda: any("other settings" in text for text in window.bars.texts()))
    window.workspace.removal.remove([3])
    await studio.shot(window, "read-before")
    await studio.close(window, worker)


SCENES = (library, receipts, before)
