"""Pictures on a page: where they are was found with its blocks; exports take them from the document itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_ocr.schema.features import Feature, FeatureMode
from desktop_ocr.schema.results import PageResult

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import View
    from desktop_ocr.engine_host.models import Models


class PicturesStage:
    """Nothing is left to do once a page's blocks are known, so that no page waits for it."""

    feature = Feature.PICTURES

    def needed(self, result: PageResult, mode: FeatureMode) -> bool:
        """Never: the model for regions has looked at the page already."""
        del result, mode
        return False

    def roles(self, configured: frozenset[str]) -> tuple[str, ...]:
        """None."""
        del configured
        return ()

    def apply(self, models: Models, view: View, result: PageResult) -> PageResult:
        """The result as it is."""
        del models, view
        return result


STAGE = PicturesStage()
