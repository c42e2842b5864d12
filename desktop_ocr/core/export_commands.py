"""The part of `SessionApi` that is about exports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.exporter import Exporter, target_name
from desktop_ocr.schema.exports import FORMATS, ExportWish, FormatInfo


class ExportCommands:
    """Hands them on to the exporter."""

    _documents: Documents
    _exporter: Exporter

    async def export(
        self,
        job: int,
        wish: ExportWish,
        *,
        full_name: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[ExportOutcome]:
        """See `SessionApi.export`."""
        del progress
        found = self._documents.job(job)
        return [
            await self._exporter.export(
                found,
                kind,
                target_name(found.path, kind, Path(wish.folder), full_name=full_name),
                overwrite=wish.overwrite,
            )
            for kind in wish.formats
        ]

    async def export_formats(self) -> list[FormatInfo]:
        """See `SessionApi.export_formats`."""
        return list(FORMATS)
