"""Brings what is typed in the editor to the page, and the page's versions and places to the editor.

What was typed is stored when the cursor leaves the line, after a moment without typing, and before anything else
happens. What could not be stored is kept, for this page and all others, until it can.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from desktop_ocr.gui.line_editor import LineEditor
from desktop_ocr.gui.line_marks import Marks
from desktop_ocr.gui.line_rows import Row, Span, doubtful_spans, word_spans
from desktop_ocr.gui.line_text import same
from desktop_ocr.gui.review import Place, Review
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.schema.edits import DeleteLines, LineText, MergeLines, SetTexts, SplitLine
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.results import PageResult

TYPING_MS = 800
MOST_ROWS = 2_000  # in the editor at once: of a table with 10,000 rows a part is shown
BY = "text"
WHOLE = ("doubt",)  # who chooses a line without a word means all of it

Page = tuple[int | None, int]


class TextEditing(QObject):
    """The editor's other half.

    Signals:
        state_changed: how it stands with what was typed, in a word or two; "" for nothing to say.
        failed: an `ErrorInfo`: what was typed could not be stored; None: it is stored now.
        shortened: whether only a part of the page is in the editor.
    """

    state_changed = Signal(str)
    failed = Signal(object)
    shortened = Signal(str)

    def __init__(self, editor: LineEditor, review: Review, tasks: Tasks) -> None:
        super().__init__(editor)
        self.editor = editor
        self._review = review
        self._tasks = tasks
        self._here: Page = (None, 0)
        self._all: list[Row] = []
        self._first = 0
        self._sent: dict[int, str] = {}  # rows that are on their way to the disk
        self._drafts: dict[Page, dict[int, tuple[str, str]]] = {}  # by page and line: what stood there, what was typed
        self._again = False  # another try is wanted
        self._late = False  # a version came while something was composed
        self._below = 0.85
        self._active = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        self._timer.timeout.connect(self.commit)
        editor.is_held = lambda: review.reordering
        editor.typed.connect(self._typed)
        editor.left.connect(self.commit)
        editor.composed.connect(self._composed)
        editor.row_changed.connect(self._row_changed)
        editor.split_wanted.connect(lambda row, at: review.edit(SplitLine(editor.rows[row].line, at)))
        editor.merge_wanted.connect(lambda row: review.edit(MergeLines(self._lines([row, row + 1]))))
        editor.delete_wanted.connect(lambda rows: review.edit(DeleteLines(self._lines(rows))))
        review.settling.connect(self.commit)
        review.settled.connect(self._settled)
        review.page_changed.connect(self._page_changed)
        review.place_changed.connect(self._place_changed)
        review.hits_changed.connect(self._mark)

    def _lines(self, rows: list[int]) -> tuple[int, ...]:
        return tuple(self.editor.rows[row].line for row in rows)

    # --- what is shown --------------------------------------------------------------------------------------

    def set_active(self, active: bool) -> None:
        """Whether the editor is to be seen: only then is it brought up to date."""
        if active == self._active:
            return
        if not active:
            self.commit()
        self._active = active
        if active:
            self._page_changed()
            self._place_changed("")

    @property
    def unsaved(self) -> bool:
        """Whether there is text that is not stored."""
        return bool(self._drafts) or bool(self.editor.typed_rows())

    def set_threshold(self, below: float) -> None:
        """Words with less confidence than this are in doubt."""
        self._below = below
        self._mark()

    def _page_changed(self) -> None:
        if not self._active:
            return
        if self.editor.composing:
            self._late = True
            return
        review, result = self._review, self._review.result
        here: Page = (review.job, review.page)
        if result is None:
            if here != self._here:
                self._keep_typed()
                self._here, self._all, self._first = here, [], 0
                self._sent.clear()
                self.editor.put([])
            return
        self._all = list(review.loaded.rows) if review.loaded is not None else []
        if here != self._here:
            self._keep_typed()
            self._here, self._first = here, 0
            self._sent.clear()
            self._timer.stop()
            self.editor.put(self._window())
            self.state_changed.emit("")
            self.failed.emit(None)
        else:
            self.editor.renew(self._window())
        self.editor.setReadOnly(review.locked)
        self.editor.fit_margin()
        self._restore(here)
        self._mark()
        if self.editor.hasFocus():
            self._row_changed()

    def _window(self) -> list[Row]:
        if len(self._all) <= MOST_ROWS:
            self.shortened.emit("")
            return self._all
        rows = self._all[self._first : self._first + MOST_ROWS]
        words = self.tr("Lines {first} to {last} of {all} are shown.")
        self.shortened.emit(words.format(first=self._first + 1, last=self._first + len(rows), all=len(self._all)))
        return rows

    def _show_part(self, line: int) -> None:
        """Of a page that is too long: the part with a line."""
        at = next((at for at, row in enumerate(self._all) if row.line == line), -1)
        if at >= 0 and not self._first <= at < self._first + MOST_ROWS:
            self.commit()
            self._first = max(0, min(at - MOST_ROWS // 2, len(self._all) - MOST_ROWS))
            self.editor.put(self._window())
            self._restore(self._here)
            self._mark()

    def _mark(self) -> None:
        """Doubtful words, the chosen block, and what was found."""
        review, result = self._review, self._review.result
        if not self._active or result is None:
            return
        rows = {row.line: at for at, row in enumerate(self.editor.rows)}
        shown, below = self.editor.rows, self._below
        marks = Marks(lambda at: doubtful_spans(result.lines[shown[at].line], below), review.place.block)
        for hit in review.hits:
            if hit.line in rows:
                marks.hits.setdefault(rows[hit.line], []).append((hit.start, hit.end))
        current = review.current_hit
        if current is not None and current.line in rows:
            marks.current = (rows[current.line], current.start, current.end)
        self.editor.show_marks(marks)

    # --- places ---------------------------------------------------------------------------------------------

    def _row_changed(self) -> None:
        self.commit()
        row = self.editor.row
        if self._active and 0 <= row < len(self.editor.rows) and self._review.result is not None:
            shown = self.editor.rows[row]
            if (shown.block, shown.line) != (self._review.place.block, self._review.place.line):
                self._review.choose(Place(shown.block, shown.line), BY)

    def _place_changed(self, by: str) -> None:
        result, place = self._review.result, self._review.place
        if not self._active or result is None or self.editor.composing:
            return
        if by != BY:
            self._go(result, place, whole=by in WHOLE)
        self.editor.marks.block = place.block
        self.editor.show_marks(self.editor.marks)

    def _go(self, result: PageResult, place: Place, *, whole: bool) -> None:
        line = place.line
        if line < 0 <= place.block:
            lines = result.blocks[place.block].lines
            line = lines[0] if lines else -1
        if line < 0:
            return
        self._show_part(line)
        row = self.editor.row_of(line)
        span: Span = (0, 0)
        if place.word >= 0:
            words = word_spans(result.lines[line])
            span = (words[place.word] if place.word < len(words) else None) or (0, 0)
        elif whole:
            span = (0, len(result.lines[line].text))
        hit = self._review.current_hit
        if place.word < 0 and hit is not None and hit.line == line:
            span = (hit.start, hit.end)
        if row >= 0 and (self.editor.row != row or span != (0, 0)):
            self.editor.select(row, *span)

    # --- typing ---------------------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._timer.start()
        self.state_changed.emit(self.tr("Not saved yet") if self.editor.typed_rows() else "")

    def _composed(self) -> None:
        self._typed()
        if self._late:
            self._late = False
            self._page_changed()

    def undo_typing(self) -> bool:
        """Take back what was typed and is not stored yet; whether there was something."""
        taken = self._active and self.editor.hasFocus() and self.editor.take_back()
        if taken:
            self._typed()
        return taken

    def commit(self) -> None:
        """Store what was typed."""
        self._timer.stop()
        if self.editor.composing:
            if self.sender() is self._timer:
                self._timer.start()
                return
            QGuiApplication.inputMethod().commit()
        review = self._review
        typed = {row: text for row, text in self.editor.typed_rows().items() if self._sent.get(row) != text}
        if not typed or self._here != (review.job, review.page) or review.result is None:
            return
        self._sent.update(typed)
        rows = self.editor.rows
        self._keep_typed()
        texts = tuple(LineText(rows[row].line, text) for row, text in typed.items())
        self.state_changed.emit(self.tr("Saving…"))
        self._tasks.start(self._save(review.type_in(SetTexts(texts)), self._here, texts))

    def _keep_typed(self) -> None:
        """Keep what is in the editor and not stored, for when the page is here again."""
        rows, typed = self.editor.rows, self.editor.typed_rows()
        if typed:
            drafts = self._drafts.setdefault(self._here, {})
            drafts.update({rows[row].line: (rows[row].text, text) for row, text in typed.items()})

    def save_again(self) -> None:
        """Store what could not be stored; a try that is under way may have begun too early."""
        self._again = bool(self._sent)
        self.commit()

    async def _save(self, storing: Coroutine[Any, Any, None], here: Page, texts: tuple[LineText, ...]) -> None:
        try:
            await storing
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED:
                raise
            self._not_saved(here, texts, error.info)
            return
        drafts = self._drafts.get(here, {})
        for one in texts:
            if drafts.get(one.line, ("", ""))[1] == one.text:
                drafts.pop(one.line, None)
        if not drafts:
            self._drafts.pop(here, None)
        self._forget_sent(here, texts)
        if here == self._here and not self.editor.typed_rows():
            self.state_changed.emit(self.tr("Saved"))
            self.failed.emit(None)

    def _not_saved(self, here: Page, texts: tuple[LineText, ...], error: ErrorInfo) -> None:
        self._forget_sent(here, texts)
        self.state_changed.emit(self.tr("Not saved"))
        self.failed.emit(error)
        again, self._again = self._again, False
        if again:
            self.commit()
        if error.code is ErrorCode.EDIT_STALE and here == (self._review.job, self._review.page):
            self._review.renew()
            self._timer.start()

    def _forget_sent(self, here: Page, texts: tuple[LineText, ...]) -> None:
        if here == self._here:
            stored = {one.line: one.text for one in texts}
            self._sent = {
                row: text
                for row, text in self._sent.items()
                if row < len(self.editor.rows) and stored.get(self.editor.rows[row].line) != text
            }

    def _restore(self, here: Page) -> None:
        """Put in what could not be stored when the page was here before."""
        if self._sent or not self._drafts.get(here):
            return
        texts = {}
        for line, (before, text) in self._drafts[here].items():
            row = self.editor.row_of(line)
            if row < 0 or not same(self.editor.rows[row].text, before):
                row = next((at for at, one in enumerate(self.editor.rows) if same(one.text, before)), -1)
            if row >= 0:
                texts[row] = text
        del self._drafts[here]
        self.editor.restore(texts)

    def _settled(self) -> None:
        if not self._review.reordering:
            self.editor.drop_wish()
            self.editor.release()
