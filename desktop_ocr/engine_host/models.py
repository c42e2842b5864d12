"""The models of a host, each loaded when it is first asked for."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import msgspec
import psutil

from desktop_ocr.engine_host import environment
from desktop_ocr.engine_host.failures import UNUSABLE, classify, first_line
from desktop_ocr.engine_host.loaders import LOADERS, SHARE_PADDLE, WITHOUT_FOLDER, Loader
from desktop_ocr.engine_host.model_folders import check, for_features, unloadable
from desktop_ocr.schema.engine_messages import EngineOptions, LoadedModel, ModelFolder, TextRoles
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.features import FULL, Features
from desktop_ocr.schema.jobs import TextModel
from desktop_ocr.schema.results import PageNote, unloadable_note
from desktop_ocr.schema.roles import REGIONS_BUNDLED, ModelRole, base_role, variant

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

log = logging.getLogger(__name__)

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
        self._used: dict[str, None] = {}
        self._damaged: dict[str, ErrorInfo] = {}
        self._notes: list[PageNote] = []
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
        """The id of the role's model, or ""; of one that could not be loaded, too."""
        folder = self._folders.get(role) if role not in self._damaged else None
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
            DesktopOcrError: MODEL_MISSING where it was not configured or is not there, MODEL_DAMAGED where its files
                are not what they should be, GPU_LOST where it cannot be loaded on the GPU it should be on.
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
            self._held[role] = self._loaded(role, loader, folder)
            seconds = time.perf_counter() - began
            # Without a garbage collection: with these libraries it takes a tenth of a second, and a user waits.
            environment.trim()
            added_mb = max(0, self._process.memory_info().rss - before) / _MB
            self._fresh.append(LoadedModel(role, seconds, added_mb))
        self._used[role] = None
        return self._held[role]

    def take_fresh(self) -> tuple[LoadedModel, ...]:
        """The models that were loaded since this was last asked, and are still there."""
        fresh, self._fresh = self._fresh, []
        return tuple(one for one in fresh if one.role in self._held)

    # --- what could not be loaded ---------------------------------------------------------------------------

    def note(self, what: str, error: DesktopOcrError) -> None:
        """Note that a page is done without something (the beginning of a sentence), whose model cannot be loaded."""
        self._notes.append(unloadable_note(what, error.info))

    def take_notes(self) -> tuple[PageNote, ...]:
        """What was noted since this was last asked, each once."""
        notes, self._notes = self._notes, []
        return tuple(dict.fromkeys(notes))

    def take_used(self) -> tuple[str, ...]:
        """Ids of the models that were asked for, and were there, since this was last asked; in that order."""
        used, self._used = self._used, {}
        return tuple(dict.fromkeys(name for role in used if (name := self.name(role))))

    # --- by role; each raises as `load` does ----------------------------------------------------------------

    def line_finder(self) -> LineFinder:
        """Text detection; by the model that came with the program where the wanted one cannot be loaded."""
        found, role = self._load_for_text(self.text_roles.detection)
        self.text_roles = msgspec.structs.replace(self.text_roles, detection=role)
        return cast("LineFinder", found)

    def line_reader(self) -> LineReader:
        """Text recognition; by the model that came with the program where the wanted one cannot be loaded."""
        found, role = self._load_for_text(self.text_roles.recognition)
        self.text_roles = msgspec.structs.replace(self.text_roles, recognition=role)
        return cast("LineReader", found)

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
        """Layout by the picture; by the model that came with the program where a better one cannot be loaded."""
        try:
            return cast("RegionFinder", self.load(ModelRole.REGIONS))
        except DesktopOcrError as error:
            if error.code not in UNUSABLE or not self.has(REGIONS_BUNDLED):
                raise
            self.note("The better model for tables and pictures", error)
            return cast("RegionFinder", self.load(REGIONS_BUNDLED))

    def tables(self) -> TableReader:
        """Cells of tables, by the pipeline of several models where it is installed and can be loaded."""
        if self.has(ModelRole.TABLE_PIPELINE):
            try:
                return cast("TableReader", self.load(ModelRole.TABLE_PIPELINE))
            except DesktopOcrError as error:
                if error.code not in UNUSABLE or not self.has(ModelRole.TABLE_STRUCTURE):
                    raise
                self.note("The better models for tables", error)
        return cast("TableReader", self.load(ModelRole.TABLE_STRUCTURE))

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

    def _loaded(self, role: str, loader: Loader, folder: ModelFolder) -> Any:
        """Load a model. One whose files are damaged is not tried again: hundreds of megabytes may be read in vain."""
        if role in self._damaged:
            raise DesktopOcrError.from_info(self._damaged[role])
        try:
            return loader(folder, self.options)
        except Exception as error:
            if isinstance(error, DesktopOcrError | ImportError) or role in WITHOUT_FOLDER:
                raise
            if classify(error, folder.device or self.options.device, "the model") is not None:
                raise
            # ONNX Runtime, paddle, YAML and JSON have each their own exceptions for files that they do not understand.
            log.warning("the model %s cannot be loaded: %s", folder.model, first_line(error))
            damaged = unloadable(folder)
            if role != ModelRole.STRUCTURE:  # it may go well with other parts
                self._damaged[role] = damaged.info
            raise damaged from error

    def _load_for_text(self, role: str) -> tuple[Any, str]:
        """A model for text, and its role: where the one for `role` cannot be loaded, the one that pages have else."""
        base = base_role(role)
        instead = [one for one in (base, variant(base, TextModel.SMALL.value)) if one != role and self.has(one)]
        try:
            return self.load(role), role
        except DesktopOcrError as error:
            if error.code not in UNUSABLE:
                raise
            if not instead:
                raise
            self.note(f"The wanted model for {base.replace('-', ' ')}", error)
            return self._load_for_text(instead[0]) if instead[0] == base else (self.load(instead[0]), instead[0])

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
