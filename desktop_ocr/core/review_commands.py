"""The part of `SessionApi` that is about looking at pages and correcting them."""

from __future__ import annotations

from desktop_ocr.core.documents import Documents
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.schema.edits import PageVersion


class ReviewCommands:
    """Versions of pages; see `ReviewApi`."""

    _documents: Documents
    _ledger: Ledger

    async def version(self, job: int, page: int) -> PageVersion | None:
        """See `ReviewApi.version`."""
        key = self._documents.job(job).key
        result = None if key is None else self._ledger.result(key, page)
        return None if result is None else PageVersion(result)
