"""Features of a page, profiles and scripts in words."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_ocr.gui.words import tr
from desktop_ocr.schema.features import Feature, FeatureMode, Profile

MODES = (FeatureMode.OFF, FeatureMode.AUTO, FeatureMode.ON)
"""In the order in which they are shown."""

SHOWN = (
    Feature.TABLES,
    Feature.PICTURES,
    Feature.FORMULAS,
    Feature.CHARTS,
    Feature.SEALS,
    Feature.ORIENTATION,
    Feature.UNWARP,
)
"""In the order in which they are shown: what is looked for, then what is done before."""


def feature_title(feature: Feature) -> str:
    """A feature's name."""
    return {
        Feature.TABLES: tr("Tables"),
        Feature.PICTURES: tr("Pictures"),
        Feature.FORMULAS: tr("Formulas"),
        Feature.CHARTS: tr("Charts"),
        Feature.SEALS: tr("Seals"),
        Feature.ORIENTATION: tr("Turn upright"),
        Feature.UNWARP: tr("Flatten"),
    }[feature]


def feature_hint(feature: Feature) -> str:
    """What a feature does, in a few words."""
    return {
        Feature.TABLES: tr("Find their cells"),
        Feature.PICTURES: tr("Find them, for exports to contain"),
        Feature.FORMULAS: tr("Read them as LaTeX"),
        Feature.CHARTS: tr("Read them as tables"),
        Feature.SEALS: tr("Read the writing of round seals"),
        Feature.ORIENTATION: tr("Pages that lie or stand on their head"),
        Feature.UNWARP: tr("Photographed pages that are bent"),
    }[feature]


def mode_title(mode: FeatureMode) -> str:
    """How eagerly."""
    return {
        FeatureMode.OFF: tr("Off"),
        FeatureMode.AUTO: tr("Where needed"),
        FeatureMode.ON: tr("Always"),
    }[mode]


def mode_hint(mode: FeatureMode) -> str:
    """What a mode means."""
    return {
        FeatureMode.OFF: tr("Its models are not loaded."),
        FeatureMode.AUTO: tr("On pages that show a sign of it."),
        FeatureMode.ON: tr("On every page, by the best model that is installed."),
    }[mode]


def profile_title(profile: Profile) -> str:
    """A profile's name."""
    return {Profile.FAST: tr("Fast"), Profile.FULL: tr("Full"), Profile.CUSTOM: tr("Custom")}[profile]


def profile_hint(profile: Profile) -> str:
    """What a profile is for."""
    return {
        Profile.FAST: tr("Text, tables and pictures, by the models that come with the program."),
        Profile.FULL: tr("Everything, by PP-StructureV3: slower, and takes much more memory."),
        Profile.CUSTOM: tr("What is chosen below."),
    }[profile]


def being_looked_for(features: Sequence[Feature]) -> str:
    """What is still to come on a page: "Still looking for formulas and charts."."""
    words = {
        Feature.TABLES: tr("tables"),
        Feature.PICTURES: tr("pictures"),
        Feature.FORMULAS: tr("formulas"),
        Feature.CHARTS: tr("charts"),
        Feature.SEALS: tr("seals"),
    }
    found = [words[feature] for feature in features if feature in words]
    if not found:
        return tr("More of this page is still to come.")
    listed = found[0] if len(found) == 1 else tr("{some} and {last}").format(
        some=", ".join(found[:-1]), last=found[-1]
    )  # fmt: skip
    return tr("Still looking for {what}.").format(what=listed)


def languages() -> tuple[tuple[str, str], ...]:
    """The values of `JobOptions.language`, each with its name."""
    from desktop_ocr.models.catalog import LANGUAGES  # not before somebody wants to see it

    short = {
        "arabic": tr("Arabic script"),
        "cyrillic": tr("Cyrillic script"),
        "devanagari": tr("Devanagari script"),
        "el": tr("Greek"),
        "en": tr("English alone"),
        "eslav": tr("Russian, Ukrainian, Belarusian"),
        "korean": tr("Korean"),
        "latin": tr("Latin script alone"),
        "ta": tr("Tamil"),
        "te": tr("Telugu"),
        "th": tr("Thai"),
    }
    first = ("", tr("Chinese, Japanese, Latin"))
    return (first, *((value, short.get(value, tr(name))) for value, name in LANGUAGES.items()))
