"""Messages about memory: what was given back, what waits because of it, and how short it is."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.memory_commands import MemoryCommands
from desktop_ocr.gui.memory_words import freed_words, held_words, pressure_words, still_words
from desktop_ocr.gui.message_bar import MessageBar, MessageBars, Offer, Tone
from desktop_ocr.schema.events import Freed, WorkHeld
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.memory import Pressure, PressureLevel

_ORDER = (PressureLevel.NORMAL, PressureLevel.WARNING, PressureLevel.CRITICAL)


def rank(pressure: Pressure) -> int:
    """How bad it is: 0 for enough memory, 3 for an emergency."""
    return len(_ORDER) if pressure.emergency else _ORDER.index(pressure.level)


class MemoryNews(QObject):
    """Keeps one bar for held work and one for pressure, each up to date as long as it is true."""

    def __init__(self, bars: MessageBars, commands: MemoryCommands, model: JobModel, parent: QObject) -> None:
        super().__init__(parent)
        self._bars = bars
        self._commands = commands
        self._model = model
        self._held: tuple[int, ...] = ()
        self._held_bar: MessageBar | None = None
        self._pressure = Pressure()
        self._pressure_bar: MessageBar | None = None
        self._silent = 0  # the user has closed a message of this rank

    # --- memory that was given back -------------------------------------------------------------------------

    def freed(self, event: Freed) -> None:
        """Say how much was given back, whoever wanted it."""
        self._bars.say(freed_words(event.report), Tone.GOOD, fading=True)

    def held(self, event: WorkHeld) -> None:
        """Documents wait for the user."""
        self._held = event.jobs
        if not event.jobs:
            self.resumed()
            return
        self._show_held(event.text or held_words(len(event.jobs)))

    def resumed(self) -> None:
        """They go on."""
        self._held = ()
        if self._held_bar is not None:
            self._held_bar.leave()
            self._held_bar = None

    def jobs_changed(self) -> None:
        """Held documents may have been resumed, or removed, by other means."""
        if not self._held:
            return
        still = tuple(
            job for job in self._held if (view := self._model.view(job)) is not None and view.state is JobState.PAUSED
        )
        if not still:
            self.resumed()
        elif still != self._held:
            self._held = still
            if self._held_bar is not None:
                self._held_bar.set_text(still_words(len(still)))

    def _show_held(self, text: str) -> None:
        if self._held_bar is not None and not self._held_bar.over:
            self._held_bar.set_text(text)
            return
        resume = Offer(self.tr("&Resume"), self._commands.resume_work)
        self._held_bar = self._bars.put(MessageBar(Tone.INFO, text, [resume], lasting=True))

    # --- pressure -------------------------------------------------------------------------------------------

    def pressure(self, pressure: Pressure) -> None:
        """One bar, kept up to date; who closes it hears of it again when it gets worse, or is short anew."""
        before, self._pressure = rank(self._pressure), pressure
        bar = self._pressure_bar
        if bar is not None and bar.over:
            self._silent = max(self._silent, before)
            bar = self._pressure_bar = None
        if rank(pressure) == 0:
            self._silent = 0
            if bar is not None:
                bar.leave()
            self._pressure_bar = None
            return
        if bar is None and rank(pressure) <= self._silent:
            return
        tone = Tone.WARNING if pressure.level is not PressureLevel.CRITICAL and not pressure.emergency else Tone.DANGER
        text = pressure_words(pressure)
        if bar is None:
            offers = [
                Offer(self.tr("Free &memory"), self._commands.free),
                Offer(self.tr("Go on an&yway"), self._commands.go_on_anyway),
            ]
            bar = self._pressure_bar = self._bars.put(MessageBar(tone, text, offers, lasting=True))
        else:
            bar.set_text(text)
            bar.set_tone(tone)
        bar.buttons[1].setVisible(pressure.deferred)
