"""What a person is told of a damaged ledger: what was saved at the start, and damage that is met later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from desktop_ocr.core.ledger import Ledger
from desktop_ocr.schema.events import Event, Notice

MET = (
    "A part of the stored pages is damaged. Close Desktop OCR and start it again when it suits you: it sets the damaged"
    " file aside then, and saves what can be read of it."
)


def tell_damage(ledger: Ledger, emit: Callable[[Event], None]) -> None:
    """Say what had to be done to open the ledger, and from now on that damage was met. For the session's loop."""
    loop = asyncio.get_running_loop()

    def met() -> None:  # on whatever thread was reading
        loop.call_soon_threadsafe(emit, Notice(MET, error=True))

    ledger.when_damaged(met)
    if ledger.rescue is not None:
        emit(Notice(str(ledger.rescue), error=True))
