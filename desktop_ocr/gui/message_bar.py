"""The one door through which the window tells the user something: bars at the top of the content."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.schema.errors import ErrorInfo

MOST_BARS = 4
GOOD_NEWS_MS = 8000


class Tone(enum.StrEnum):
    """How a message is meant. The style sheet and the icons go by it."""

    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    DANGER = "danger"


_ICONS = {
    Tone.INFO: ("info", "accent"),
    Tone.GOOD: ("circle-check", "good"),
    Tone.WARNING: ("triangle-alert", "warning"),
    Tone.DANGER: ("circle-alert", "danger"),
}


@dataclass(frozen=True)
class Offer:
    """A button in a message: what it says and does. The message goes when it is pressed."""

    text: str
    act: Callable[[], None]


class MessageBar(QFrame):
    """One message; a `lasting` one stays until it is answered or untrue, and makes room for no other.

    Signals:
        gone: the bar itself: it was answered, closed or has timed out.
    """

    gone = Signal(object)

    def __init__(
        self, tone: Tone, text: str, offers: Sequence[Offer] = (), closable: bool = True, *, lasting: bool = False
    ) -> None:
        super().__init__()
        self.setObjectName("message")
        self.setProperty("tone", tone.value)
        self.text = text
        self.closable = closable
        self.lasting = lasting
        self._over = False
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(10)
        self._picture = QLabel()
        icons.set_icon(self._picture, *_ICONS[tone], 18)
        self._picture.setFixedWidth(20)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignVCenter)
        self.label = QLabel(text)
        self.label.setTextFormat(Qt.TextFormat.PlainText)  # names of files must not be taken for markup
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        row.addWidget(self.label, 1)
        self.setAccessibleName(text)
        self.buttons: list[QPushButton] = []
        for offer in offers:
            button = QPushButton(offer.text)
            button.clicked.connect(self._acting(offer))
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
            self.buttons.append(button)
        if closable:
            close = QToolButton()
            close.setToolTip(self.tr("Close this message"))
            close.setAccessibleName(self.tr("Close this message"))
            icons.set_icon(close, "x", "muted")
            close.clicked.connect(self.leave)
            row.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)

    def _acting(self, offer: Offer) -> Callable[[], None]:
        def act() -> None:
            self.leave()
            offer.act()

        return act

    def leave(self) -> None:
        """Go away; who started it may say so again when it has gone already."""
        if not self._over:
            self._over = True
            self.gone.emit(self)

    @property
    def over(self) -> bool:
        """Whether it has gone."""
        return self._over

    def set_tone(self, tone: Tone) -> None:
        """Mean it otherwise."""
        if self._over or self.property("tone") == tone.value:
            return
        self.setProperty("tone", tone.value)
        icons.set_icon(self._picture, *_ICONS[tone], 18)
        for widget in (self, self.label):  # the style sheet is asked again
            widget.style().unpolish(widget)
            widget.style().polish(widget)

    def set_text(self, text: str) -> None:
        """Say something else, for progress."""
        if self._over or text == self.text:  # its labels may be destroyed already
            return
        self.text = text
        self.label.setText(text)
        self.setAccessibleName(text)


class MessageBars(QWidget):
    """The stack of messages; the newest is on top, the oldest make room."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._bars: list[MessageBar] = []
        self.hide()

    def show_error(self, info: ErrorInfo) -> None:
        """An error that a person can act on."""
        self.say(str(info), Tone.DANGER)

    def say(
        self,
        text: str,
        tone: Tone = Tone.INFO,
        offers: Sequence[Offer] = (),
        *,
        fading: bool = False,
        closable: bool = True,
    ) -> MessageBar:
        """Show a message; `fading` ones go by themselves. The same message is not shown twice.

        One that cannot be closed belongs to whoever said it (progress, an offer to undo): it is that one's alone,
        and makes room for nobody.
        """
        for bar in self._bars:
            if closable and bar.closable and not bar.lasting and bar.text == text:
                return bar
        closables = [bar for bar in self._bars if bar.closable and not bar.lasting]
        for bar in closables[: max(0, len(self._bars) - MOST_BARS + 1)]:
            bar.leave()
        return self.put(MessageBar(tone, text, offers, closable), fading=fading)

    def put(self, bar: MessageBar, *, fading: bool = False) -> MessageBar:
        """Show a bar made by somebody else."""
        bar.gone.connect(self._close)
        self._bars.append(bar)
        self._column.insertWidget(0, bar)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(bar, QAccessible.Event.Alert))  # screen readers say it
        if fading:
            QTimer.singleShot(GOOD_NEWS_MS, bar, bar.leave)
        return bar

    def texts(self) -> list[str]:
        """What is being said, newest first."""
        return [bar.text for bar in reversed(self._bars)]

    def bars(self) -> list[MessageBar]:
        """The bars shown, newest first."""
        return list(reversed(self._bars))

    def _close(self, bar: MessageBar) -> None:
        if bar in self._bars:
            self._bars.remove(bar)
            bar.hide()
            self._column.removeWidget(bar)
            bar.deleteLater()
        self.setVisible(bool(self._bars))
