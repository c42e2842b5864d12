"""Makes what the window has when there are documents: step by step, for whoever does other things in between.

Together they take a third of a second, most of it for modules that are imported, and for widgets that are dressed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from desktop_ocr.gui.document_view import DocumentView
    from desktop_ocr.gui.main_window import MainWindow
    from desktop_ocr.gui.preferences import Preferences
    from desktop_ocr.gui.stored_models import StoredModels
    from desktop_ocr.gui.tasks import Tasks
    from desktop_ocr.gui.view_actions import ViewActions
    from desktop_ocr.gui.worker import Worker

PAINT_SECONDS = 0.5
# What `furnishing` imports, from the leaves up, so that each brings few others along (tests/gui/test_parts.py).
MODULES = (
    "page_walk",
    "picture_view",
    "formatted_view",
    "line_editor",
    "table_view",
    "result_view",
    "page_fetch",
    "page_strip",
    "picture_menu",
    "page_pane",
    "document_view",
    "settings_editors",
    "export_options",
    "exporting",
    "reducer",
    "doubts",
    "text_side",
    "workspace",
    "receipts_side",
    "library_side",
    "keeping",
    "comparing",
    "rereading",
)


async def seen(window: MainWindow) -> None:
    """Wait until the window has been painted; but not for long."""
    if not window.was_painted:
        painted = asyncio.Event()
        told = window.painted.connect(painted.set)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(painted.wait(), PAINT_SECONDS)
        window.painted.disconnect(told)


def import_steps() -> Generator[None]:
    """Import a few modules a step."""
    for name in MODULES:
        importlib.import_module(f"desktop_ocr.gui.{name}")
        yield


def furnishing(window: MainWindow, worker: Worker, preferences: Preferences) -> Generator[None]:
    """Make the window's parts, and put them into it. Nothing comes to them from the core before the last step."""
    yield from import_steps()
    from desktop_ocr.gui.keeping import Keeping
    from desktop_ocr.gui.queue_view import QueueView
    from desktop_ocr.gui.rereading import Rereading
    from desktop_ocr.gui.workspace import Workspace

    queue = QueueView(window.model)
    yield
    document = yield from _document(worker, window.tasks, window.views, window.models.known, window)
    window.workspace = workspace = Workspace(
        worker,
        window.tasks,
        window.model,
        window.bars,
        window.memory,
        window.models,
        window.commands,
        preferences,
        window.jobs,
        window.views,
        window.edits,
        window.blocks,
        queue,
        document,
        window,
    )
    yield
    window.content.addWidget(workspace)
    yield
    window.keeping = Keeping(
        worker,
        window.tasks,
        window.model,
        window.bars,
        window.keeper,
        window.commands,
        window.jobs,
        workspace,
        window,
    )
    yield
    window.rereading = Rereading(
        worker, window.tasks, document.pane.review, window.keeper, window.store, window.bars, window
    )


def _document(
    worker: Worker, tasks: Tasks, views: ViewActions, models: StoredModels, owner: QObject
) -> Generator[None, None, DocumentView]:
    from desktop_ocr.gui.document_view import DocumentView
    from desktop_ocr.gui.page_loader import PageLoader
    from desktop_ocr.gui.page_pane import PagePane
    from desktop_ocr.gui.result_view import ResultView
    from desktop_ocr.gui.review import Review

    loader = PageLoader(worker)
    review = Review(worker, tasks, loader, owner)
    yield
    result = ResultView(review, tasks)
    yield
    pane = PagePane(worker, tasks, views, models, loader, review, result)
    yield
    document = DocumentView(worker, tasks, pane)
    yield
    return document
