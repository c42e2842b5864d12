"""How a session's hosts are started: with the limits that the settings say at that moment, in its own folder."""

from __future__ import annotations

import logging
from pathlib import Path

from desktop_ocr.core.live import LiveSettings
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.confinement import ALL_WALLS, HostLimits
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)

LEAST_ADDRESS_MB = 500
"""The libraries alone take 150, an ordinary page 300: with less, nothing could be opened at all."""


def limits_of(settings: Settings, role: HostRole) -> HostLimits:
    """What a host may take; engine hosts get no users' files, and have a limit of their own."""
    if role is HostRole.DOCUMENT:
        space = max(LEAST_ADDRESS_MB, settings.document_limit_mb) if settings.document_limit_mb else 0
        return HostLimits(space, settings.document_files, settings.low_priority)
    return HostLimits(low_priority=settings.low_priority)


class HostStarter:
    """Starts hosts: call it with a role."""

    def __init__(self, live: LiveSettings, scratch: Path) -> None:
        """Hosts write what is temporary into `scratch`."""
        self._live = live
        self._scratch = scratch
        self._told: set[HostRole] = set()

    async def __call__(self, role: HostRole) -> HostProcess:
        """A host that has shaken hands.

        Raises:
            DesktopOcrError: it did not start, or is of another version.
        """
        host = await HostProcess.start(role, scratch=self._scratch, limits=limits_of(self._live.now, role))
        missing = ALL_WALLS.difference(host.walls)
        if missing and role not in self._told:
            self._told.add(role)
            log.warning("this system has no such limits for the %s process: %s", role, ", ".join(sorted(missing)))
        return host
