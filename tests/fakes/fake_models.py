"""A model store that has everything, without a file: for sessions on fake hosts."""

from __future__ import annotations

from pathlib import Path

from desktop_ocr.models.models_file import ModelsFile
from desktop_ocr.models.selection import Selection
from desktop_ocr.schema.engine_messages import ModelFolder

BUNDLED = {
    "page-orientation": "PP-LCNet_x1_0_doc_ori",
    "text-detection": "PP-OCRv6_small_det",
    "text-recognition": "PP-OCRv6_small_rec",
    "layout": "pymupdf-layout",
    "regions": "picodet-cdla",
    "table-structure": "SLANet_plus",
}
LARGE = {"formula": "fake_formula", "chart": "fake_chart", "seal-detection": "fake_seal"}
"""Unknown to the catalog: 300 MB are expected of each."""


class FakeModelStore:
    """In place of `ModelStore`."""

    def __init__(self, *folders: Path | None) -> None:
        """There is nothing to look at."""
        del folders

    def defaults(self) -> dict[str, str]:
        """Model by role."""
        return {**BUNDLED, **LARGE}

    def ensure(self, model_id: str) -> Path:
        """A name."""
        return Path("/models") / model_id

    def folder_of(self, role: str, model_id: str) -> ModelFolder:
        """The same as hosts are told of it."""
        return ModelFolder(role, model_id, str(self.ensure(model_id)))

    def lay_out(self, folder: ModelFolder) -> ModelFolder:
        """It is there."""
        return folder


def fake_choice(store: FakeModelStore, file: ModelsFile) -> Selection:
    """In place of `choose_models`."""
    del file
    return Selection({role: store.folder_of(role, model) for role, model in store.defaults().items()})
