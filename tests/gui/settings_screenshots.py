"""Draws the settings dialog's pages into PNG files, for looking at them:

    python -m tests.gui.settings_screenshots FOLDER [light|dark]

With QT_SCALE_FACTOR=2 the pictures are those of a high-density screen.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.settings_dialog import SettingsDialog
from desktop_ocr.gui.settings_editors import Choice
from desktop_ocr.gui.theme import Appearance, Theme
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.settings import FallbackStep, Settings

CHANGED = Settings(
    options=JobOptions(dpi=300, layout=False),
    device="gpu:1",
    max_predictions=4,
    leak_mb_per_page=2.5,
    ram_budget_mb=6000,
    fallback=(FallbackStep.CPU, FallbackStep.SMALLER_SIDE),
    page_seconds=90.5,
)


def settle() -> None:
    """Let Qt lay out and paint."""
    loop = QEventLoop()
    QTimer.singleShot(200, loop.quit)
    loop.exec()


def take_all(folder: Path, name: str) -> None:
    """All pictures."""

    def shot(widget: QWidget, what: str) -> None:
        settle()
        widget.grab().save(str(folder / f"{name}-settings-{what}.png"))

    costs = {"layout": 142.0, "orientation": 31.0}
    file = Path.home() / ".config" / "desktop-ocr" / "settings.toml"
    dialog = SettingsDialog(Settings(), devices=("cpu", "gpu:0"), file=file, feature_mb=costs)
    dialog.open()
    for number, page in enumerate(dialog.pages):
        dialog.sections.setCurrentRow(number)
        shot(dialog, f"{number}-{page.sheet.section}")
    dialog.close()

    dialog = SettingsDialog(CHANGED, devices=("cpu", "gpu:0"), file=file, feature_mb=costs)
    dialog.open()
    for number, page in enumerate(dialog.pages):
        dialog.sections.setCurrentRow(number)
        page.more.setChecked(True)
        shot(dialog, f"{number}-{page.sheet.section}-changed")
        page.area.verticalScrollBar().setValue(page.area.verticalScrollBar().maximum())
        shot(dialog, f"{number}-{page.sheet.section}-changed-end")
    dialog.show_setting("device")
    device = dialog.rows["device"].editor
    assert isinstance(device, Choice)
    device.showPopup()
    shot(device.view().window(), "choices")
    device.hidePopup()
    dialog.close()

    wrong = msgspec.structs.replace(CHANGED, warning=0.96, detection_side=500)
    dialog = SettingsDialog(wrong, devices=("cpu", "gpu:0"), file=Path("/srv") / ("deep-" * 30) / "settings.toml")
    dialog.open()
    dialog.show_setting("critical")
    shot(dialog, "wrong")
    dialog.resize(dialog.minimumSize())
    settle()
    dialog.show_setting("smallest_side")
    shot(dialog, "wrong-small")
    dialog.close()


def main() -> int:
    """Run."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    appearance = Appearance(sys.argv[2] if len(sys.argv) > 2 else "light")
    theme = Theme(app, appearance)
    take_all(folder, theme.appearance.value)
    icons.forget()
    return 0


if __name__ == "__main__":
    sys.exit(main())
