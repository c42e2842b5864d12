"""Icons: small SVG files (Lucide, ISC licence) tinted with the theme's colours.

qtawesome would parse all its fonts at the first icon: 0.4 s and 40 MB, measured; these take 10 ms.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from desktop_ocr.gui.theme import ICONS, Colours, blend, current_colours

SIZES = (16, 18)  # of menus and buttons, and of the toolbar

_NAME = "icon_name"
_ROLE = "icon_role"
_SIZE = "icon_size"


@lru_cache(maxsize=64)
def _source(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def pixmap(name: str, size: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """An icon of `size` logical pixels in a colour (#rrggbb), sharp at a device pixel ratio."""
    svg = _source(name).replace("currentColor", colour)
    if size >= 40:  # a stroke of two units looks heavy when the icon is drawn large
        svg = svg.replace('stroke-width="2"', 'stroke-width="1.4"')
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, colours: Colours, role: str = "text") -> QIcon:
    """An icon for buttons and menus, with its disabled look, as sharp as the screens allow."""
    made = QIcon()
    colour = getattr(colours, role)
    faint = blend(QColor(colours.muted), QColor(colours.window), 0.5).name()
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    for size in SIZES:
        plain = pixmap(name, size, colour, ratio)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # the style would else tint that of a chosen row
            made.addPixmap(plain, mode)
        made.addPixmap(pixmap(name, size, faint, ratio), QIcon.Mode.Disabled)
    return made


def beside(text: str) -> str:
    """A button's text with some air between it and its icon: the style leaves next to none."""
    return f"\u00a0{text}"


def set_icon(target: QAction | QAbstractButton | QLabel, name: str, role: str = "text", size: int = 16) -> None:
    """Give an action, button or label an icon, which `retint` renews when the theme changes.

    `size` matters for labels only.
    """
    target.setProperty(_NAME, name)
    target.setProperty(_ROLE, role)
    target.setProperty(_SIZE, size)
    _tint(target)


def _tint(target: QObject) -> None:
    name = target.property(_NAME)
    if not name:
        return
    role = target.property(_ROLE)
    if isinstance(target, QLabel):
        colours = current_colours()
        ratio = target.devicePixelRatioF()
        target.setPixmap(pixmap(name, int(target.property(_SIZE)), getattr(colours, role), ratio))
    elif isinstance(target, QAbstractButton | QAction):
        target.setIcon(icon(name, current_colours(), role))


def retint(root: QWidget) -> None:
    """Renew all icons below a widget in the present theme's colours."""
    for kind in (QAction, QAbstractButton, QLabel):
        for target in root.findChildren(kind):
            _tint(target)


def program_icon() -> QIcon:
    """The program's own icon."""
    made = QIcon()
    for size in (32, 128):
        made.addPixmap(pixmap("app", size, "#000000"))
    return made


def forget() -> None:
    """Let the pictures go before the application does: Qt wants it so."""
    pixmap.cache_clear()
