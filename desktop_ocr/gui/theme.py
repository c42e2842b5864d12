"""Colours, palette and style sheet, light and dark, following the system.

Widgets that paint for themselves ask `current_colours()`: nothing holds a second copy of which it is.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop_ocr.gui.style_sheet import STYLE_SHEET

ICONS = Path(__file__).with_name("icons")


class Appearance(enum.StrEnum):
    """What the user asked for. The values are stored."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Colours:
    """The program's colours as #rrggbb, by role."""

    window: str
    base: str
    raised: str
    text: str
    muted: str
    border: str
    strong_border: str
    hover: str
    pressed: str
    selected: str
    accent: str
    accent_hover: str
    on_accent: str
    canvas: str
    track: str
    amber: str
    good: str
    warning: str
    danger: str
    first_gpu: str
    second_gpu: str
    info_back: str
    good_back: str
    warning_back: str
    danger_back: str

    def colour(self, role: str) -> QColor:
        """The colour of a role, for painting."""
        return QColor(getattr(self, role))


# Text on every background here has a contrast of at least 4.5 : 1; `muted` too (tests/gui/test_parts.py).
LIGHT = Colours(
    window="#f5f6f8",
    base="#ffffff",
    raised="#ffffff",
    text="#1b2130",
    muted="#5b6475",
    border="#dde1e8",
    strong_border="#c3c9d4",
    hover="#e9ecf2",
    pressed="#dde2eb",
    selected="#e3ecfd",
    accent="#2563d9",
    accent_hover="#1d54bd",
    on_accent="#ffffff",
    canvas="#e7eaef",
    track="#dfe3ea",
    amber="#dd9416",
    good="#197a45",
    warning="#8f5a00",
    danger="#c02a32",
    first_gpu="#0f8a7e",
    second_gpu="#8b3fc7",
    info_back="#e6effe",
    good_back="#e3f5ea",
    warning_back="#fdf1d9",
    danger_back="#fde8e8",
)
DARK = Colours(
    window="#1b1e24",
    base="#22262e",
    raised="#2a2f38",
    text="#e7eaf0",
    muted="#a3acbb",
    border="#343a45",
    strong_border="#4a5260",
    hover="#2f3540",
    pressed="#3a4150",
    selected="#2a3b5c",
    accent="#7aa7ff",
    accent_hover="#98bbff",
    on_accent="#10182a",
    canvas="#14161b",
    track="#3a414d",
    amber="#d9a441",
    good="#6fd19a",
    warning="#f0bd62",
    danger="#ff8f8f",
    first_gpu="#45c4b0",
    second_gpu="#c79bf2",
    info_back="#22314d",
    good_back="#1e3a2b",
    warning_back="#40331a",
    danger_back="#472629",
)


def colours_for(palette: QPalette) -> Colours:
    """The colours that go with a palette."""
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def current_colours() -> Colours:
    """The colours in use.

    Asked of the application: a widget's own palette may have been changed by the style sheet.
    """
    return colours_for(QGuiApplication.palette())


def palette_of(colours: Colours) -> QPalette:
    """The palette from which Qt's own widgets paint themselves."""
    palette = QPalette()
    role = QPalette.ColorRole
    for target, name in (
        (role.Window, "window"),
        (role.WindowText, "text"),
        (role.Base, "base"),
        (role.AlternateBase, "window"),
        (role.Text, "text"),
        (role.Button, "raised"),
        (role.ButtonText, "text"),
        (role.BrightText, "danger"),
        (role.ToolTipBase, "raised"),
        (role.ToolTipText, "text"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.PlaceholderText, "muted"),
        (role.Light, "raised"),
        (role.Midlight, "hover"),
        (role.Mid, "strong_border"),
        (role.Dark, "strong_border"),
        (role.Shadow, "canvas"),
        (role.Accent, "accent"),
    ):
        palette.setColor(target, colours.colour(name))
    faint = blend(colours.colour("muted"), colours.colour("window"), 0.45)
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, faint)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, colours.colour("track"))
    return palette


def blend(first: QColor, second: QColor, share: float) -> QColor:
    """A colour `share` of the way from the first to the second."""
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * share,
        first.greenF() + (second.greenF() - first.greenF()) * share,
        first.blueF() + (second.blueF() - first.blueF()) * share,
    )


class Theme(QObject):
    """Dresses the application, and again when the system or the user changes between light and dark."""

    changed = Signal()

    def __init__(self, app: QApplication, appearance: Appearance = Appearance.SYSTEM) -> None:
        super().__init__(app)
        self._app = app
        self._appearance = appearance
        # Fusion looks the same everywhere and takes every colour from the palette; native styles do not.
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._dress)
        self._dress()

    @property
    def appearance(self) -> Appearance:
        """What the user asked for."""
        return self._appearance

    def set_appearance(self, appearance: Appearance) -> None:
        """Follow the system, or stay light or dark."""
        self._appearance = appearance
        self._dress()

    def _dark(self) -> bool:
        if self._appearance is Appearance.SYSTEM:
            return self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self._appearance is Appearance.DARK

    def _dress(self) -> None:
        colours = DARK if self._dark() else LIGHT
        self._app.setPalette(palette_of(colours))
        values = {name: getattr(colours, name) for name in Colours.__dataclass_fields__}
        values["check"] = (ICONS / f"check-{'dark' if colours is DARK else 'light'}.svg").as_posix()
        self._app.setStyleSheet(Template(STYLE_SHEET).substitute(values))
        self.changed.emit()
