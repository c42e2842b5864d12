"""The part of `SessionApi` that is about exports."""

from __future__ import annotations

from collections.abc import Callable

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.exports import Exports
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.schema.exports import ExportMade, ExportWish, FormatInfo


class ExportCommands:
    """Hands them on."""

    _documents: Documents
    _exports: Exports
    _ledger: Ledger

    async def export(
        self,
        job: int,
        wish: ExportWish,
        *,
        full_name: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[ExportOutcome]:
        """See `SessionApi.export`."""
        return await self._exports.export(self._documents.job(job), wish, full_name=full_name, progress=progress)

    async def exports_made(self, job: int) -> list[ExportMade]:
        """See `BackgroundApi.exports_made`."""
        return self._ledger.exports.of(job)

    async def export_formats(self) -> list[FormatInfo]:
        """See `SessionApi.export_formats`."""
        return list(await self._exports.formats.all())
