"""Puts the actions into menu bar and toolbar."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.about import show_about, show_shortcuts
from desktop_ocr.gui.job_actions import JobActions
from desktop_ocr.gui.theme import Appearance, Theme
from desktop_ocr.gui.view_actions import ViewActions
from desktop_ocr.gui.words import tr


def fill_menus(window: QMainWindow, jobs: JobActions, views: ViewActions, theme: Theme) -> None:
    """The menu bar."""
    bar = window.menuBar()
    _add(
        bar.addMenu(tr("&File")),
        [jobs.open_files, jobs.open_folder, None, jobs.export, jobs.export_all, None, jobs.quit],
    )
    _add(
        bar.addMenu(tr("&Edit")),
        [jobs.undo, None, jobs.paste, views.copy_page, None, jobs.select_all, jobs.remove],
    )
    document = bar.addMenu(tr("&Document"))
    _add(document, [jobs.hold, jobs.cancel, jobs.retry, None, jobs.pause_all, jobs.resume_all, None])
    _add(document, [jobs.show_file, None, jobs.free])
    view = bar.addMenu(tr("&View"))
    _add(view, [views.back, views.forward, views.first, views.last, views.failed, views.follow, None])
    _add(view, [views.zoom_in, views.zoom_out, views.actual, views.fit_width, views.fit_page, None, views.marks])
    view.addSeparator()
    view.addMenu(_appearance(window, theme))
    helps = bar.addMenu(tr("&Help"))
    shortcuts = QAction(tr("&Keyboard shortcuts"), window)
    shortcuts.setShortcut("F1")
    shortcuts.triggered.connect(lambda: show_shortcuts(window, [*jobs.all_actions(), *views.all_actions()]))
    about = QAction(tr("&About Desktop OCR"), window)
    about.setMenuRole(QAction.MenuRole.AboutRole)
    about.triggered.connect(lambda: show_about(window))
    _add(helps, [shortcuts, None, about])


def context_menu(jobs: JobActions) -> list[QAction | None]:
    """What a document's context menu offers."""
    return [jobs.hold, jobs.cancel, jobs.retry, None, jobs.export, jobs.show_file, None, jobs.remove]


def make_toolbar(window: QMainWindow, jobs: JobActions) -> QToolBar:
    """The toolbar; the main thing to do stands at its end."""
    bar = QToolBar(tr("Toolbar"), window)
    bar.setObjectName("toolbar")
    bar.setMovable(False)
    bar.setFloatable(False)
    bar.setIconSize(QSize(18, 18))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for action, words in (
        (jobs.open_files, tr("Open")),
        (jobs.paste, tr("Paste")),
        (None, ""),
        (jobs.hold, ""),
        (jobs.cancel, tr("Cancel")),
        (jobs.retry, tr("Try again")),
        (jobs.remove, tr("Remove")),
    ):
        if action is None:
            bar.addSeparator()
            continue
        if words:
            action.setIconText(words)
        bar.addAction(action)
        button = bar.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    space = QWidget()
    space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(space)
    jobs.free.setIconText(tr("Free memory"))
    bar.addAction(jobs.free)
    freeing = bar.widgetForAction(jobs.free)
    if isinstance(freeing, QToolButton):
        freeing.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    export = QToolButton()
    export.setObjectName("primary")
    export.setText(tr("Export"))
    export.setToolTip(jobs.export.toolTip())
    export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    icons.set_icon(export, "share", "on_accent")
    export.clicked.connect(jobs.export.trigger)
    export.setEnabled(jobs.export.isEnabled())
    jobs.export.enabledChanged.connect(export.setEnabled)
    bar.addSeparator()
    bar.addWidget(export)
    window.addToolBar(bar)
    return bar


def _add(menu: QMenu, actions: list[QAction | None]) -> None:
    for action in actions:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)


def _appearance(window: QMainWindow, theme: Theme) -> QMenu:
    menu = QMenu(tr("A&ppearance"), window)
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
