"""The models of a host, each loaded when it is first asked for."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import psutil

from desktop_ocr.engine_host import environment
from desktop_ocr.engine_host.loaders import LOADERS, SHARE_PADDLE, WITHOUT_FOLDER
from desktop_ocr.engine_host.model_folders import check, for_features
from desktop_ocr.schema.engine_messages import EngineOptions, LoadedModel, ModelFolder, TextRoles
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import FULL, Features
from desktop_ocr.schema.roles import ModelRole, base_role

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import (
        ChartReader,
        FormulaReader,
        RegionFinder,
        SealReader,
        StructureReader,
        TableReader,
        Unwarper,
    )
    from desktop_ocr.engine_host.layout import LayoutFinder
    from desktop_ocr.engine_host.line_finder import LineFinder
    from desktop_ocr.engine_host.line_reader import LineReader
    from desktop_ocr.engine_host.orientation import OrientationFinder
    from desktop_ocr.engine_host.text import TextReader

_MB = 1e6


class Models:
    """Loads models lazily and keeps them until they are unloaded. A model that is not asked for is not imported.

    Attributes:
        options: of the host.
        text_roles: which models read the text of the page in work.
    """

    def __init__(self, options: EngineOptions) -> None:
        """Load nothing.

        Args:
            options: where models are, by role, and how to run them.
        """
        self.options = options
        self.text_roles = TextRoles()
        self._folders = {folder.role: folder for folder in options.models}
        self._held: dict[str, Any] = {}
        self._fresh: list[LoadedModel] = []
        self._structure: ModelFolder | None = None
        self._process = psutil.Process()
        environment.limit_threads(options.threads)

    def has(self, role: str) -> bool:
        """Whether a model was configured for the role."""
        return role in self._folders

    @property
    def roles(self) -> frozenset[str]:
        """Roles for which a model was configured."""
        return frozenset(self._folders)

    def name(self, role: str) -> str:
        """The id of the role's model, or ""."""
        folder = self._folders.get(role)
        return folder.model if folder else ""

    @property
    def loaded(self) -> frozenset[str]:
        """Roles whose model is loaded."""
        return frozenset(self._held)

    def import_shared_code(self, role: str) -> None:
        """Import what the role's model shares with others: some 160 MB that are nobody's own, and stay."""
        if base_role(role) in SHARE_PADDLE:
            import desktop_ocr.engine_host.line_finder  # noqa: F401

    def load(self, role: str, features: Features | None = None) -> Any:
        """The model of a role, loaded unless it is.

        Args:
            role: which.
            features: that the pipeline which does pages as a whole is built for; it is built anew for others. None
                for those that it has, or else all.

        Raises:
            DesktopOcrError: MODEL_MISSING where it was not configured or is not there, GPU_LOST where it cannot be
                loaded on the GPU it should be on.
        """
        if role == ModelRole.STRUCTURE and role in self._held and features is not None:
            self._outlive(for_features(self._folder(role), features))
        if role not in self._held:
            loader = LOADERS.get(base_role(role))
            if loader is None:
                raise DesktopOcrError(ErrorCode.MODEL_MISSING, "An engine host has no such model.")
            folder = self._folder(role)
            if role == ModelRole.STRUCTURE:
                folder = self._structure = for_features(folder, features or FULL)
            if role not in WITHOUT_FOLDER:
                check(folder)
            began = time.perf_counter()
            self.import_shared_code(role)
            before = self._process.memory_info().rss
            self._held[role] = loader(folder, self.options)
            seconds = time.perf_counter() - began
            # Without a garbage collection: with these libraries it takes a tenth of a second, and a user waits.
            environment.trim()
            added_mb = max(0, self._process.memory_info().rss - before) / _MB
            self._fresh.append(LoadedModel(role, seconds, added_mb))
        return self._held[role]

    def take_fresh(self) -> tuple[LoadedModel, ...]:
        """The models that were loaded since this was last asked, and are still there."""
        fresh, self._fresh = self._fresh, []
        return tuple(one for one in fresh if one.role in self._held)

    # --- by role; each raises as `load` does ----------------------------------------------------------------

    def line_finder(self) -> LineFinder:
        """Text detection."""
        return cast("LineFinder", self.load(self.text_roles.detection))

    def line_reader(self) -> LineReader:
        """Text recognition."""
        return cast("LineReader", self.load(self.text_roles.recognition))

    def text(self, side: int = 0) -> TextReader:
        """Text detection and recognition.

        Args:
            side: longest side, in pixels, of the picture the detector sees; 0 for the options'.
        """
        finder, reader = self.line_finder(), self.line_reader()
        from desktop_ocr.engine_host.text import TextReader

        return TextReader(finder, reader, side or self.options.detection_side)

    def second_reader(self) -> LineReader:
        """Recognition of what the first recogniser was unsure of."""
        return cast("LineReader", self.load(self.text_roles.second))

    def orientation(self) -> OrientationFinder:
        """Page orientation."""
        return cast("OrientationFinder", self.load(ModelRole.PAGE_ORIENTATION))

    def layout(self) -> LayoutFinder:
        """Layout by the words, which comes with PyMuPDF."""
        return cast("LayoutFinder", self.load(ModelRole.LAYOUT))

    def regions(self) -> RegionFinder:
        """Layout by the picture."""
        return cast("RegionFinder", self.load(ModelRole.REGIONS))

    def tables(self) -> TableReader:
        """Cells of tables, by the pipeline of several models where it is installed."""
        better = self.has(ModelRole.TABLE_PIPELINE)
        return cast("TableReader", self.load(ModelRole.TABLE_PIPELINE if better else ModelRole.TABLE_STRUCTURE))

    def formulas(self) -> FormulaReader:
        """Formulas."""
        return cast("FormulaReader", self.load(ModelRole.FORMULA))

    def charts(self) -> ChartReader:
        """Charts."""
        return cast("ChartReader", self.load(ModelRole.CHART))

    def seals(self) -> SealReader:
        """Seals."""
        return cast("SealReader", self.load(ModelRole.SEAL_DETECTION))

    def unwarper(self) -> Unwarper:
        """Flattening."""
        return cast("Unwarper", self.load(ModelRole.UNWARP))

    def structure(self, features: Features) -> StructureReader:
        """The pipeline that does pages as a whole, built for these features."""
        return cast("StructureReader", self.load(ModelRole.STRUCTURE, features))

    # --- ending ---------------------------------------------------------------------------------------------

    def unload(self, roles: Iterable[str]) -> None:
        """Forget the models of these roles. The code of their libraries stays until the process ends."""
        for role in roles:
            model = self._held.pop(role, None)
            if hasattr(model, "close"):
                model.close()

    def drop(self) -> None:
        """Forget all models."""
        self.unload(self.loaded)

    def _folder(self, role: str) -> ModelFolder:
        folder = self._folders.get(role)
        if folder is None and role in WITHOUT_FOLDER:
            return ModelFolder(role, "", "")
        if folder is None:
            raise DesktopOcrError(ErrorCode.MODEL_MISSING, f"No model for {role} was configured.")
        return folder

    def _outlive(self, folder: ModelFolder) -> None:
        """Forget the pipeline that does pages as a whole where it was built of other parts."""
        if folder != self._structure:
            self.unload((ModelRole.STRUCTURE,))
            # Its models refer to each other: without this the new ones would be loaded beside the old.
            gc.collect()
            environment.trim()
