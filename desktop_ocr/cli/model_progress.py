"""What `models install` shows while models come: bars on a terminal, plain lines in a pipe. All of it on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from desktop_ocr.cli.streams import printable
from desktop_ocr.models.disk import megabytes
from desktop_ocr.models.installer import Progress
from desktop_ocr.schema.model_store import StoredModel, StoreState

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_WORDS = {StoreState.WAITING: "waiting for another program", StoreState.CHECKING: "checking"}


class ModelProgress:
    """Bytes that have come, per model."""

    def __init__(self, models: Sequence[StoredModel]) -> None:
        """Show nothing yet."""
        self._models = {model.id: model for model in models}
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._sizes: dict[str, int] = {}

    def __enter__(self) -> Self:
        """Bars, where stderr is a terminal."""
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
            from rich.progress import Progress as Bars

            self._bars = Bars(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """The bars stay as they are."""
        if self._bars is not None:
            self._bars.stop()

    def of(self, model: str) -> Callable[[Progress], None]:
        """What is told of a model; from any thread."""
        size = self._models[model].size
        if self._bars is None:
            _say(f"{model}: about {megabytes(size)} ...")
        else:
            self._tasks[model] = self._bars.add_task(model, total=size)

        def tell(progress: Progress) -> None:
            self._sizes[model] = progress.done
            if self._bars is not None:
                words = _WORDS.get(progress.state, "")
                self._bars.update(
                    self._tasks[model],
                    description=f"{model} {words}".rstrip(),
                    completed=progress.done,
                    total=max(progress.size, 1),
                )

        return tell

    def finished(self, model: str) -> None:
        """A model is installed."""
        if self._bars is None:
            _say(f"{model}: installed, {megabytes(self._sizes.get(model, 0))}")
        else:
            self._bars.update(self._tasks[model], description=f"{model} installed")

    def failed(self, model: str, why: str) -> None:
        """A model has not come."""
        if self._bars is not None:
            self._bars.console.print(f"desktop-ocr: {model}: {printable(why)}", markup=False, highlight=False)
        else:
            _say(f"desktop-ocr: {model}: {printable(why)}")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
