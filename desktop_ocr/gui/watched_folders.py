"""What the window knows of the watched folders."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from desktop_ocr.schema.watching import WatchedView


class WatchedFolders(QObject):
    """All watched folders by their ids, in the order of their paths.

    Signals:
        changed: one is new, gone, or not what it was.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._views: dict[str, WatchedView] = {}
        self._gone: set[str] = set()  # what is still told of one that is watched no more is of no use
        self.known = False

    def learn(self, views: Iterable[WatchedView]) -> None:
        """These are all."""
        self._views = {view.folder.id: view for view in views if view.folder.id not in self._gone}
        self.known = True
        self.changed.emit()

    def take(self, view: WatchedView) -> WatchedView | None:
        """One has changed; what was known of it before."""
        before = self._views.get(view.folder.id)
        if view.folder.id not in self._gone and view != before:
            self._views[view.folder.id] = view
            self.changed.emit()
        return before

    def drop(self, folder: str) -> None:
        """One is watched no more."""
        self._gone.add(folder)
        if self._views.pop(folder, None) is not None:
            self.changed.emit()

    def get(self, folder: str) -> WatchedView | None:
        """One by its id."""
        return self._views.get(folder)

    def all(self) -> list[WatchedView]:
        """All of them."""
        return sorted(self._views.values(), key=lambda view: view.folder.path.casefold())
