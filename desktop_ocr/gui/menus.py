"""Puts the actions into the menu bar."""

from __future__ import annotations

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu

from desktop_ocr.gui.block_actions import BlockActions
from desktop_ocr.gui.edit_actions import EditActions
from desktop_ocr.gui.job_actions import JobActions
from desktop_ocr.gui.theme import Appearance, Theme
from desktop_ocr.gui.view_actions import ViewActions
from desktop_ocr.gui.words import tr


def fill_menus(
    window: QMainWindow, jobs: JobActions, views: ViewActions, edits: EditActions, blocks: BlockActions, theme: Theme
) -> None:
    """The menu bar."""
    bar = window.menuBar()
    _add(
        bar.addMenu(tr("&File")),
        [
            jobs.open_files,
            jobs.open_folder,
            jobs.capture,
            jobs.watched,
            None,
            jobs.export,
            jobs.export_all,
            None,
            jobs.quit,
        ],
    )
    _add(
        bar.addMenu(tr("&Edit")),
        [
            jobs.undo,
            edits.redo,
            None,
            jobs.paste,
            views.copy_page,
            edits.copy_markdown,
            jobs.copy_all,
            jobs.copy_markdown,
            views.select,
            None,
            edits.find,
            edits.replace,
            edits.find_next,
            edits.find_back,
            None,
            jobs.select_all,
            jobs.remove,
            jobs.delete,
            None,
            jobs.settings,
        ],
    )
    _add(bar.addMenu(tr("&Page")), [edits.doubt_next, edits.doubt_back, None, *blocks.menu_actions()])
    document = bar.addMenu(tr("&Document"))
    _add(document, [jobs.hold, jobs.cancel, jobs.retry, views.again, views.again_otherwise])
    _add(document, [jobs.other_options, jobs.again_degraded, None])
    _add(document, [jobs.pause_all, jobs.resume_all, None, jobs.receipt, jobs.locate, jobs.show_file, None])
    _add(document, [jobs.recognition, jobs.models, jobs.free])
    view = bar.addMenu(tr("&View"))
    _add(view, [views.back, views.forward, views.first, views.last, views.failed, views.degraded, views.noted])
    _add(view, [views.follow, None])
    _add(view, [views.zoom_in, views.zoom_out, views.actual, views.fit_width, views.fit_page])
    _add(view, [views.turn_left, views.turn_right, None])
    _add(view.addMenu(tr("S&how")), views.shown_actions())
    view.addSeparator()
    _add(view, [jobs.library, jobs.memory, views.next_part])
    view.addSeparator()
    view.addMenu(_appearance(window, theme))
    helps = bar.addMenu(tr("&Help"))
    shortcuts = QAction(tr("&Keyboard shortcuts"), window)
    shortcuts.setShortcut("F1")
    owners = (jobs, views, edits, blocks)
    shortcuts.triggered.connect(
        lambda: _show_shortcuts(window, [one for owner in owners for one in owner.all_actions()])
    )
    about = QAction(tr("&About Desktop OCR"), window)
    about.setMenuRole(QAction.MenuRole.AboutRole)
    about.triggered.connect(lambda: _show_about(window))
    _add(helps, [shortcuts, None, jobs.diagnostics, jobs.show_logs, None, about])


def _show_shortcuts(window: QMainWindow, actions: list[QAction]) -> None:
    from desktop_ocr.gui.about import show_shortcuts

    show_shortcuts(window, actions)


def _show_about(window: QMainWindow) -> None:
    from desktop_ocr.gui.about import show_about

    show_about(window)


def context_menu(jobs: JobActions) -> list[QAction | None]:
    """What a document's context menu offers."""
    return [
        jobs.hold,
        jobs.cancel,
        jobs.retry,
        jobs.other_options,
        jobs.again_degraded,
        None,
        jobs.export,
        jobs.copy_all,
        jobs.receipt,
        jobs.locate,
        jobs.show_file,
        None,
        jobs.remove,
        jobs.delete,
    ]


def _add(menu: QMenu, actions: list[QAction | None]) -> None:
    for action in actions:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)


def _appearance(window: QMainWindow, theme: Theme) -> QMenu:
    menu = QMenu(tr("Appearanc&e"), window)
    group = QActionGroup(menu)
    for appearance, text in (
        (Appearance.SYSTEM, tr("As the &system")),
        (Appearance.LIGHT, tr("&Light")),
        (Appearance.DARK, tr("&Dark")),
    ):
        action = QAction(text, menu)
        action.setCheckable(True)
        action.setChecked(theme.appearance is appearance)
        action.triggered.connect(lambda _checked=False, chosen=appearance: theme.set_appearance(chosen))
        group.addAction(action)
        menu.addAction(action)
    return menu
