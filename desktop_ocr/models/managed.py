"""What the `ModelManager` keeps: a model in a host, and a place where one may be loaded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from desktop_ocr.models.catalog import entry
from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.features import FULL, Features
from desktop_ocr.schema.memory import ModelState, ModelView

CPU = "cpu"


@dataclass(frozen=True)
class ModelConfig:
    """Where a model is to be loaded; the device is the service's.

    Attributes:
        service: where.
        features: that PP-StructureV3 is loaded for; other models do one thing only.
    """

    service: OCRService
    features: Features = FULL


@dataclass(eq=False)
class ManagedModel:
    """A model in one host. When that host ends, this one stays UNLOADED for good: the next load makes another.

    Attributes:
        model: its id in the catalog.
        role: what it does for a page.
        service: where it is.
        state: see `ModelState`.
        references: how many use it.
        generation: of the host that holds it; 0 while it is being loaded.
        memory_mb: what it added to the host's resident memory when it was loaded; `returned_mb` is what came back
            when it was unloaded there.
    """

    model: str
    role: str
    service: OCRService
    state: ModelState = ModelState.LOADING
    references: int = 0
    generation: int = 0
    memory_mb: float = 0.0
    returned_mb: float = 0.0


@dataclass(eq=False)
class Place:
    """A model and a service: the model may be loaded there.

    Attributes:
        model, role, service: as in `ManagedModel`.
        lock: held while the model is loaded, unloaded, or counted once more.
        current: what is loaded there, or on its way.
        orphans: models that went with their host while they were in use, until their users have let go.
        claims: callers that want the model and have not got it yet.
        last_use: when it was last taken or given back, by `time.monotonic`.
        not_before: when unloading is tried again after it failed.
        loads: how often it was loaded here; `load_seconds` is what the last time took.
    """

    model: str
    role: str
    service: OCRService
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    current: ManagedModel | None = None
    orphans: list[ManagedModel] = field(default_factory=list)
    claims: int = 0
    last_use: float = field(default_factory=time.monotonic)
    not_before: float = 0.0
    loads: int = 0
    load_seconds: float = 0.0

    @property
    def wanted(self) -> bool:
        """Somebody uses the model, or waits for it."""
        return self.claims > 0 or (self.current is not None and self.current.references > 0)

    @property
    def idle(self) -> bool:
        """The model is loaded, and nobody uses it, wants it, or is about to unload it."""
        current = self.current
        return current is not None and current.state is ModelState.LOADED and not self.wanted and not self.lock.locked()

    def due(self, idle_seconds: float) -> float:
        """When an idle model is to be unloaded, by `time.monotonic`."""
        return max(self.last_use + idle_seconds, self.not_before)

    def view(self, predicted: Callable[[str, str], float], idle_seconds: float | None) -> ModelView:
        """As lists show it.

        Args:
            predicted: MB that a model is expected to take on a device.
            idle_seconds: after which it is unloaded, or None.
        """
        current = self.current
        measured = current.memory_mb if current is not None else 0.0
        left = None
        if idle_seconds is not None and self.idle:
            left = max(0.0, self.due(idle_seconds) - time.monotonic())
        return ModelView(
            model=self.model,
            role=self.role,
            title=title_of(self.model),
            service=self.service.name,
            device=self.service.device,
            state=current.state if current is not None else ModelState.UNLOADED,
            memory_mb=measured or predicted(self.model, self.service.device),
            references=current.references if current is not None else 0,
            idle_seconds_left=left,
            loads=self.loads,
            load_seconds=self.load_seconds,
        )


def views_of(
    roles: Mapping[str, str],
    places: Iterable[Place],
    predicted: Callable[[str, str], float],
    idle_seconds: float | None,
) -> list[ModelView]:
    """Each model once per service where it is not UNLOADED, or once without a service.

    Args:
        roles: of all models, by id.
        places: where they may be.
        predicted, idle_seconds: as in `Place.view`.
    """
    views = []
    known = list(places)
    for model, role in roles.items():
        own = [place for place in known if place.model == model]
        loaded = [place.view(predicted, idle_seconds) for place in own if place.current is not None]
        views += loaded or [_view_of_none(model, role, own, predicted)]
    return views


def _view_of_none(model: str, role: str, places: Sequence[Place], predicted: Callable[[str, str], float]) -> ModelView:
    last = max(places, key=lambda place: place.last_use, default=None)
    device = last.service.device if last else CPU
    return ModelView(
        model=model,
        role=role,
        title=title_of(model),
        service="",
        device=device,
        state=ModelState.UNLOADED,
        memory_mb=predicted(model, device),
        loads=sum(place.loads for place in places),
        load_seconds=last.load_seconds if last else 0.0,
    )


def title_of(model_id: str) -> str:
    """A model's name for a person."""
    known = entry(model_id)
    return known.title if known is not None else model_id


def by_service(places: Iterable[Place]) -> list[tuple[OCRService, list[Place]]]:
    """Places grouped by their service, services in the order of their first place."""
    groups: dict[OCRService, list[Place]] = {}
    for place in places:
        groups.setdefault(place.service, []).append(place)
    return list(groups.items())
