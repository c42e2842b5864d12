"""Which models are loaded where, who uses them, and when they go."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.memory import ModelState, ModelView

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelConfig:
    """Where a model is to be loaded; the device is the service's."""

    service: OCRService


@dataclass(eq=False)
class ManagedModel:
    """A model in one host. When that host ends, this one stays UNLOADED for good: the next load makes another."""

    model: str
    role: str
    service: OCRService
    state: ModelState = ModelState.LOADING
    references: int = 0
    generation: int = 0
    memory_mb: float = 0.0
    load_seconds: float = 0.0
    last_use: float = 0.0


class ModelManager:
    """Reference counts, idle times and the least-recently-used order of all models in all services."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        *,
        idle_seconds: float | None,
        model_ids: Mapping[str, str],
        predicted: Callable[[str, str], float],
        on_loaded: Callable[[str, str, float], None] | None = None,
    ) -> None:
        """Load nothing yet.

        Args:
            emit: gets a `ModelChanged` for every step of a model's life.
            idle_seconds: a model that nothing has used for so long is unloaded; 0.0 is at once, None is never.
            model_ids: model by role, of all that a page may need.
            predicted: MB that a model is expected to take on a device: `predicted(model, device)`.
            on_loaded: told what a load took: `on_loaded(model, device, added MB)`.
        """
        raise NotImplementedError

    def watch(self, service: OCRService) -> None:
        """Look after a service: know when its hosts end, and end them when they are idle."""
        raise NotImplementedError

    def change_settings(self, idle_seconds: float | None) -> None:
        """Unload by another idle time from now on."""
        raise NotImplementedError

    async def load_model(self, model_id: str, config: ModelConfig) -> ManagedModel:
        """Load a model, or count one user more of the loaded one. `unload_model` goes with it, in a `finally`."""
        raise NotImplementedError

    def get_model(self, model_id: str, config: ModelConfig) -> ManagedModel | None:
        """A loaded model; None where it is not loaded. It is not counted as used."""
        raise NotImplementedError

    def unload_model(self, model_id: str, config: ModelConfig) -> None:
        """One user less; without users the model becomes idle."""
        raise NotImplementedError

    @asynccontextmanager
    async def use(self, model_ids: Sequence[str], config: ModelConfig) -> AsyncIterator[list[ManagedModel]]:
        """Load models in this order, and give each of them back in the end."""
        raise NotImplementedError
        yield

    async def unload_now(self, model_id: str, service_name: str) -> None:
        """Unload one model because the user wants it; USAGE where a page uses it."""
        raise NotImplementedError

    async def unload_idle(self, at_most: int | None = None) -> list[str]:
        """Unload models that nothing uses, the least recently used first; returns their ids."""
        raise NotImplementedError

    async def teardown(self, error: DesktopOcrError | None = None) -> None:
        """Unload all models and end all hosts, now, whoever uses them; those get `error` (by default FREED)."""
        raise NotImplementedError

    async def close(self) -> None:
        """Stop looking after idle models. The services are closed by their owner."""
        raise NotImplementedError

    def views(self) -> list[ModelView]:
        """Each model once per service where it is loaded, or once without one."""
        raise NotImplementedError
