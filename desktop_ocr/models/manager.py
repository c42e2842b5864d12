"""Which models are loaded where, who uses them, and when they go."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from desktop_ocr.hosts.outcome import HostOutcome
from desktop_ocr.models.managed import ManagedModel, ModelConfig, Place, by_service, views_of
from desktop_ocr.models.service import OCRService
from desktop_ocr.models.sweeper import Sweeper
from desktop_ocr.schema.engine_messages import LoadedModel
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, ModelChanged
from desktop_ocr.schema.memory import ModelState, ModelView

__all__ = ["ManagedModel", "ModelConfig", "ModelManager"]

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
NOT_WORTH_AN_END_MB = 40.0  # a host that keeps less lives on: its other models would have to be loaded anew
_PASSED_OVER = (ErrorCode.MODEL_DAMAGED, ErrorCode.MODEL_MISSING)
SLACK_SECONDS = 0.05  # models that a page used together are due together: they were given back one after the other


class ModelManager:
    """Reference counts, idle times and the least-recently-used order of all models in all services.

    A model with references is never unloaded, but by `teardown` or the end of its host.
    """

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
            idle_seconds: a model that nothing has used for so long is unloaded, and a host that holds none ends; 0.0
                is at once, None is never.
            model_ids: model by role, of all that a page may need.
            predicted: MB that a model is expected to take on a device: `predicted(model, device)`.
            on_loaded: told what a load took: `on_loaded(model, device, added MB)`.
        """
        self._emit = emit
        self._idle_seconds = idle_seconds
        self._roles = {model: role for role, model in model_ids.items()}
        self._predicted = predicted
        self._on_loaded = on_loaded
        self._services: dict[str, OCRService] = {}
        self._sweepers: dict[OCRService, Sweeper] = {}
        self._places: dict[tuple[str, str], Place] = {}

    def watch(self, service: OCRService) -> None:
        """Look after a service: know when its hosts end, and end them when they are idle."""
        if self._services.setdefault(service.name, service) is not service:
            raise ValueError(f"there are two services of the name {service.name}")
        # One for each: a service that has to wait for its page to end must not keep the others waiting.
        sweeper = Sweeper(lambda: min(self._dues(service), default=None), lambda: self._sweep(service))
        self._sweepers[service] = sweeper
        service.listen(ended=self._host_ended, idle=lambda _: sweeper.wake())

    def change_settings(self, idle_seconds: float | None) -> None:
        """Unload by another idle time from now on."""
        self._idle_seconds = idle_seconds
        for sweeper in self._sweepers.values():
            sweeper.wake()

    # --- for pages ------------------------------------------------------------------------------------------

    async def load_model(self, model_id: str, config: ModelConfig) -> ManagedModel:
        """Load a model, or count one user more of the loaded one. `unload_model` goes with it, in a `finally`.

        Returns:
            The model, LOADED.

        Raises:
            DesktopOcrError: why it could not be loaded; it is not counted then. ValueError for a model that the
                manager was not told of.
        """
        service = config.service
        if self._services.get(service.name) is not service:
            self.watch(service)
        place = self._place(model_id, service)
        interruptions = service.interruptions
        place.claims += 1
        try:
            async with place.lock:
                if service.interruptions != interruptions:
                    raise service.stopped_by  # it must not start a new host
                if place.current is not None and service.ending:
                    await service.settled()
                managed = place.current or await self._load(place, config)
                managed.references += 1
                place.last_use = time.monotonic()
                self._emit(ModelChanged(self._view(place)))
                return managed
        finally:
            place.claims -= 1
            self._sweepers[service].wake()

    def get_model(self, model_id: str, config: ModelConfig) -> ManagedModel | None:
        """A loaded model; None where it is not loaded. It is not counted as used."""
        place = self._places.get((config.service.name, model_id))
        if place is None or place.current is None or place.current.state is not ModelState.LOADED:
            return None
        return place.current

    def unload_model(self, model_id: str, config: ModelConfig) -> None:
        """One user less; without users the model becomes idle.

        Where the host has ended meanwhile, the model is gone already, and its users are only counted off.

        Raises:
            ValueError: it has no users: `load_model` was not called for this, or failed.
        """
        place = self._places.get((config.service.name, model_id))
        # Users of a host that is gone are counted off first: the model of the new host stays as long as it may be used.
        users = [*place.orphans, place.current] if place is not None else []
        managed = next((user for user in users if user is not None and user.references > 0), None)
        if place is None or managed is None:
            raise ValueError(f"{model_id} is not in use in {config.service.name}")
        self._count_off(place, managed)

    @asynccontextmanager
    async def use(self, model_ids: Sequence[str], config: ModelConfig) -> AsyncIterator[list[ManagedModel]]:
        """Load models in this order, and give each of them back in the end.

        One that cannot be loaded, because its files are damaged or gone, is passed over: the host, which is asked for
        the page next, knows what the page can do without.

        Until then, pages are recognised by the host that holds them or not at all: where it ends, `OCRService.ask`
        raises HOST_DIED instead of starting another, which would have no models that anybody knows of.

        Raises:
            DesktopOcrError: as `load_model`; HOST_DIED where the host ended between two of them.
        """
        service = config.service
        interruptions = service.interruptions
        held: list[ManagedModel] = []
        pinned: int | None = None
        try:
            for model_id in model_ids:
                if service.interruptions != interruptions:
                    raise service.stopped_by
                try:
                    held.append(await self.load_model(model_id, config))
                except DesktopOcrError as error:
                    if error.code not in _PASSED_OVER:
                        raise
            if service.interruptions != interruptions:
                raise service.stopped_by
            if any(managed.state is not ModelState.LOADED for managed in held):
                raise DesktopOcrError(ErrorCode.HOST_DIED, "The engine process ended while its models were loaded.")
            if held:
                pinned = service.generation
                service.pin(pinned)
            yield held
        finally:
            if pinned is not None:
                service.unpin(pinned)
            for managed in held:
                self._count_off(self._place(managed.model, service), managed)

    def adopt(self, service: OCRService, loaded: Sequence[LoadedModel]) -> None:
        """Look after models that a host loaded in the middle of a page; they are idle when the page is over."""
        models = {role: model for model, role in self._roles.items()}
        for one in loaded:
            place = self._place(models[one.role], service)
            if place.current is None and not place.lock.locked():
                managed = ManagedModel(place.model, place.role, service, generation=service.generation)
                self._now_loaded(place, managed, one.seconds, one.added_mb)
        self._sweepers[service].wake()

    # --- for the user, and for want of memory ---------------------------------------------------------------

    async def unload_now(self, model_id: str, service_name: str) -> None:
        """Unload one model because the user wants it. One that is not loaded is left alone.

        Raises:
            DesktopOcrError: USAGE, a page uses it at this moment, or it is on its way.
        """
        place = self._places.get((service_name, model_id))
        if place is None or place.current is None:
            return
        if not place.idle:
            raise DesktopOcrError(
                ErrorCode.USAGE, "A page uses this model at the moment.", "Try again when the page is finished."
            )
        await self._unload(place.service, [place], "the user wanted it")

    async def unload_idle(self, at_most: int | None = None, *, sparing: OCRService | None = None) -> list[str]:
        """Unload models that nothing uses, the least recently used first.

        Those in a host that is at work are left alone: one would have to wait for its page.

        Args:
            at_most: how many; None for all. More may go where their host has to end with them.
            sparing: leave this service alone: a page has it and is about to use what it holds.

        Returns:
            Ids of the models that went, one for each service where they did.
        """
        idle = [place for place in self._places.values() if place.idle and not place.service.busy]
        chosen = sorted((place for place in idle if place.service is not sparing), key=lambda place: place.last_use)
        work = [self._unload(service, places, "memory is short") for service, places in by_service(chosen[:at_most])]
        return [model for gone in await asyncio.gather(*work) for model in gone]

    async def unload_beside(self, service: OCRService, needed: Collection[str]) -> None:
        """Unload from one service what nothing uses and is not needed, to make room for what is.

        To be called by who has the service.
        """
        places = [place for place in self._places_of(service) if place.idle and place.model not in needed]
        await self._unload(service, places, "it makes room for others")

    async def teardown(self, error: DesktopOcrError | None = None) -> None:
        """Unload all models and end all hosts, now, whoever uses them; those get `error` (by default FREED)."""
        await asyncio.gather(*(service.interrupt(error) for service in self._services.values()))

    async def close(self) -> None:
        """Stop looking after idle models. The services are closed by their owner."""
        await asyncio.gather(*(sweeper.close() for sweeper in self._sweepers.values()))

    def views(self) -> list[ModelView]:
        """Each model once per service where it is not UNLOADED, or once without a service."""
        return views_of(self._roles, self._places.values(), self._predicted, self._idle_seconds)

    # --- within ---------------------------------------------------------------------------------------------

    def _view(self, place: Place) -> ModelView:
        return place.view(self._predicted, self._idle_seconds)

    def _place(self, model_id: str, service: OCRService) -> Place:
        key = (service.name, model_id)
        if key not in self._places:
            if model_id not in self._roles:
                raise ValueError(f"{model_id} is none of the models in use")
            self._places[key] = Place(model_id, self._roles[model_id], service)
        return self._places[key]

    def _places_of(self, service: OCRService) -> list[Place]:
        return [place for place in self._places.values() if place.service is service]

    async def _load(self, place: Place, config: ModelConfig) -> ManagedModel:
        """Load a model whose lock is held."""
        service = place.service
        managed = place.current = ManagedModel(place.model, place.role, service)
        self._tell(place, managed)
        try:
            loaded = await service.load(place.role, config.features)
        except BaseException as error:
            place.current = None
            managed.state = ModelState.UNLOADED
            why = error.code if isinstance(error, DesktopOcrError) else type(error).__name__
            self._tell(place, managed, f"it could not be loaded ({why})")
            raise
        # Nothing else has run since the host was seen alive with this reply.
        managed.generation = service.generation
        self._now_loaded(place, managed, loaded.seconds, loaded.added_mb)
        return managed

    def _now_loaded(self, place: Place, managed: ManagedModel, seconds: float, added_mb: float) -> None:
        place.current = managed
        managed.state = ModelState.LOADED
        managed.memory_mb = added_mb
        place.last_use = time.monotonic()
        place.loads += 1
        place.load_seconds = seconds
        self._tell(place, managed, f"took {seconds:.1f} s and {added_mb:.0f} MB")
        if self._on_loaded is not None and added_mb > 0:
            self._on_loaded(place.model, place.service.device, added_mb)

    def _count_off(self, place: Place, managed: ManagedModel) -> None:
        managed.references -= 1
        if managed is place.current:
            place.last_use = time.monotonic()
            self._emit(ModelChanged(self._view(place)))
            self._sweepers[place.service].wake()
        elif managed.references == 0:
            place.orphans.remove(managed)

    def _host_ended(self, service: OCRService, generation: int, outcome: HostOutcome) -> None:
        for place in self._places_of(service):
            managed = place.current
            # One that is LOADING has no generation yet, and is told of the end by its own request.
            if managed is not None and managed.generation == generation:
                place.current = None
                managed.state = ModelState.UNLOADED
                if managed.references:
                    place.orphans.append(managed)
                self._tell(place, managed, f"its host {outcome.words}")
        self._sweepers[service].wake()

    def _dues(self, service: OCRService) -> list[float]:
        """When the service's idle models, or its host without models, are due."""
        if self._idle_seconds is None or service.pid is None:
            return []
        loaded = [place for place in self._places_of(service) if place.current is not None]
        if not loaded:
            lone = not service.leased and not service.busy and self._dispensable(service)
            return [service.last_use + self._idle_seconds] if lone else []
        idle = [place for place in loaded if place.idle]
        if service.leased and len(idle) == len(loaded):
            return []  # a page has just begun, and will want them; it wakes the sweeper when it is through
        return [place.due(self._idle_seconds) for place in idle]

    async def _sweep(self, service: OCRService) -> None:
        now = time.monotonic() + SLACK_SECONDS
        if self._idle_seconds is None or min(self._dues(service), default=now + 1) > now:
            return
        due = [place for place in self._places_of(service) if place.idle and place.due(self._idle_seconds) <= now]
        if due:
            await self._unload(service, sorted(due, key=lambda place: place.last_use), "nothing has used it")
        else:
            await service.end(lambda: self._dispensable(service))

    def _dispensable(self, service: OCRService) -> bool:
        """Whether nobody uses the service's host, or is about to."""
        return not service.leased and not any(place.wanted for place in self._places_of(service))

    async def _unload(self, service: OCRService, places: Sequence[Place], why: str) -> list[str]:
        """Unload idle models of one service; returns the ids of those that went."""
        # Who asked may have waited since it looked.
        managed = [(place, place.current) for place in places if place.current is not None and place.idle]
        if not managed:
            return []
        async with AsyncExitStack() as locks:
            for place, model in managed:
                await locks.enter_async_context(place.lock)  # free, for an idle model: this does not wait
                model.state = ModelState.UNLOADING
                self._tell(place, model, why)
            try:
                await self._drop(service, managed)
            except DesktopOcrError as error:
                log.warning("unloading from %s: %s", service.name, error)
                for place, _ in managed:
                    place.not_before = time.monotonic() + RETRY_SECONDS
            finally:
                for place, model in managed:
                    if place.current is model and model.state is ModelState.UNLOADING:
                        # Somebody wants it again, or the host would not let it go.
                        model.state = ModelState.LOADED
                        place.last_use = time.monotonic()
                        self._tell(place, model, "it stays")
        gone = [place.model for place, model in managed if model.state is ModelState.UNLOADED]
        return gone + await self._end_if_useless(service, managed)

    async def _drop(self, service: OCRService, models: Sequence[tuple[Place, ManagedModel]]) -> None:
        """End the host where it holds nothing else, otherwise have it drop the models. Their locks are held."""
        places = [place for place, _ in models]
        if not service.leased and not self._others(service, places):
            if await service.end(lambda: self._dispensable(service) and not self._others(service, places)):
                return
            if not self._others(service, places):
                return  # a page came at the last moment
        leaving = [(place, model) for place, model in models if not place.claims and place.current is model]
        if not leaving:
            return
        before = await service.measure()
        after = await service.unload([place.role for place, _ in leaving])
        for place, model in leaving:
            if place.current is model:
                place.current = None
                model.state = ModelState.UNLOADED
                model.returned_mb = (before.rss_mb - after.rss_mb) / len(leaving)
                self._tell(place, model, f"it gave back {model.returned_mb:.0f} of {model.memory_mb:.0f} MB")

    async def _end_if_useless(self, service: OCRService, models: Sequence[tuple[Place, ManagedModel]]) -> list[str]:
        """End a host that holds no model any more, or one that kept the memory of what was unloaded.

        Returns:
            Ids of the models that went with it.
        """
        if service.pid is None or service.leased:
            return []
        left = [place for place in self._places_of(service) if place.current is not None]
        if not left:
            await service.end(lambda: self._dispensable(service))
            return []
        unloaded = [model for _, model in models if model.state is ModelState.UNLOADED]
        took, returned = sum(m.memory_mb for m in unloaded), sum(m.returned_mb for m in unloaded)
        if returned < took / 2 and took - returned > NOT_WORTH_AN_END_MB and all(place.idle for place in left):
            return await self._unload(service, left, "the host keeps the memory of what was unloaded")
        return []

    def _others(self, service: OCRService, places: Sequence[Place]) -> list[Place]:
        """Where something is loaded in the service beside these."""
        return [place for place in self._places_of(service) if place.current is not None and place not in places]

    def _tell(self, place: Place, model: ManagedModel, words: str = "") -> None:
        """Log a step of a model's life, and tell the window."""
        log.info("model %s in %s is %s%s", model.model, model.service.name, model.state, f": {words}" if words else "")
        self._emit(ModelChanged(self._view(place)))
