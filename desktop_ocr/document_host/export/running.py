"""The exports in the making, by the number the parent gave them."""

from __future__ import annotations

import atexit
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop_ocr.document_host.export.placing import TemporaryFile, writing_error
from desktop_ocr.document_host.export.registry import Export, ExportContext, export_format
from desktop_ocr.schema.document_messages import Exported, ExportPage, StartExport
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


@dataclass
class _Running:
    export: Export
    file: TemporaryFile
    overwrite: bool
    next_page: int = 0

    def end(self) -> None:
        try:
            self.export.close()
        finally:
            self.file.discard()


class RunningExports:
    """Exports between `StartExport` and `FinishExport`. Whatever fails, its temporary file goes."""

    def __init__(self) -> None:
        """None yet; at the process' normal end what is unfinished is deleted."""
        self._running: dict[int, _Running] = {}
        atexit.register(self.close)

    def start(self, request: StartExport) -> None:
        """Begin an output file.

        Raises:
            DesktopOcrError: it cannot be begun; nothing is left of it.
        """
        self.drop(request.export)
        with _as_writing_errors():
            format_ = export_format(request.format)
            file = TemporaryFile(Path(request.target))
            try:
                export = format_.begin(ExportContext(request.source, request.pages, file.path))
            except BaseException:
                file.discard()
                raise
        self._running[request.export] = _Running(export, file, request.overwrite)

    def add_page(self, request: ExportPage) -> None:
        """Add the next page.

        Raises:
            DesktopOcrError: the export has failed; nothing is left of it.
        """
        running = self._get(request.export)
        with self._dropped_on_error(request.export):
            if request.page < running.next_page:
                raise DesktopOcrError(ErrorCode.PROTOCOL, "The pages of an export came out of order.")
            running.export.add_page(request.page, request.result, request.error)
            running.next_page = request.page + 1

    def finish(self, number: int) -> Exported:
        """Write the output file and put it in its place.

        Raises:
            DesktopOcrError: the export has failed; nothing is left of it.
        """
        running = self._get(number)
        with self._dropped_on_error(number):
            running.export.finish()
            running.export.close()
            path, unchanged = running.file.place(overwrite=running.overwrite)
            size = path.stat().st_size
        del self._running[number]
        return Exported(str(path), size, unchanged)

    def drop(self, number: int) -> None:
        """Forget an export and delete what was written of it; one that is not there is forgotten already."""
        if running := self._running.pop(number, None):
            running.end()

    def close(self) -> None:
        """Drop all of them."""
        for number in list(self._running):
            self.drop(number)

    def _get(self, number: int) -> _Running:
        if number not in self._running:
            raise DesktopOcrError(ErrorCode.PROTOCOL, "There is no such export.", "Export again.")
        return self._running[number]

    @contextlib.contextmanager
    def _dropped_on_error(self, number: int) -> Iterator[None]:
        try:
            with _as_writing_errors():
                yield
        except BaseException:
            self.drop(number)
            raise


@contextlib.contextmanager
def _as_writing_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise writing_error(error) from error
