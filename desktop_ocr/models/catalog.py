"""The models that the program knows: what they are for, where they come from, how large they are."""

from __future__ import annotations

from collections.abc import Iterable

from desktop_ocr.models.catalog_bundled import BUNDLED
from desktop_ocr.models.catalog_downloads import DOWNLOADS, LANGUAGES
from desktop_ocr.models.entries import FORMAT_ENGINES, ModelEntry, ModelSource, PackageFormat, Part
from desktop_ocr.schema.roles import ModelRole

__all__ = [
    "CATALOG",
    "FORMAT_ENGINES",
    "LANGUAGES",
    "PROFILES",
    "REQUIRED_ROLES",
    "ModelEntry",
    "ModelSource",
    "PackageFormat",
    "Part",
    "entry",
    "expanded",
    "models_for",
]

REQUIRED_ROLES = frozenset({ModelRole.TEXT_DETECTION, ModelRole.TEXT_RECOGNITION, ModelRole.LAYOUT})
"""Without a model for these no page can be recognised; without the others it can, with a note."""

CATALOG: tuple[ModelEntry, ...] = (*BUNDLED, *DOWNLOADS)

PROFILES: dict[str, tuple[str, ...]] = {
    "fast": tuple(model.id for model in BUNDLED),
    "full": ("PP-StructureV3",),
}
"""Models that go together, by the name of a `Profile`."""

_BY_ID = {model.id: model for model in CATALOG}


def entry(model_id: str) -> ModelEntry | None:
    """The model of that name, or None."""
    return _BY_ID.get(model_id)


def models_for(role: ModelRole) -> tuple[ModelEntry, ...]:
    """The models that can fill a role, the preferred one first. Which are installed is another question."""
    candidates = [model for model in CATALOG if role in model.roles]
    # Those that come with the program are named first where nothing is installed, whatever is better.
    return tuple(sorted(candidates, key=lambda model: (role is not model.role, -model.preference)))


def expanded(names: Iterable[str]) -> list[str] | str:
    """The ids of single models that names of models, pipelines and profiles stand for, each once, in their order.

    Returns:
        The ids; or, where a name is not known, that name.
    """
    ids: dict[str, None] = {}
    for name in names:
        for model_id in PROFILES.get(name, (name,)):
            model = entry(model_id)
            if model is None:
                return name
            ids.update(dict.fromkeys(part.wanted for part in model.parts) if model.parts else {model_id: None})
    return list(ids)
