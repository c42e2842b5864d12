"""The menu of what is done with new documents, and the memory that each of it costs on this machine."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from desktop_ocr.gui.configuration import SettingsKeeper
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import memory_words, tr
from desktop_ocr.schema.settings import Settings


class FeatureMenu(QMenu):
    """Switches for `JobOptions`; those of documents in the list stay as they are."""

    def __init__(self, keeper: SettingsKeeper, tasks: Tasks, settings: QAction, window: QWidget) -> None:
        super().__init__(tr("&Recognition"), window)
        self._keeper = keeper
        self._tasks = tasks
        self._words = {
            "orientation": tr("Turn pages &upright"),
            "layout": tr("Find &headings, tables and columns"),
        }
        self._switches: dict[str, QAction] = {}
        heading = self.addAction(tr("For new documents:"))
        heading.setEnabled(False)
        for name, words in self._words.items():
            switch = self.addAction(words)
            switch.setCheckable(True)
            switch.triggered.connect(lambda on, feature=name: keeper.set_options(**{feature: on}))
            self._switches[name] = switch
        self.addSeparator()
        self.addAction(settings)
        self.aboutToShow.connect(lambda: tasks.start(self._learn_costs()))
        keeper.changed.connect(self._show)
        self._show(keeper.settings)

    def switch(self, name: str) -> QAction:
        """The switch of a feature, by its name in `JobOptions`."""
        return self._switches[name]

    def _show(self, settings: Settings) -> None:
        for name, switch in self._switches.items():
            switch.setChecked(bool(getattr(settings.options, name)))

    async def _learn_costs(self) -> None:
        stats = await self._keeper.ask_stats()
        for name, switch in self._switches.items():
            words = self._words[name]
            cost = stats.feature_mb.get(name) if stats is not None else None
            if cost:
                words = tr("{feature}  (about {mb})").format(feature=words, mb=memory_words(cost))
            if switch.text() != words:
                switch.setText(words)
