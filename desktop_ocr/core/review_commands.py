"""The part of `SessionApi` that is about looking at pages and correcting them."""

from __future__ import annotations

import logging

from desktop_ocr.core import finding
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.ledger import Ledger, PageKey
from desktop_ocr.core.ledger_versions import not_finished, stale
from desktop_ocr.schema.edits import AsRecognised, Doubt, Edit, FindQuery, Found, PageVersion, Replaced
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, unexpected
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text.editing import apply, title

log = logging.getLogger(__name__)

_TRIES = 3  # of replacing on a page that others change at the same time


class ReviewCommands:
    """Versions of pages; see `ReviewApi`. Each change is one transaction, and nobody comes in between."""

    _documents: Documents
    _ledger: Ledger

    async def version(self, job: int, page: int) -> PageVersion | None:
        """See `ReviewApi.version`."""
        key = self._documents.job(job).key
        return None if key is None else self._ledger.versions.current(key, page)

    async def recognised(self, job: int, page: int) -> PageResult | None:
        """See `ReviewApi.recognised`."""
        key = self._documents.job(job).key
        return None if key is None else self._ledger.recognised(key, page)

    async def edit(self, job: int, page: int, edit: Edit, *, base: int) -> PageVersion:
        """See `ReviewApi.edit`. What changes nothing makes no version."""
        key = self._key(job)
        before = self._ledger.versions.current(key, page)
        if before is None:
            raise not_finished()
        if before.number != base:
            raise stale()
        if isinstance(edit, AsRecognised):
            changed = None
            if not before.edited:
                return before
        else:
            changed = _changed(before.result, edit)
            if changed == before.result:
                return before
        return self._told(key, page, self._ledger.versions.add(key, page, changed, title(edit), on=base))

    async def undo(self, job: int, page: int) -> PageVersion:
        """See `ReviewApi.undo`."""
        key = self._key(job)
        return self._told(key, page, self._ledger.versions.undo(key, page))

    async def redo(self, job: int, page: int) -> PageVersion:
        """See `ReviewApi.redo`."""
        key = self._key(job)
        return self._told(key, page, self._ledger.versions.redo(key, page))

    async def keep_edited(self, job: int, page: int) -> PageVersion:
        """See `ReviewApi.keep_edited`."""
        return self._ledger.versions.settle(self._key(job), page)

    # --- finding ------------------------------------------------------------------------------------------

    async def find(self, job: int, query: FindQuery) -> Found:
        """See `ReviewApi.find`. Text that can be read is found, of pages that are not all finished too."""
        found = self._documents.job(job)
        if found.key is None:
            return Found()
        return await finding.find(self._ledger, found.key, list(found.chosen), query)

    async def replace(self, job: int, query: FindQuery, by: str, *, page: int | None = None) -> Replaced:
        """See `ReviewApi.replace`. Pages on which something is still being looked for are left as they are."""
        found = self._documents.job(job)
        places, pages = 0, []
        key, left = self._key(job), list(found.chosen) if page is None else [page]
        for _ in range(_TRIES):
            stale_ones = []
            async for at, number, edit, count in finding.replacements(self._ledger, key, left, query, by):
                try:
                    await self.edit(job, at, edit, base=number)
                except DesktopOcrError as error:
                    if error.code is not ErrorCode.EDIT_STALE:
                        raise
                    stale_ones.append(at)  # somebody has changed it just now: it is looked at again
                else:
                    places += count
                    pages.append(at)
            if not (left := stale_ones):
                break
        return Replaced(places, tuple(sorted(pages)))

    async def next_doubt(
        self, job: int, page: int, line: int, *, word: int = -1, below: float = 0.85, backwards: bool = False
    ) -> Doubt | None:
        """See `ReviewApi.next_doubt`."""
        found = self._documents.job(job)
        if found.key is None:
            return None
        pages = [at for at in found.chosen if (at <= page if backwards else at >= page)]
        return await finding.next_doubt(
            self._ledger,
            found.key,
            pages[::-1] if backwards else pages,
            Doubt(page, line, word),
            below,
            backwards=backwards,
        )

    # --- inside -------------------------------------------------------------------------------------------

    def _key(self, job: int) -> PageKey:
        """Of pages that are to be changed."""
        key = self._documents.own(job).key
        if key is None:
            raise not_finished()
        return key

    def _told(self, key: PageKey, page: int, version: PageVersion) -> PageVersion:
        self._documents.note_version(key, page, version)
        return version


def _changed(result: PageResult, edit: Edit) -> PageResult:
    if result.pending:
        raise DesktopOcrError(
            ErrorCode.USAGE,
            "Something is still being looked for on this page.",
            "Wait until the page is finished, then edit it.",
        )
    try:
        return apply(result, edit)
    except ValueError as error:
        log.exception("%s: what comes of it is no page, and is not stored", type(edit).__name__)
        raise unexpected(error) from error
