"""One page, from its bitmap or its text layer to its result."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from desktop_ocr.engine_host.blocks import Finder, arrange
from desktop_ocr.engine_host.failures import UNUSABLE, classify
from desktop_ocr.engine_host.geometry import Found
from desktop_ocr.engine_host.models import Models
from desktop_ocr.engine_host.steps import Steps
from desktop_ocr.schema.engine_messages import Arrange, Recognise, Refine
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import TITLES, Feature, FeatureMode, Features
from desktop_ocr.schema.results import LEFT_OUT, Box, Line, PageNote, PageResult, PageSource
from desktop_ocr.schema.roles import ModelRole

if TYPE_CHECKING:
    from desktop_ocr.engine_host.bitmap import Image
    from desktop_ocr.engine_host.crops import Quad
    from desktop_ocr.engine_host.features.interfaces import Region

log = logging.getLogger(__name__)

_M = TypeVar("_M")
LAYER_DPI = 72.0
_LARGEST = 1e6


def recognise_page(models: Models, request: Recognise) -> PageResult:
    """Recognise a page's bitmap.

    Args:
        models: of the host; those of features that are off are not touched.
        request: the page and what is wanted.

    Raises:
        DesktopOcrError: the bitmap cannot be read, or a model is missing.
    """
    # cv2 and numpy: a host that only arranges text layers does without.
    from desktop_ocr.engine_host.bitmap import load_bitmap
    from desktop_ocr.engine_host.features import looking, stages
    from desktop_ocr.engine_host.features.interfaces import View
    from desktop_ocr.engine_host.second_reading import is_unsure, read_again

    steps = Steps()
    models.take_used()
    notes: list[PageNote] = []
    bitmap, features = request.bitmap, request.features
    with steps.measure("load"):
        image = load_bitmap(bitmap)
    models.take_notes()
    if request.structure:
        if not models.has(ModelRole.STRUCTURE):
            notes.append(PageNote(LEFT_OUT, "PP-StructureV3 left out: its models are not installed."))
        else:
            with steps.measure("structure"):
                reader = _unless_unusable(models, "PP-StructureV3", lambda: models.structure(features))
                result = reader.read(image, request.page, bitmap.dpi, features) if reader is not None else None
            if result is not None:
                return msgspec.structs.replace(result, steps=(*result.steps, *steps.costs))
    upright = _Upright(models, features, request.detection_side, steps)
    image, quads = upright.make(image)
    height, width = image.shape[:2]
    with steps.measure("text"):
        lines = models.text(request.detection_side).read(image, quads)
    if models.has(request.text.second) and any(map(is_unsure, lines)):
        with steps.measure("second reading"):
            again = _unless_unusable(models, "Reading doubtful lines again", models.second_reader)
            lines = read_again(again, image, lines) if again is not None else lines
    regions: Sequence[Region] = ()
    if request.layout and looking.worth_it(models, image, lines, features):
        with steps.measure("regions"):
            regions, failed = looking.regions(models, image, features)
        notes += failed
    with _arranging(models, steps, request.layout) as finder:
        lines, blocks = arrange(finder, lines, width, height, bitmap.dpi, regions=regions)
    result = PageResult(
        page=request.page,
        width=float(width),
        height=float(height),
        dpi=float(bitmap.dpi),
        rotation=upright.rotation,
        source=PageSource.RECOGNISED,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=steps.costs,
        notes=(*upright.notes, *notes, *models.take_notes(), *finder.notes),
        models=_worked(models, finder),
        unwarped=upright.unwarped,
    )
    if not request.layout:
        return result
    result = stages.plan(models, result, features)
    return stages.perform(models, View(image), result, request.inline)


def arrange_page(models: Models, request: Arrange) -> PageResult:
    """Find the blocks of a page whose text is known.

    Args:
        models: of the host; at most its layout is loaded.
        request: the page's text and what is wanted.

    Raises:
        DesktopOcrError: PROTOCOL where the page's size is not a positive number.
    """
    layer = request.layer
    if not (0 < layer.width < _LARGEST and 0 < layer.height < _LARGEST):
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The page has no sensible size.")
    steps = Steps()
    models.take_used()
    with _arranging(models, steps, request.layout) as finder:
        lines, blocks = arrange(
            finder,
            list(layer.lines),
            layer.width,
            layer.height,
            LAYER_DPI,
            pictures=layer.pictures,
            rulings=layer.rulings,
        )
    result = PageResult(
        page=request.page,
        width=layer.width,
        height=layer.height,
        dpi=LAYER_DPI,
        rotation=0,
        source=PageSource.TEXT_LAYER,
        lines=tuple(lines),
        blocks=tuple(blocks),
        steps=steps.costs,
        notes=tuple(finder.notes),
        models=_worked(models, finder),
    )
    if not request.layout:
        return result
    from desktop_ocr.engine_host.features import stages
    from desktop_ocr.engine_host.features.tables_stage import tables_of_layer

    if request.features.wants(Feature.TABLES):
        with steps.measure(Feature.TABLES.value):
            result = tables_of_layer(result, layer.rulings)
        result = msgspec.structs.replace(result, steps=steps.costs)
    return stages.plan(models, result, request.features)


def refine_page(models: Models, request: Refine) -> PageResult:
    """Do one of a page's pending features.

    Raises:
        DesktopOcrError: as `recognise_page`; PROTOCOL where the feature is not pending.
    """
    from desktop_ocr.engine_host.bitmap import load_bitmap, turn
    from desktop_ocr.engine_host.features import stages
    from desktop_ocr.engine_host.features.interfaces import View

    result = request.result
    if request.feature not in result.pending:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "This was done on the page already.")
    image = load_bitmap(request.bitmap)
    if result.unwarped:
        image = models.unwarper().flatten(image)
    image = turn(image, result.rotation)
    view = View(image, image.shape[1] / result.width)
    return stages.perform(models, view, result, (request.feature,))


def _worked(models: Models, finder: _Careful) -> tuple[str, ...]:
    """The models that worked on the page so far. Layout is asked for on every page, and has nothing to do on some."""
    layout = models.name(ModelRole.LAYOUT)
    return tuple(name for name in models.take_used() if name != layout or finder.asked)


class _Upright:
    """Flattens a page and turns it upright, as far as that is wanted and can be done."""

    def __init__(self, models: Models, features: Features, side: int, steps: Steps) -> None:
        self._models = models
        self._features = features
        self._side = side
        self._steps = steps
        self.rotation = 0
        self.unwarped = False
        self.notes: list[PageNote] = []

    def make(self, image: Image) -> tuple[Image, list[Quad] | None]:
        """The page to be read, and the quads of its lines, where they are known already."""
        from desktop_ocr.engine_host.bitmap import turn

        image = self._flattened(image)
        mode = self._features.orientation
        if mode is FeatureMode.OFF:
            return image, None
        quads: list[Quad] | None = None
        if mode is FeatureMode.AUTO:
            from desktop_ocr.engine_host.orientation import looks_upright

            reader = self._models.text(self._side)
            with self._steps.measure("orientation"):
                quads = reader.find(image)
                if looks_upright(image, quads, reader):
                    return image, quads
        if not self._models.has(ModelRole.PAGE_ORIENTATION):
            self.notes.append(PageNote("orientation-missing", "The page was not turned: its model is not installed."))
            return image, quads
        with self._steps.measure("orientation"):
            turner = _unless_unusable(self._models, TITLES[Feature.ORIENTATION], self._models.orientation)
            if turner is None:
                return image, quads
            self.rotation, found = turner.find(image, self._models.text(self._side))
        return (turn(image, self.rotation), None) if self.rotation else (image, found or quads)

    def _flattened(self, image: Image) -> Image:
        from desktop_ocr.engine_host.features import looking, stages

        mode = self._features.unwarp
        if mode is FeatureMode.OFF or (mode is FeatureMode.AUTO and not looking.seems_bent(image)):
            return image
        if not self._models.has(ModelRole.UNWARP):
            self.notes.append(stages.missing(Feature.UNWARP))
            return image
        with self._steps.measure("unwarp"):
            unwarper = _unless_unusable(self._models, TITLES[Feature.UNWARP], self._models.unwarper)
            if unwarper is None:
                return image
            self.unwarped = True
            return unwarper.flatten(image)


def _unless_unusable(models: Models, what: str, load: Callable[[], _M]) -> _M | None:
    """A model that a page can do without; None where it cannot be loaded, with a note of what is left out."""
    try:
        return load()
    except DesktopOcrError as error:
        if error.code not in UNUSABLE or not models.has(models.text_roles.detection):
            raise
        models.note(what, error)
        return None


@contextlib.contextmanager
def _arranging(models: Models, steps: Steps, layout: bool) -> Iterator[_Careful]:
    """What finds blocks, measured as a step: the layout model, or nothing that knows any."""
    with steps.measure("layout" if layout else "order"):
        yield _Careful(models.layout(), models.options.device) if layout else _Careful()


class _Careful:
    """The layout model, without which a page's text is still worth having: where it fails, or is not wanted."""

    def __init__(self, finder: Finder | None = None, device: str = "cpu") -> None:
        self._finder = finder
        self._device = device
        self.asked = False
        self.notes: list[PageNote] = []

    def find(
        self,
        lines: Sequence[Line],
        width: float,
        height: float,
        dpi: float,
        *,
        skew: float,
        pictures: Sequence[Box],
        rulings: Sequence[Box],
    ) -> Sequence[Found]:
        """The model's blocks; none where there is no model, and where it fails, with a note."""
        if self._finder is None:
            return ()
        self.asked = bool(lines)
        try:
            return self._finder.find(lines, width, height, dpi, skew=skew, pictures=pictures, rulings=rulings)
        except Exception as error:
            if classify(error, self._device, "this page") is not None:
                raise  # the parent has answers to that: a smaller side, fewer features
            log.warning("layout failed: %s", type(error).__name__)
            self.notes.append(
                PageNote("layout-failed", "The page's layout was not recognised; its text is in reading order.")
            )
            return ()
