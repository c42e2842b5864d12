"""The part of `SessionApi` that goes back to a document's file: pictures, another reading, another place."""

from __future__ import annotations

import os
from pathlib import Path

from desktop_ocr.core.api import PagePicture
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.freeing import Freer
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.ledger_rows import is_lost
from desktop_ocr.core.names import is_text
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.pictures import PictureMaker
from desktop_ocr.core.trying import PageTrial
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.results import Box, PageResult

_LOST = frozenset({ErrorCode.NOT_FOUND, ErrorCode.NO_PERMISSION, ErrorCode.FILE_CHANGED})
"""Why a document waits for its file."""


class RerunCommands:
    """Hands them on, with the page's own way up where it is known."""

    _documents: Documents
    _freer: Freer
    _ledger: Ledger
    _opener: Opener
    _pictures: PictureMaker
    _trial: PageTrial

    async def picture(
        self, job: int, page: int, max_width: int, max_height: int, region: Box | None = None
    ) -> PagePicture:
        """See `SessionApi.picture`."""
        found = self._documents.job(job)
        result = None if found.key is None else self._ledger.result(found.key, page)
        rotation = result.rotation if result else 0
        return await self._pictures.of_page(found, page, (max_width, max_height), rotation, region)

    async def try_page(self, job: int, page: int, options: JobOptions, region: Box | None = None) -> PageResult:
        """See `ReviewApi.try_page`."""
        return await self._trial.read(self._documents.own(job), page, options, region)

    async def relocate(self, job: int, path: Path) -> None:
        """See `ReviewApi.relocate`. A document that has stopped for want of its file goes on."""
        path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links, and the name is the user's
        if not is_text(path):
            raise DesktopOcrError(
                ErrorCode.NOT_FOUND, "The file's name is not text in UTF-8, so that it cannot be kept.", "Rename it."
            )
        stamp = await self._opener.inspect_at(self._documents.own(job), path)
        found = self._documents.own(job)  # other options may have made another of it meanwhile
        self._ledger.files.move(job, str(path))
        found.path, found.stamp, found.other = path, stamp, None
        unknown = found.info is not None and is_lost(found.info.sha256)  # what it is is to be noted
        if unknown or found.state is JobState.FAILED or (found.error is not None and found.error.code in _LOST):
            self._documents.reopen(found)
            self._freer.forget(job)
        else:
            self._documents.show(found)
