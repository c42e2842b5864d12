"""Actions on documents: their texts, keys and icons, and when each can be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.job_model import ACTIVE_STATES
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.jobs import JobState, JobView


class JobActions(QObject):
    """Made once, shown in the toolbar, the menus and the context menu."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.open_files = self._action(self.tr("&Open files…"), "file-plus", QKeySequence.StandardKey.Open)
        self.open_folder = self._action(self.tr("Open &folder…"), "folder-open", "Ctrl+Shift+O")
        self.paste = self._action(self.tr("&Paste"), "clipboard-paste", QKeySequence.StandardKey.Paste)
        self.capture = self._action(self.tr("Capture te&xt from the screen…"), "scan-text", "Ctrl+Shift+X")
        self.capture.setToolTip(self.tr("Choose a region of the screen; its text goes to the clipboard (Ctrl+Shift+X)"))
        self.export = self._action(self.tr("&Export…"), "share", "Ctrl+E")
        self.export_all = self._action(self.tr("Export &all…"), "share", "Ctrl+Shift+E")
        self.quit = self._action(self.tr("&Quit"), "", "Ctrl+Q")
        self.select_all = self._action(self.tr("Select &all documents"), "", "Ctrl+Shift+A")
        self.hold = self._action(self.tr("Pa&use"), "pause", "Space", in_list=True)
        self.cancel = self._action(self.tr("&Cancel"), "ban", "Ctrl+.")
        self.retry = self._action(self.tr("&Try again"), "rotate-cw", "Ctrl+R")
        self.remove = self._action(self.tr("&Remove"), "trash-2", QKeySequence.StandardKey.Delete, in_list=True)
        self.undo = self._action(self.tr("&Undo remove"), "undo-2", QKeySequence.StandardKey.Undo)
        self.delete = self._action(self.tr("Delete &what was read…"), "", "Shift+Del", in_list=True)
        self.delete.setToolTip(self.tr("Delete what was read, from list and library (Shift+Del). Your file stays."))
        self.receipt = self._action(self.tr("S&how receipt…"), "", "Ctrl+I")
        self.receipt.setToolTip(self.tr("What became of the document's pages (Ctrl+I)"))
        self.library = self._action(self.tr("Li&brary"), "layers", "Ctrl+B")
        self.library.setCheckable(True)
        self.library.setToolTip(self.tr("Find words on all pages that were ever read (Ctrl+B)"))
        self.pause_all = self._action(self.tr("Pause a&ll"), "circle-pause", "")
        self.resume_all = self._action(self.tr("Go o&n with all"), "play", "")
        self.show_file = self._action(self.tr("&Show in folder"), "folder-open", "")
        self.locate = self._action(self.tr("Locate the &file…"), "search", "")
        self.locate.setToolTip(self.tr("Say where the document's file is now"))
        self.copy_all = self._action(self.tr("Copy te&xt of all pages"), "copy", "Ctrl+Alt+C")
        self.copy_markdown = self._action(self.tr("Copy all pages as Mar&kdown"), "", "")
        self.again_degraded = self._action(self.tr("Recognise pages with less &detail again"), "rotate-cw", "")
        self.recognition = self._action(self.tr("Reco&gnition of new documents…"), "sliders-horizontal", "Ctrl+T")
        self.recognition.setIconText(icons.beside(self.tr("Recognition")))
        self.recognition.setToolTip(self.tr("What is done with new documents, and the memory it takes (Ctrl+T)"))
        self.other_options = self._action(self.tr("Recognise with &other options…"), "", "Ctrl+Shift+T")
        self.models = self._action(self.tr("Mod&els…"), "package", "Ctrl+D")
        self.models.setToolTip(self.tr("The models on this computer, and those that can be had (Ctrl+D)"))
        self.free = self._action(self.tr("Free &memory"), "eraser", "Ctrl+Shift+M")
        self.memory = self._action(self.tr("Memor&y"), "memory-stick", "Ctrl+M")
        self.memory.setCheckable(True)
        self.memory.setToolTip(self.tr("Show what memory is used for (Ctrl+M)"))
        self.watched = self._action(self.tr("&Watched folders…"), "folder-input", "Ctrl+Shift+W")
        self.watched.setToolTip(self.tr("Folders whose documents are read by themselves (Ctrl+Shift+W)"))
        self.settings = self._action(self.tr("&Settings…"), "", "Ctrl+,")
        self.settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.diagnostics = self._action(self.tr("&Copy diagnostics…"), "copy", "")
        self.diagnostics.setToolTip(self.tr("What helps whoever looks into a fault; no text or name of a document"))
        self.show_logs = self._action(self.tr("Show &log folder"), "folder-open", "")
        self._gpu: bool | None = None
        self.name_free(gpu=False)
        self.remove.setToolTip(self.tr("Remove from the list (Del). Your file stays."))
        self.undo.setEnabled(False)
        self.update_for([], [])

    def _action(self, text: str, name: str, keys: str | QKeySequence.StandardKey, *, in_list: bool = False) -> QAction:
        action = QAction(text, self._window)
        plain = text.replace("&", "").rstrip("…")
        if keys != "":
            action.setShortcut(QKeySequence(keys))
            shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{plain} ({shown})")
        else:
            action.setToolTip(plain)
        if name:
            icons.set_icon(action, name)
        if in_list:
            # Space and Del mean something else where text is edited or a button has the focus.
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        else:
            self._window.addAction(action)
        return action

    def all_actions(self) -> list[QAction]:
        """Every action."""
        return [value for value in vars(self).values() if isinstance(value, QAction)]

    def attach_to_list(self, queue: QWidget) -> None:
        """Let the keys of documents work in their list."""
        for action in (self.hold, self.remove, self.delete):
            queue.addAction(action)

    def name_free(self, *, gpu: bool) -> bool:
        """Name the action that gives memory back by what there is to give back; whether that is new."""
        if gpu is self._gpu:
            return False
        self._gpu = gpu
        self.free.setText(self.tr("Free GPU &memory") if gpu else self.tr("Free &memory"))
        self.free.setIconText(icons.beside(self.free.text().replace("&", "")))
        keys = self.free.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        what = self.tr("End the helpers now and give back all their memory")
        if gpu:
            what = self.tr("End the helpers now and give back all their memory, the GPU's too")
        self.free.setToolTip(self.tr("{what} ({keys}); they return when needed").format(what=what, keys=keys))
        return True

    def update_for(self, selected: Sequence[JobView], everything: Sequence[JobView]) -> None:
        """Enable what makes sense for the selected documents, and for all of them."""
        goes_on = any(can_resume(view) for view in selected)
        runs = any(can_pause(view) for view in selected)
        resumes = goes_on and not runs
        self.hold.setText(self.tr("&Go on") if resumes else self.tr("Pa&use"))
        self.hold.setToolTip(
            self.tr("Go on with this document (Space)") if resumes else self.tr("Pause after the page in work (Space)")
        )
        self.hold.setIconText(icons.beside(self.hold.text().replace("&", "")))
        icons.set_icon(self.hold, "play" if resumes else "pause")
        self.hold.setEnabled(goes_on or runs)
        self.cancel.setEnabled(any(can_cancel(view) for view in selected))
        self.retry.setEnabled(any(can_retry(view) for view in selected))
        self.again_degraded.setEnabled(any(view.pages_degraded for view in selected if is_ours(view)))
        self.again_degraded.setVisible(any(view.pages_degraded for view in everything))
        ours = any(is_ours(view) for view in selected)
        self.remove.setEnabled(ours)
        self.delete.setEnabled(ours)
        self.receipt.setEnabled(len(selected) == 1 and selected[0].pages_total > 0)
        self.show_file.setEnabled(bool(selected))
        lost = len(selected) == 1 and is_lost(selected[0])
        self.locate.setVisible(lost)  # what is not to be seen cannot be enabled
        self.locate.setEnabled(lost)
        one = len(selected) == 1 and can_export(selected[0])
        self.copy_all.setEnabled(one)
        self.copy_markdown.setEnabled(one)
        self.other_options.setEnabled(ours)
        self.export.setEnabled(any(can_export(view) for view in selected))
        self.export_all.setEnabled(any(can_export(view) for view in everything))
        self.pause_all.setEnabled(any(can_pause(view) for view in everything))
        self.resume_all.setEnabled(any(is_paused(view) for view in everything))
        self.select_all.setEnabled(bool(everything))

    @property
    def resumes(self) -> bool:
        """Whether the pause action now says "Go on"."""
        return bool(self.hold.property("icon_name") == "play")


