"""The exports in the making, by the number the parent gave them."""

from __future__ import annotations

import atexit
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop_ocr.document_host.export import third_parties
from desktop_ocr.document_host.export.cutting import PictureCutter
from desktop_ocr.document_host.export.output_files import OutputFiles
from desktop_ocr.document_host.export.placing import writing_error
from desktop_ocr.document_host.export.registry import Export, export_format, is_ours
from desktop_ocr.document_host.export.workbench import Workbench
from desktop_ocr.document_host.open_documents import OpenDocuments
from desktop_ocr.schema.document_messages import Exported, ExportPage, StartExport
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


@dataclass
class _Running:
    format: str
    export: Export
    files: OutputFiles
    bench: Workbench
    overwrite: bool
    foreign: frozenset[str]
    next_page: int = 0

    def end(self) -> None:
        try:
            with _as_told(self.format):
                self.export.close()
        finally:
            self.files.discard()


class RunningExports:
    """Exports between `StartExport` and `FinishExport`. Whatever fails, its temporary files go."""

    def __init__(self, documents: OpenDocuments | None = None) -> None:
        """None yet; at the process' normal end what is unfinished is deleted.

        Args:
            documents: where the documents are opened whose pictures are wanted.
        """
        self._running: dict[int, _Running] = {}
        self._cutter = PictureCutter(documents or OpenDocuments())
        atexit.register(self.close)

    def start(self, request: StartExport) -> None:
        """Begin an output file.

        Raises:
            DesktopOcrError: it cannot be begun; nothing is left of it.
        """
        self.drop(request.export)
        with _as_told(request.format):
            format_ = export_format(request.format)
            files = OutputFiles(Path(request.target), format_.suffix)
            bench = Workbench(request, files, self._cutter)
            try:
                export = format_.begin(bench)
            except BaseException:
                files.discard()
                raise
        self._running[request.export] = _Running(
            request.format, export, files, bench, request.overwrite, frozenset(request.others)
        )

    def add_page(self, request: ExportPage) -> None:
        """Add the next page.

        Raises:
            DesktopOcrError: the export has failed; nothing is left of it.
        """
        running = self._get(request.export)
        with self._dropped_on_error(running, request.export):
            if request.page < running.next_page:
                raise DesktopOcrError(ErrorCode.PROTOCOL, "The pages of an export came out of order.")
            running.export.add_page(request.page, request.result, request.error)
            running.next_page = request.page + 1

    def finish(self, number: int) -> Exported:
        """Write the output files and put them in their places.

        Raises:
            DesktopOcrError: the export has failed; nothing is left of it.
        """
        running = self._get(number)
        with self._dropped_on_error(running, number):
            running.export.finish()
            running.export.close()
            placed = running.files.place(overwrite=running.overwrite, foreign=running.foreign)
        del self._running[number]
        self._cutter.forget()
        others = tuple(map(str, placed.others))
        return Exported(str(placed.path), placed.size, placed.unchanged, others, running.bench.notes)

    def drop(self, number: int) -> None:
        """Forget an export and delete what was written of it; one that is not there is forgotten already."""
        self._cutter.forget()
        if running := self._running.pop(number, None):
            running.end()

    def close(self) -> None:
        """Drop all of them."""
        for number in list(self._running):
            with contextlib.suppress(DesktopOcrError):  # another package's format that cannot even close its file
                self.drop(number)

    def _get(self, number: int) -> _Running:
        if number not in self._running:
            raise DesktopOcrError(ErrorCode.PROTOCOL, "There is no such export.", "Export again.")
        return self._running[number]

    @contextlib.contextmanager
    def _dropped_on_error(self, running: _Running, number: int) -> Iterator[None]:
        try:
            with _as_told(running.format):
                yield
        except BaseException:
            self.drop(number)
            raise


@contextlib.contextmanager
def _as_told(format_: str) -> Iterator[None]:
    """Errors of the system, and of other packages' formats, as they are told."""
    try:
        yield
    except OSError as error:
        raise writing_error(error) from error
    except (DesktopOcrError, MemoryError):
        raise
    except Exception as error:
        if is_ours(format_):
            raise
        raise third_parties.failed(format_, error) from error
