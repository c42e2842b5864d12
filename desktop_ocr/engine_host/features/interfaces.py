"""What a page is searched for beside its text: one small interface a role, whatever model fills it.

Pictures are RGB, 8 bits; boxes are in the picture's pixels unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from desktop_ocr.schema.features import Feature, FeatureMode, Features
from desktop_ocr.schema.results import BlockKind, Box, Line, PageResult, Table

if TYPE_CHECKING:
    # Not at run time: a host that only arranges text layers does without numpy and cv2.
    from desktop_ocr.engine_host.bitmap import Image
    from desktop_ocr.engine_host.crops import Quad
    from desktop_ocr.engine_host.models import Models


@dataclass(frozen=True)
class Region:
    """A block that a model sees in a page's picture: its kind, where it is, and how sure the model is (0 to 1)."""

    kind: BlockKind
    box: Box
    score: float


class RegionFinder(Protocol):
    """Layout by the picture: finds tables and figures that words alone do not show."""

    @property
    def kinds(self) -> frozenset[BlockKind]:
        """What it can tell apart: a model that knows no charts says nothing of whether there are any."""

    def find(self, image: Image) -> list[Region]:
        """Regions of the upright page, in no order; they may overlap."""


class TableReader(Protocol):
    """Finds the cells of a table."""

    def read(self, image: Image, lines: Sequence[Line]) -> Table | None:
        """The table's cells; those of its lines' words that lie in a cell are its text.

        Args:
            image: the table alone, with a small margin.
            lines: of the page that lie in it, in the image's pixels; cells name them by index here.

        Returns:
            None where it is none, or not understood: its lines are then shown as they stand.
        """


class FormulaReader(Protocol):
    """Reads formulas."""

    def read(self, images: Sequence[Image]) -> list[str]:
        """LaTeX without delimiters of each picture of a formula; "" where nothing was read."""


class ChartReader(Protocol):
    """Reads charts."""

    def read(self, image: Image) -> Table | None:
        """The figures a chart was drawn from; None where they cannot be told."""


class SealReader(Protocol):
    """Finds the curved writing of a seal."""

    def find(self, image: Image) -> list[tuple[Image, Quad]]:
        """Each line of writing, straightened for the recogniser (BGR), and the quad around it in the seal's picture."""


class Unwarper(Protocol):
    """Flattens photographed pages."""

    def flatten(self, image: Image) -> Image:
        """The page as if it had been scanned; of the same size."""


class StructureReader(Protocol):
    """A pipeline that does a page as a whole."""

    def read(self, image: Image, page: int, dpi: float, features: Features) -> PageResult:
        """The page's result, with what it was built for as far as it is wanted."""


@dataclass(frozen=True)
class View:
    """A page's picture beside its result: upright, flattened where the result is.

    Attributes:
        image: the picture.
        scale: pixels of the picture for one pixel of the result.
    """

    image: Image
    scale: float = 1.0

    def box(self, box: Box, margin: float = 0.0) -> tuple[int, int, int, int]:
        """A box of the result in the picture's whole pixels, `margin` (of the result's pixels) wider on each side."""
        height, width = self.image.shape[:2]
        x0, y0, x1, y1 = box
        return (
            max(0, min(width, int((x0 - margin) * self.scale))),
            max(0, min(height, int((y0 - margin) * self.scale))),
            max(0, min(width, round((x1 + margin) * self.scale))),
            max(0, min(height, round((y1 + margin) * self.scale))),
        )

    def crop(self, box: Box, margin: float = 0.0) -> Image:
        """What lies in a box of the result; a view into the picture, empty for a box outside."""
        x0, y0, x1, y1 = self.box(box, margin)
        return self.image[y0:y1, x0:x1]


class Stage(Protocol):
    """Does one feature of a page whose text and blocks are known."""

    @property
    def feature(self) -> Feature:
        """Which."""

    def needed(self, result: PageResult, mode: FeatureMode) -> bool:
        """Whether there is anything for it on the page; cheap, without a model."""

    def roles(self, configured: frozenset[str]) -> tuple[str, ...]:
        """Roles of the models it uses, of those that are configured; none where what it needs is not installed."""

    def apply(self, models: Models, view: View, result: PageResult) -> PageResult:
        """The result with the feature done. Loads what it needs; raises as models do."""
