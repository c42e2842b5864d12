"""What `convert` shows while it works: a bar on a terminal, plain lines in a pipe. All of it on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from desktop_ocr.cli.streams import printable, silence
from desktop_ocr.schema.jobs import JobView

if TYPE_CHECKING:
    from rich.progress import Progress


class ConvertProgress:
    """Pages done of pages known, over all documents.

    Attributes:
        failed: lines for stdout were lost, other than to a reader that has gone.
    """

    def __init__(self, *, quiet: bool) -> None:
        """Show nothing where `quiet`, lines where stderr is no terminal."""
        self.failed = False
        self._views: dict[int, JobView] = {}
        self._bar: Progress | None = None
        if not quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("pages"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("", total=None)
            self._bar.start()

    def update(self, view: JobView) -> None:
        """A job has changed."""
        self._views[view.job] = view
        if self._bar is not None:
            views = self._views.values()
            self._bar.update(
                self._task,
                description=printable(view.name)[-40:],
                # Of a partial page the text is there: the larger part of the work, mostly.
                completed=sum(v.pages_done + v.pages_failed + v.pages_partial / 2 for v in views),
                total=sum(v.pages_total for v in views) or None,
            )

    def line(self, text: str) -> None:
        """A line for stdout that does not tear the bar."""
        if self._bar is not None:
            self._bar.stop()
        try:
            sys.stdout.write(printable(text) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            silence(sys.stdout)  # who read the list has gone (`| head`): the documents are still wanted
        except OSError as error:
            silence(sys.stdout)
            self.failed = True
            self.error(f"desktop-ocr: The list of files cannot be written ({error.strerror}).")
        if self._bar is not None:
            self._bar.start()

    def error(self, text: str) -> None:
        """A line for stderr."""
        if self._bar is not None:
            self._bar.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
            return
        try:
            sys.stderr.write(printable(text) + "\n")
            sys.stderr.flush()
        except OSError:
            silence(sys.stderr)  # nobody is left to tell

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