Check = Callable[[JobView], bool]


def is_ours(view: JobView) -> bool:
    """Whether something can be done with a job: no other running program works at it."""
    return not view.elsewhere


def is_paused(view: JobView) -> bool:
    """Whether a job is paused, and can go on."""
    return is_ours(view) and view.state is JobState.PAUSED


def can_pause(view: JobView) -> bool:
    """Whether a job is at work or waits for its turn."""
    return is_ours(view) and view.state in ACTIVE_STATES


def can_resume(view: JobView) -> bool:
    """Whether a job can go on."""
    return is_ours(view) and view.state in (JobState.PAUSED, JobState.CANCELLED)


def can_cancel(view: JobView) -> bool:
    """Whether there is something to cancel."""
    return can_pause(view) or (is_ours(view) and view.state in (JobState.PAUSED, JobState.NEEDS_PASSWORD))


def can_retry(view: JobView) -> bool:
    """Whether something failed."""
    return is_ours(view) and (view.state is JobState.FAILED or view.pages_failed > 0)


def is_lost(view: JobView) -> bool:
    """Whether a document's file is not where it was, or is another one."""
    return is_ours(view) and view.error is not None and view.error.code in (ErrorCode.NOT_FOUND, ErrorCode.FILE_CHANGED)


def can_export(view: JobView) -> bool:
    """Whether there is a page to export."""
    return view.pages_done + view.pages_partial > 0
