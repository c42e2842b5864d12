"""The settings, as they are now."""

from __future__ import annotations

from desktop_ocr.schema.settings import Settings


class LiveSettings:
    """Shared by the parts of a session: who reads `now` each time works by what the user has set last."""

    def __init__(self, settings: Settings) -> None:
        """Begin with these."""
        self.now = settings
