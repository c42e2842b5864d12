"""What may be looked for on a page beside its text, and how eagerly."""

from __future__ import annotations

import enum

import msgspec


class Feature(enum.StrEnum):
    """Something that a page is searched for. The values are the names of the fields of `Features`."""

    ORIENTATION = "orientation"
    UNWARP = "unwarp"
    TABLES = "tables"
    PICTURES = "pictures"
    FORMULAS = "formulas"
    CHARTS = "charts"
    SEALS = "seals"


class FeatureMode(enum.StrEnum):
    """How eagerly.

    OFF: never; its models are not loaded. AUTO: where the cheap first look at a page shows a sign of it. ON: on every
    page, by the best model that is installed.
    """

    OFF = "off"
    AUTO = "auto"
    ON = "on"


BEFORE_TEXT = (Feature.UNWARP, Feature.ORIENTATION)
"""They change the page's picture: text is read after them."""

STAGES = (Feature.TABLES, Feature.PICTURES, Feature.SEALS, Feature.FORMULAS, Feature.CHARTS)
"""They work on what was found, in this order, each by itself: a page can be stored between any two."""


TITLES = {
    Feature.ORIENTATION: "Turning the page",
    Feature.UNWARP: "Flattening the page",
    Feature.TABLES: "The cells of tables",
    Feature.PICTURES: "Pictures",
    Feature.SEALS: "Seals",
    Feature.FORMULAS: "Formulas",
    Feature.CHARTS: "Charts",
}
"""As a page's notes name them."""


class Features(msgspec.Struct, frozen=True):
    """A mode for each feature.

    Attributes:
        orientation: turn pages upright.
        unwarp: flatten photographed pages.
        tables: find the cells of tables.
        pictures: find pictures, so that exports can contain them.
        formulas: read formulas as LaTeX.
        charts: read charts as tables.
        seals: read the text of round seals.
    """

    orientation: FeatureMode = FeatureMode.ON
    unwarp: FeatureMode = FeatureMode.OFF
    tables: FeatureMode = FeatureMode.AUTO
    pictures: FeatureMode = FeatureMode.AUTO
    formulas: FeatureMode = FeatureMode.OFF
    charts: FeatureMode = FeatureMode.OFF
    seals: FeatureMode = FeatureMode.OFF

    def mode(self, feature: Feature) -> FeatureMode:
        """A feature's mode."""
        mode: FeatureMode = getattr(self, feature.value)
        return mode

    def wants(self, feature: Feature) -> bool:
        """Whether a feature is not off."""
        return self.mode(feature) is not FeatureMode.OFF

    def without(self, *features: Feature) -> Features:
        """The same with some features off."""
        return msgspec.structs.replace(self, **{feature.value: FeatureMode.OFF for feature in features})


class Profile(enum.StrEnum):
    """Settings that go together, by name. CUSTOM is whatever is none of the others."""

    FAST = "fast"
    FULL = "full"
    CUSTOM = "custom"


FAST = Features()
"""Text, tables and pictures, by the models that come with the program."""

FULL = Features(
    orientation=FeatureMode.ON,
    unwarp=FeatureMode.AUTO,
    tables=FeatureMode.ON,
    pictures=FeatureMode.ON,
    formulas=FeatureMode.ON,
    charts=FeatureMode.ON,
    seals=FeatureMode.ON,
)
"""Everything, by PP-StructureV3."""

NONE = Features(**{feature.value: FeatureMode.OFF for feature in Feature})
"""Text alone."""
