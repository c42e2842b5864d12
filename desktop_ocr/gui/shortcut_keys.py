"""What a combination of keys is to those who wait for it, and what to say where it cannot be had."""

from __future__ import annotations

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from desktop_ocr.gui.words import tr

COMMAND = "desktop-ocr capture"
_NAMED = {
    Qt.Key.Key_Print: "Print",
    Qt.Key.Key_Pause: "Pause",
    Qt.Key.Key_Insert: "Insert",
    Qt.Key.Key_Home: "Home",
    Qt.Key.Key_End: "End",
    Qt.Key.Key_PageUp: "Page_Up",
    Qt.Key.Key_PageDown: "Page_Down",
    Qt.Key.Key_Space: "space",
    **{Qt.Key(Qt.Key.Key_F1.value + at): f"F{at + 1}" for at in range(24)},
}


def how_else() -> str:
    """What to do where a program can have no keys of its own."""
    return tr(
        "Here a program cannot have keys of its own. In the desktop's settings for the keyboard, let a shortcut run: "
        "{command}"
    ).format(command=COMMAND)


def taken() -> str:
    """What to say of keys that another program has."""
    return tr("Another program has these keys already. Choose others.")


def unknown_keys() -> str:
    """What to say of keys that cannot be pressed."""
    return tr("This keyboard has no such keys.")


def only_combination(keys: str) -> QKeyCombination | None:
    """The one combination that a text names; None for several, for none, and for plain letters."""
    sequence = QKeySequence(keys)
    if sequence.count() != 1:
        return None
    combination: QKeyCombination = sequence[0]  # type: ignore[index]  # the stubs lack it
    strong = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    named = combination.key() in _NAMED and combination.key() is not Qt.Key.Key_Space
    if combination.key() is Qt.Key.Key_unknown or not (combination.keyboardModifiers() & strong or named):
        return None
    return combination


def keysym_name(key: Qt.Key) -> str:
    """X11's name for a key, which is xkbcommon's, too; "" for one that has none here."""
    if key in _NAMED:
        return _NAMED[key]
    if Qt.Key.Key_A.value <= key.value <= Qt.Key.Key_Z.value or Qt.Key.Key_0.value <= key.value <= Qt.Key.Key_9.value:
        return chr(key.value).lower()
    return ""
