"""What a session works with: the hosts, the models in them, and what watches over their memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from desktop_ocr.core.admission import Admission
from desktop_ocr.core.devices import choose_device, gpu_engine_installed, usable_devices
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.plans import CPU, PagePlan, PressurePolicy, in_use
from desktop_ocr.hosts.slot import HostSlot, Starter
from desktop_ocr.memory.footprints import Footprints
from desktop_ocr.memory.foreign_use import foreign_memory_share
from desktop_ocr.memory.guard import LoadParams, MemoryGuard
from desktop_ocr.memory.heap import trim
from desktop_ocr.memory.monitor import MemoryMonitor
from desktop_ocr.memory.probes import GpuProbe
from desktop_ocr.models.catalog import entry, models_for
from desktop_ocr.models.leaks import LeakGuard
from desktop_ocr.models.manager import ModelConfig, ModelManager
from desktop_ocr.models.models_file import load_models_file
from desktop_ocr.models.pool import OCRServicePool, PredictionLimit, Priority
from desktop_ocr.models.selection import ChosenModels, choose_models
from desktop_ocr.models.service import OCRService
from desktop_ocr.models.services import Services
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.engine_messages import HostMemory
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event, Notice
from desktop_ocr.schema.memory import FrameworkMemory, HostRole, MemorySample, MemoryStats
from desktop_ocr.schema.roles import ModelRole
from desktop_ocr.schema.settings import Settings, usable_cores

log = logging.getLogger(__name__)

FEATURES: dict[str, tuple[ModelRole, ...]] = {
    "orientation": (ModelRole.PAGE_ORIENTATION,),
    "unwarp": (ModelRole.UNWARP,),
    "layout": (ModelRole.LAYOUT,),
    "tables": (ModelRole.REGIONS, ModelRole.TABLE_PIPELINE, ModelRole.TABLE_STRUCTURE),
    "pictures": (ModelRole.REGIONS,),
    "formulas": (ModelRole.FORMULA,),
    "charts": (ModelRole.CHART,),
    "seals": (ModelRole.SEAL_DETECTION,),
    "structure": (ModelRole.STRUCTURE,),
    "routing": (ModelRole.SECOND_RECOGNITION,),
}
"""What each switch of `JobOptions` loads; see `in_use` for the two for tables."""
WARM_SECONDS = 120.0


class Machinery:
    """Owns hosts, models, probes and the guard; knows nothing of documents.

    Attributes:
        reader: the document host's slot.
        store: where models are.
        services: the engine hosts' pools.
        manager: the models in them.
        guard, monitor: see `memory`.
        policy: what pressure has taken away.
        admission: asked before each page.
        device: where pages are recognised.
        interruptions: how often `interrupt` was called.
    """

    def __init__(
        self,
        live: LiveSettings,
        paths: AppPaths,
        emit: Callable[[Event], None],
        start: Starter,
        on_sample: Callable[[MemorySample], Awaitable[None]],
        *,
        private: bool,
        gpu: GpuProbe | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            live: the settings.
            paths: where models are, and what this machine measured.
            emit: gets events of hosts and models.
            start: starts a host.
            on_sample: awaited with each sample of the memory.
            private: leave nothing on the disk.
            gpu: asks the driver; tests hand in one on a fake library.
        """
        self._live = live
        self._emit = emit
        self._start = start
        self.store = ModelStore(paths.models, paths.downloaded_models)
        self._models_file = paths.models_file
        self._told: tuple[str, ...] = ()
        self._choose()
        self.policy = PressurePolicy()
        self._frameworks: dict[str, tuple[int | None, tuple[FrameworkMemory, ...]]] = {}
        self._lost: set[str] = set()
        self._gpu = gpu or GpuProbe()
        self.reader = HostSlot(HostRole.DOCUMENT, idle_seconds=live.now.document_idle_seconds, emit=emit, start=start)
        self._footprints = Footprints(None if private else paths.footprints)
        self.monitor = MemoryMonitor(
            self.hosts,
            on_sample,
            log_interval=live.now.monitor_interval,
            gpu=self._gpu,
            on_gpu=self._hosts_on_gpu,
        )
        self.guard = MemoryGuard(live.now, self._footprints, _catalog_mb, lambda: self.monitor.latest)
        self.device = CPU
        self.interruptions = 0
        self._build((CPU,))

    async def open(self) -> None:
        """Look at the machine for the first time, and go on looking."""
        sample = await self.monitor.sample()
        self._build(usable_devices(sample.gpus, engine=gpu_engine_installed()))
        self.monitor.start()

    async def close(self) -> None:
        """End all hosts, whatever they are doing, and stop looking."""
        closed = await asyncio.gather(
            self.reader.close(),
            self.services.close(),
            self.manager.close(),
            self.monitor.stop(),
            return_exceptions=True,
        )
        self._gpu.close()
        await asyncio.to_thread(self._footprints.close)
        _log_errors(closed)

    async def rebuild(self, settings: Settings) -> None:
        """Work by new settings. Pages that engine hosts work at are stopped, and wait again.

        Whatever goes wrong, there are engine hosts to be had afterwards.
        """
        try:
            _log_errors(await asyncio.gather(self.services.close(), self.manager.close(), return_exceptions=True))
        finally:
            self._live.now = settings
            self.guard.change_settings(settings)
            self.monitor.log_interval = settings.monitor_interval
            self.reader.change_idle_seconds(settings.document_idle_seconds)
            self._choose()  # others may be installed by now
            self._build(self._devices)
        self.announce_device()
        self.announce_models()

    def refuse(self, error: DesktopOcrError | None) -> None:
        """Answer all new requests to hosts with an error; None to take them again. What is in work goes on."""
        self.reader.refuse(error)
        self.services.refuse(error)

    async def interrupt(self, error: DesktopOcrError) -> None:
        """End all hosts now, whatever they are doing; what they were doing fails with the error."""
        self.interruptions += 1
        await asyncio.gather(self.reader.interrupt(error), self.manager.teardown(error))

    def announce_device(self) -> None:
        """Tell the user where the wanted device is not to be had."""
        _, words = choose_device(self._live.now.device, self._devices)
        if words:
            self._emit(Notice(words))

    def announce_models(self) -> None:
        """Tell the user what their models file asks for in vain; once, until it is another."""
        problems = self._selection.problems
        for problem in problems if problems != self._told else ():
            self._emit(Notice(problem))
        self._told = problems

    def hosts(self) -> list[tuple[int, HostRole]]:
        """Process ids and roles of all hosts that run."""
        hosts = list(self.services.hosts())
        if self.reader.pid is not None:
            hosts.append((self.reader.pid, HostRole.DOCUMENT))
        return hosts

    def foreign_gpu_share(self) -> float:
        """How much of a GPU's memory or time other programs use, 0 to 1. Asks the driver: not for the loop's thread."""
        sample = self.monitor.latest
        memory = foreign_memory_share(sample.gpus) if sample is not None else 0.0
        return max(memory, self._gpu.foreign_load([pid for pid, _ in self.hosts()]))

    def page_done(self, service: OCRService, plan: PagePlan, memory: HostMemory) -> None:
        """Note what a page took; a host that leaks is replaced after it."""
        page = self.admission.params(plan, service)
        if page.device == CPU:
            self.guard.record_page(page.models, page.device, page.pixels, page.side, memory.peak_mb)
        elif (vram := self._vram_of(service, memory)) is not None:
            self.guard.record_page(page.models, page.device, page.pixels, page.side, vram, ram_mb=memory.peak_mb)
        if memory.frameworks:
            self._frameworks[service.name] = (service.pid, memory.frameworks)
        self.services.page_done(service, memory)

    def lose_gpu(self, device: str) -> None:
        """A GPU cannot be used (any more): pages go to the CPU until the program or its settings change."""
        if device != CPU and device not in self._lost:
            self._lost.add(device)
            log.warning("%s cannot be used any more", device)
            self.device = CPU
            self._emit(
                Notice("The graphics card cannot be used any more: pages are recognised on the CPU.", error=True)
            )

    async def load_eagerly(self) -> None:
        """Load the models before a page needs them, and run them once where the settings say so."""
        plan = self.admission.usual_plan(self.device)
        await self.load(plan, Priority.BACKGROUND, warm_up=self._live.now.warm_up)

    async def load(self, plan: PagePlan, priority: Priority, *, warm_up: bool = False) -> None:
        """Load what a page of this plan needs for certain; where that fails, a page will say what is wrong."""
        try:
            admission, manager = self.admission, self.manager
            async with (
                self.services.acquire(plan.device, priority) as service,
                admission.admitted(plan, plan, service) as (fitting, _),
                manager.use(admission.certain(fitting), ModelConfig(service, fitting.features)),
            ):
                if warm_up:
                    await service.warm_up(WARM_SECONDS)
        except DesktopOcrError as error:
            log.warning("models were not loaded ahead of a page: %s", error.code)

    def tidy(self) -> None:
        """Give back free memory that this process' heap keeps. Python's own garbage is the window's business."""
        trim()

    def stats(self) -> MemoryStats:
        """All but the queue."""
        running = {pid for pid, _ in self.hosts()}
        return msgspec.structs.replace(
            self.guard.get_memory_stats(),
            models=tuple(self.manager.views()),
            pools=tuple(self.services.views()),
            feature_mb=self.guard.feature_mb({name: self._models_of(roles) for name, roles in FEATURES.items()}),
            frameworks={name: told for name, (pid, told) in self._frameworks.items() if pid in running},
        )

    def _models_of(self, roles: Iterable[ModelRole]) -> tuple[str, ...]:
        """The models of a feature; of roles for which none is installed, those that could be."""
        taken = map(ModelRole, in_use(roles, self.ids))
        models = (self.ids.get(role) or next((model.id for model in models_for(role)), "") for role in taken)
        return tuple(model for model in models if model)

    def _choose(self) -> None:
        self._selection = choose_models(self.store, load_models_file(self._models_file))
        self.ids = self._selection.ids

    def _build(self, devices: tuple[str, ...]) -> None:
        settings = self._live.now
        self._devices = devices
        self._lost.clear()
        self.device, _ = choose_device(settings.device, devices)
        self.manager = ModelManager(
            self._emit,
            idle_seconds=settings.model_idle_seconds if settings.unload_idle_models else None,
            model_ids=self.ids,
            on_loaded=self._loaded,
            predicted=self._predicted_load,
        )
        self.admission = Admission(self._live, self.guard, self.monitor, self.manager, self.ids, self.policy)
        limit = PredictionLimit(settings.max_predictions)
        used = dict.fromkeys((CPU, self.device))
        self.services = Services(
            [self._pool(device, limit) for device in used],
            LeakGuard(settings.leak_mb_per_page, settings.recycle_after_pages, settings.service_limit_mb),
        )

    def _pool(self, device: str, limit: PredictionLimit) -> OCRServicePool:
        settings = self._live.now
        places = settings.max_services_per_device
        if device == CPU:
            # More hosts than the cores can keep busy only cost memory.
            places = min(places, max(1, usable_cores() // settings.engine_threads))
        services = [
            OCRService(
                f"{device}/{number}",
                device,
                settings=settings,
                store=ChosenModels(self.store, self._selection),
                model_ids=self.ids,
                manager=self.manager,
                emit=self._emit,
                start=self._start,
            )
            for number in range(places)
        ]
        return OCRServicePool(
            device,
            services,
            queue_timeout=settings.queue_timeout,
            predictions=limit,
            may_start=self._may_start,
        )

    async def _may_start(self, service: OCRService) -> bool:
        return await self.admission.may_start(service)

    def _hosts_on_gpu(self) -> list[int]:
        views = [pool for pool in self.services.views() if pool.device != CPU]
        return [service.pid for pool in views for service in pool.services if service.pid is not None]

    def _vram_of(self, service: OCRService, memory: HostMemory) -> float | None:
        """What a host held on its GPU: by the driver, or by its libraries; None where neither says."""
        sample = self.monitor.latest
        driver = [host.vram_mb for host in sample.hosts if host.pid == service.pid] if sample is not None else []
        library = [one.reserved_mb for one in memory.frameworks]
        known = [mb for mb in (*driver, sum(library) if library else None) if mb]
        return max(known, default=None)

    def _loaded(self, model: str, device: str, added_mb: float) -> None:
        # On a GPU a host's growth in RAM says nothing of the model: what a page took there is learnt from pages.
        if device == CPU:
            self.guard.record_load(model, device, added_mb)

    def _predicted_load(self, model: str, device: str) -> float:
        predicted = self.guard.predict_memory("load", LoadParams(model, device))
        return predicted.ram_mb if device == CPU else predicted.vram_mb


def _log_errors(outcomes: Iterable[object]) -> None:
    for error in outcomes:
        if isinstance(error, Exception):
            log.error("something could not be closed as it should", exc_info=error)


def _catalog_mb(model: str) -> float | None:
    found = entry(model)
    return None if found is None else found.memory_mb
