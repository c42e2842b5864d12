"""Puts the text side of the review together: editing, undoing, finding, doubtful words, and their actions."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton

from desktop_ocr.gui import icons
from desktop_ocr.gui.block_actions import BlockActions
from desktop_ocr.gui.doubts import Doubts
from desktop_ocr.gui.edit_actions import EditActions
from desktop_ocr.gui.find_bar import FindBar
from desktop_ocr.gui.finding import Finding
from desktop_ocr.gui.job_actions import JobActions
from desktop_ocr.gui.jump import Jump
from desktop_ocr.gui.message_bar import MessageBars
from desktop_ocr.gui.page_pane import PagePane
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.removal import Removal
from desktop_ocr.gui.result_view import Shown
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.undoing import Undoing
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.edits import FindQuery
from desktop_ocr.text.markdown import markdown

if TYPE_CHECKING:
    from PySide6.QtGui import QAction


AWAITED_SECONDS = 15.0  # for a page that was found elsewhere to come


class TextSide(QObject):
    """Made once, when there are documents."""

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        bars: MessageBars,
        preferences: Preferences,
        jobs: JobActions,
        edits: EditActions,
        blocks: BlockActions,
        pane: PagePane,
        removal: Removal,
    ) -> None:
        super().__init__(pane)
        self._tasks = tasks
        self._pane = pane
        self._edits = edits
        self._review = review = pane.review
        self._result = result = pane.result
        self.undoing = Undoing(jobs.undo, edits.redo, review, result, removal)
        self._jump = Jump(review, result, pane.go_to)
        self.doubts = Doubts(worker, tasks, review, self._jump, bars, preferences)
        self.find_bar = FindBar()
        self.finding = Finding(worker, tasks, review, self._jump, self.find_bar, bars)
        self._awaited: tuple[int, int, FindQuery, float] | None = None
        self._blocks = blocks
        blocks.bind(review, tasks, self._chosen_lines)
        result.put_bar(self.find_bar)
        result.put_button(self._button(edits.find))
        result.put_button(self._doubt_button())
        result.lines.set_menu(self._line_menu)
        result.lines.selectionChanged.connect(blocks.renew)
        pane.add_block_actions([action for action in blocks.menu_actions() if action is not None])
        pane.edit_wanted.connect(self._edit_text)
        result.editing.set_threshold(self.doubts.below)
        self.doubts.threshold_changed.connect(result.editing.set_threshold)
        self.find_bar.closed.connect(lambda: result.current.setFocus())
        edits.find.triggered.connect(lambda: self._open_find(replacing=False))
        edits.replace.triggered.connect(lambda: self._open_find(replacing=True))
        edits.find_next.triggered.connect(lambda: self._find_on(1))
        edits.find_back.triggered.connect(lambda: self._find_on(-1))
        edits.doubt_next.triggered.connect(lambda: self.doubts.go(backwards=False))
        edits.doubt_back.triggered.connect(lambda: self.doubts.go(backwards=True))
        edits.copy_markdown.triggered.connect(lambda: self._copy_markdown())
        review.page_changed.connect(self._enable)
        review.page_changed.connect(self._light)
        self._enable()

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        return button

    def _doubt_button(self) -> QToolButton:
        button = QToolButton()
        icons.set_icon(button, "spell-check")
        button.setAccessibleName(self.tr("Next doubtful word"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setMenu(self.doubts.make_menu(button))
        button.setObjectName("with-menu")
        button.clicked.connect(lambda: self.doubts.go(backwards=False))

        def tell() -> None:
            words = self.tr("Next doubtful word (F8): those below {n} %")
            button.setToolTip(words.format(n=round(self.doubts.below * 100)))

        self.doubts.threshold_changed.connect(lambda _below: tell())
        tell()
        return button

    # --- what is chosen -------------------------------------------------------------------------------------

    def _chosen_lines(self) -> list[int]:
        """The lines selected in the editor; none where nothing is."""
        lines = self._result.lines
        if self._result.current is not lines or not lines.textCursor().hasSelection():
            return []
        return [lines.rows[row].line for row in lines.chosen_rows() if row < len(lines.rows)]

    def _line_menu(self) -> list[QAction | None]:
        return [*self._blocks.menu_actions(), None, self._edits.doubt_next]

    def _enable(self) -> None:
        there = self._review.job is not None
        for action in self._edits.page_actions():
            action.setEnabled(there)
        self._edits.copy_markdown.setEnabled(self._review.result is not None)

    def _edit_text(self) -> None:
        """The text of the place that was chosen on the page is to be edited."""
        in_table = self._review.place.cell is not None
        self._result.show_as(Shown.TABLES if in_table else Shown.LINES)
        part = self._result.tables_view.view if in_table else self._result.lines
        part.setFocus()
        if in_table:
            view = self._result.tables_view.view
            view.edit(view.currentIndex())

    # --- finding --------------------------------------------------------------------------------------------

    def _open_find(self, *, replacing: bool) -> None:
        lines = self._result.lines
        cursor = lines.textCursor()
        one = cursor.hasSelection() and "\u2029" not in cursor.selectedText()
        text = cursor.selectedText() if one and self._result.current is lines else ""
        self.find_bar.open(text, replacing=replacing)

    def light(self, job: int, page: int, query: FindQuery) -> None:
        """Light what was found on a page elsewhere, as soon as the page is there."""
        self._awaited = (job, page, query, time.monotonic() + AWAITED_SECONDS)
        self._light()

    def _light(self) -> None:
        review = self._review
        if self._awaited is None or review.result is None:
            return
        job, page, query, until = self._awaited
        if (review.job, review.page) == (job, page):
            self._awaited = None
            self.find_bar.look_for(query)
        elif time.monotonic() > until:
            # Not before: what was shown last may come back for a moment until the document is in the list again.
            self._awaited = None  # the user has gone elsewhere

    def _find_on(self, by: int) -> None:
        if self.find_bar.isVisible():
            self.finding.step(by)
        elif self.find_bar.field.text():
            self.find_bar.open("", replacing=False)
        else:
            self._open_find(replacing=False)

    # --- copying --------------------------------------------------------------------------------------------

    def _copy_markdown(self) -> None:
        result = self._review.result
        if result is None:
            return

        async def made() -> None:
            QGuiApplication.clipboard().setText(await asyncio.to_thread(markdown, result))

        self._tasks.start(made())

    # --- closing --------------------------------------------------------------------------------------------

    @property
    def unsaved(self) -> bool:
        """Whether there is something that is not stored yet."""
        return self._result.editing.unsaved or self._result.tables_view.unsaved

    async def settle(self) -> None:
        """Store all that was typed."""
        await self._review.settle()
