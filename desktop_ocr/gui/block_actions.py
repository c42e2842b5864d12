"""What can be done with the block, and the lines, that are looked at: another kind, another place, joining, cutting."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.mark_looks import kind_name
from desktop_ocr.gui.review import Place, Review
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.schema.edits import (
    DeleteBlocks,
    DeleteLines,
    Edit,
    MergeBlocks,
    MergeLines,
    MoveBlock,
    SetKind,
    SplitBlock,
)
from desktop_ocr.schema.results import Block, BlockKind, PageResult

BY = "blocks"
LEVELS = range(1, 7)
KEYS = {(BlockKind.TEXT, 0): "Ctrl+Alt+0", **{(BlockKind.SECTION_HEADER, at): f"Ctrl+Alt+{at}" for at in LEVELS}}


class BlockActions(QObject):
    """Made once, shown in the menu of the page, in the editor's and in the picture's."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._review: Review | None = None
        self._tasks: Tasks | None = None
        self.chosen_lines: Callable[[], list[int]] = list
        self.kinds: dict[tuple[BlockKind, int], QAction] = {}
        self.kind = QAction(self.tr("&Kind of the block"), window)
        self.kind.setMenu(self._kind_menu())
        self.up = self._action(self.tr("Move block &up"), "Alt+Up")
        self.down = self._action(self.tr("Move block &down"), "Alt+Down")
        self.merge = self._action(self.tr("&Merge with the next block"), "Ctrl+J")
        self.split = self._action(self.tr("&Split block before this line"), "Ctrl+Shift+J")
        self.join_lines = self._action(self.tr("&Join the selected lines"), "Ctrl+Alt+J")
        self.delete_lines = self._action(self.tr("Delete &line"), "Ctrl+Shift+K")
        self.delete = self._action(self.tr("D&elete block"), "Ctrl+Shift+Del")
        icons.set_icon(self.delete, "trash-2")
        self.up.triggered.connect(lambda: self._move(-1))
        self.down.triggered.connect(lambda: self._move(1))
        self.merge.triggered.connect(lambda: self._merge())
        self.split.triggered.connect(lambda: self._split())
        self.join_lines.triggered.connect(lambda: self._edit(MergeLines(tuple(self.chosen_lines()))))
        self.delete_lines.triggered.connect(lambda: self._edit(DeleteLines(tuple(self._lines()))))
        self.delete.triggered.connect(lambda: self._edit(DeleteBlocks((self._block,))))
        self.renew()

    def _action(self, text: str, keys: str) -> QAction:
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(keys))
        self._window.addAction(action)
        return action

    def _kind_menu(self) -> QMenu:
        menu = QMenu(self._window)
        group = QActionGroup(self)
        for kind in BlockKind:
            for level in LEVELS if kind is BlockKind.SECTION_HEADER else (1 if kind is BlockKind.TITLE else 0,):
                heading = kind is BlockKind.SECTION_HEADER
                action = QAction(f"{kind_name(kind)} {level}" if heading else kind_name(kind), menu)
                action.setCheckable(True)
                if keys := KEYS.get((kind, level)):
                    action.setShortcut(QKeySequence(keys))
                    self._window.addAction(action)
                action.triggered.connect(lambda _on=False, kind=kind, level=level: self._set_kind(kind, level))
                group.addAction(action)
                menu.addAction(action)
                self.kinds[kind, level] = action
        return menu

    def menu_actions(self) -> list[QAction | None]:
        """For menus; None for a line between."""
        changes = [self.up, self.down, self.merge, self.split]
        return [self.kind, None, *changes, None, self.join_lines, self.delete_lines, self.delete]

    def all_actions(self) -> list[QAction]:
        """Every action that has keys."""
        named = [action for action in self.menu_actions() if action is not None and action is not self.kind]
        return [*named, *(action for action in self.kinds.values() if not action.shortcut().isEmpty())]

    def bind(self, review: Review, tasks: Tasks, chosen_lines: Callable[[], list[int]]) -> None:
        """Let them act on a page; `chosen_lines` are those selected in the editor."""
        self._review, self._tasks, self.chosen_lines = review, tasks, chosen_lines
        review.place_changed.connect(lambda _by: self.renew())
        review.page_changed.connect(self.renew)
        self.renew()

    # --- where ----------------------------------------------------------------------------------------------

    @property
    def _result(self) -> PageResult | None:
        return self._review.result if self._review is not None else None

    @property
    def _block(self) -> int:
        return self._review.place.block if self._review is not None else -1

    def _lines(self) -> list[int]:
        """Those selected in the editor, or the one that is looked at."""
        line = self._review.place.line if self._review is not None else -1
        return self.chosen_lines() or ([line] if line >= 0 else [])

    def renew(self) -> None:
        """Enable what is possible at the place that is looked at."""
        result, at = self._result, self._block
        locked = self._review is None or self._review.locked
        there = result is not None and 0 <= at < len(result.blocks) and not locked
        block = result.blocks[at] if there and result is not None else None
        last = len(result.blocks) - 1 if result is not None else -1
        self.kind.setEnabled(block is not None)
        for (kind, level), action in self.kinds.items():
            action.setEnabled(block is not None)
            action.setChecked(block is not None and (block.kind, shown_level(block)) == (kind, level))
        self.up.setEnabled(block is not None and at > 0)
        self.down.setEnabled(block is not None and at < last)
        self.merge.setEnabled(block is not None and at < last)
        line = self._review.place.line if self._review is not None else -1
        inside = block is not None and block.table is None and line in block.lines[1:]
        self.split.setEnabled(inside)
        chosen = self.chosen_lines() if block is not None else []
        several = len(chosen) > 1
        same = block is not None and all(one in block.lines for one in chosen)
        self.join_lines.setEnabled(several and same)
        self.delete_lines.setText(self.tr("Delete &lines") if several else self.tr("Delete &line"))
        self.delete_lines.setEnabled(block is not None and bool(self._lines()))
        self.delete.setEnabled(block is not None)

    # --- doing it -------------------------------------------------------------------------------------------

    def _edit(self, edit: Edit) -> None:
        if self._review is not None:
            self._review.edit(edit)

    def _edit_and_look(self, edit: Edit, place: Place) -> None:
        review, tasks = self._review, self._tasks
        if review is None or tasks is None:
            return

        async def made() -> None:
            await storing
            review.choose(place, BY)
            review.place_changed.emit(BY)  # the same indices may be of something else now

        storing = review.make(edit)
        tasks.start(made())

    def _set_kind(self, kind: BlockKind, level: int) -> None:
        self._edit(SetKind(self._block, kind, level))

    def _move(self, by: int) -> None:
        review = self._review
        if review is not None:
            at = self._block
            self._edit_and_look(MoveBlock(at, at + by), Place(at + by, review.place.line))

    def _merge(self) -> None:
        at = self._block
        self._edit_and_look(MergeBlocks((at, at + 1)), Place(at))

    def _split(self) -> None:
        review = self._review
        if review is not None:
            self._edit_and_look(SplitBlock(review.place.line), Place(self._block + 1, review.place.line))


def shown_level(block: Block) -> int:
    """A heading's level as the menu has it."""
    if block.kind is BlockKind.SECTION_HEADER:
        return block.level or 2
    return 1 if block.kind is BlockKind.TITLE else 0
