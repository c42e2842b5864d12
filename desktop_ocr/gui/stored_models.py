"""What the window knows of the models on the disk, for everything in it that shows them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.model_store import StoredModel, StoreState
from desktop_ocr.schema.roles import ModelRole

DOERS = {
    Feature.ORIENTATION: (ModelRole.PAGE_ORIENTATION,),
    Feature.UNWARP: (ModelRole.UNWARP,),
    Feature.TABLES: (ModelRole.TABLE_STRUCTURE, ModelRole.TABLE_PIPELINE),
    Feature.PICTURES: (ModelRole.REGIONS,),
    Feature.FORMULAS: (ModelRole.FORMULA,),
    Feature.CHARTS: (ModelRole.CHART,),
    Feature.SEALS: (ModelRole.SEAL_DETECTION,),
}
"""What fills a feature."""

UNDER_WAY = frozenset({StoreState.WAITING, StoreState.DOWNLOADING, StoreState.CHECKING})
SPEED_SECONDS = 8.0
LEAST_SECONDS = 1.0


class Speed:
    """How fast a download goes, over the last seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def take(self, done: int) -> None:
        """So many bytes are there now."""
        now = self._clock()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # it began anew
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > SPEED_SECONDS:
            self._seen.popleft()

    @property
    def bytes_per_second(self) -> float:
        """0.0 while nobody can say."""
        if len(self._seen) < 2:
            return 0.0
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - began) if now - began >= LEAST_SECONDS else 0.0


class StoredModels(QObject):
    """All models, by their names. Empty until `learn` was answered.

    Signals:
        changed: a `StoredModel` that is new or not what it was.
        learned: all of them are known.
        failed: an `ErrorInfo`: they cannot be told.
    """

    changed = Signal(object)
    learned = Signal()
    failed = Signal(object)

    def __init__(self, worker: Worker, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._models: dict[str, StoredModel] = {}
        self._speeds: dict[str, Speed] = {}
        self.known = False

    def learn(self) -> None:
        """Ask for all of them."""
        self._tasks.start(self._learn())

    async def _learn(self) -> None:
        async def asked(session: SessionApi) -> list[StoredModel]:
            return await session.stored_models()

        try:
            models = await self._worker.ask(asked)
        except DesktopOcrError as error:
            self.failed.emit(error.info)
            return
        self._models = {model.id: model for model in models}
        self.known = True
        self.learned.emit()

    def take(self, model: StoredModel) -> StoredModel | None:
        """A model has changed; what it was before."""
        before = self._models.get(model.id)
        self._models[model.id] = model
        if model.state is StoreState.DOWNLOADING:
            self._speeds.setdefault(model.id, Speed()).take(model.done)
        else:
            self._speeds.pop(model.id, None)
        if before != model:
            self.changed.emit(model)
        return before

    def all(self) -> list[StoredModel]:
        """All of them, in the catalog's order."""
        return list(self._models.values())

    def get(self, name: str) -> StoredModel | None:
        """A model by its name."""
        return self._models.get(name)

    def speed(self, name: str) -> float:
        """Bytes a second of a model's download; 0.0 where nobody can say."""
        speed = self._speeds.get(name)
        return speed.bytes_per_second if speed is not None else 0.0

    def of_feature(self, feature: Feature) -> list[StoredModel]:
        """The models that do a feature; not those that only find where it has something to do."""
        return [model for model in self._models.values() if model.role in DOERS[feature]]

    def of_language(self, language: str) -> list[StoredModel]:
        """The models that read a language, by the name in `JobOptions.language`."""
        return [model for model in self.of_role(ModelRole.TEXT_RECOGNITION) if model.id.startswith(f"{language}_")]

    def matching(self, what: object) -> list[str]:
        """The name of the first model of a `Feature` or a `ModelRole`, or a name itself; none for anything else."""
        if isinstance(what, Feature):
            return [model.id for model in self.of_feature(what)][:1]
        if isinstance(what, ModelRole):
            return [model.id for model in self.of_role(what)][:1]
        return [what] if isinstance(what, str) and what in self._models else []

    def of_role(self, role: ModelRole) -> list[StoredModel]:
        """The models of a role."""
        return [model for model in self._models.values() if model.role.partition(":")[0] == role]


def best_of(models: Iterable[StoredModel]) -> StoredModel | None:
    """The model that tells how things stand: an installed one, one under way, or the first that can be had."""
    found = list(models)
    for states in (
        {StoreState.INSTALLED},
        UNDER_WAY,
        {StoreState.BROKEN_OFF, StoreState.AVAILABLE},
        {StoreState.UNAVAILABLE},
    ):
        for model in found:
            if model.state in states:
                return model
    return None
