"""What models do for a page."""

from __future__ import annotations

import enum


class ModelRole(enum.StrEnum):
    """A job that a model is loaded for."""

    PAGE_ORIENTATION = "page-orientation"
    UNWARP = "unwarp"
    TEXT_DETECTION = "text-detection"
    TEXT_RECOGNITION = "text-recognition"
    SECOND_RECOGNITION = "second-recognition"
    """Reads again what TEXT_RECOGNITION, a smaller model, was unsure of."""
    LAYOUT = "layout"
    """Blocks by the words."""
    REGIONS = "regions"
    """Blocks by the picture."""
    TABLE_STRUCTURE = "table-structure"
    TABLE_PIPELINE = "table-pipeline"
    """Several models for ruled and unruled tables; where it is installed, it takes the place of TABLE_STRUCTURE."""
    FORMULA = "formula"
    CHART = "chart"
    SEAL_DETECTION = "seal-detection"
    STRUCTURE = "structure"
    """A pipeline that does pages as a whole."""

    # Parts of pipelines; a host never loads them by themselves.
    TABLE_CLASSIFICATION = "table-classification"
    WIRED_STRUCTURE = "wired-structure"
    WIRELESS_STRUCTURE = "wireless-structure"
    WIRED_CELLS = "wired-cells"
    WIRELESS_CELLS = "wireless-cells"
    LINE_ORIENTATION = "line-orientation"
    PAGE_BLOCKS = "page-blocks"
    """Columns and sections by the picture; PP-StructureV3 orders its blocks by them."""


PARTS = frozenset(
    {
        ModelRole.TABLE_CLASSIFICATION,
        ModelRole.WIRED_STRUCTURE,
        ModelRole.WIRELESS_STRUCTURE,
        ModelRole.WIRED_CELLS,
        ModelRole.WIRELESS_CELLS,
        ModelRole.LINE_ORIENTATION,
        ModelRole.PAGE_BLOCKS,
    }
)


def variant(role: str, name: str) -> str:
    """A role filled by another of its models: "text-recognition:arabic". Hosts hold them beside each other."""
    return f"{role}:{name}" if name else str(role)


REGIONS_BUNDLED = variant(ModelRole.REGIONS, "bundled")
"""What sees a page's blocks where the better model that is installed cannot be loaded."""


def base_role(role: str) -> str:
    """The role that a variant is of."""
    return role.partition(":")[0]
