"""The models as a list shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from desktop_ocr.models.catalog import CATALOG, entry
from desktop_ocr.models.engines import how, installed_engines, usable_formats
from desktop_ocr.models.entries import ModelEntry
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.model_store import StoredModel, StoreState


def listed(store: ModelStore) -> list[StoredModel]:
    """All models of the catalog, in its order. Reads no weights."""
    engines = installed_engines()
    single = {model.id: _single(store, model, engines) for model in CATALOG if not model.parts}
    return [_pipeline(model, single) if model.parts else single[model.id] for model in CATALOG]


def listed_one(store: ModelStore, model_id: str) -> StoredModel | None:
    """A model of the catalog with files of its own, or None."""
    model = entry(model_id)
    return None if model is None or model.parts else _single(store, model, installed_engines())


def pipelines_with(store: ModelStore, model_id: str) -> list[StoredModel]:
    """The pipelines of which a model is a part."""
    ids = {model.id for model in CATALOG if any(model_id in part.models for part in model.parts)}
    return [model for model in listed(store) if model.id in ids]


def _single(store: ModelStore, model: ModelEntry, engines: Collection[str]) -> StoredModel:
    bundled = store.bundled(model.id)
    stamp = None if bundled or store.downloaded is None else store.downloaded.find(model.id)
    partial = store.downloaded.partial(model.id) if store.downloaded and not bundled and stamp is None else 0
    runs = bundled or (bool(store.engine(model.id)) if stamp else bool(usable_formats(model.formats, engines)))
    size, reason = model.size, ""
    if bundled or (stamp is not None and runs):
        state = StoreState.INSTALLED
    elif stamp is not None or (not runs and model.formats):
        state, reason = StoreState.UNAVAILABLE, how(model)
    else:
        state = StoreState.BROKEN_OFF if partial else StoreState.AVAILABLE
        reason = "It has not been downloaded." if model.source is None else store.why_missing(model.id)
        if not model.formats:
            state = StoreState.UNAVAILABLE
    if stamp is not None:
        size = stamp.size
    return StoredModel(
        id=model.id,
        title=model.title,
        role=model.role,
        features=model.features,
        state=state,
        size=max(size, partial),
        done=size if bundled or stamp is not None else partial,
        licence=model.licence,
        engines=model.engines,
        memory_mb=model.memory_mb,
        bundled=bundled,
        source=model.source.wheel if bundled and model.source else (stamp.source if stamp else ""),
        reason=reason,
        memory_estimated=model.estimated,
    )


def _pipeline(model: ModelEntry, single: Mapping[str, StoredModel]) -> StoredModel:
    """Installed where it can be used; its size is that of all that would be installed with it."""
    parts = []
    for part in model.parts:
        there = [single[one] for one in part.models if single[one].state is StoreState.INSTALLED]
        parts.append((part, there[0] if there else single[part.wanted]))
    lacking = [one for part, one in parts if part.required and one.state is not StoreState.INSTALLED]
    state = StoreState.INSTALLED
    reason = ""
    if lacking:
        unavailable = [one for one in lacking if one.state is StoreState.UNAVAILABLE]
        state = StoreState.UNAVAILABLE if unavailable else StoreState.AVAILABLE
        reason = f"It needs {', '.join(one.id for one in unavailable or lacking)}."
    return StoredModel(
        id=model.id,
        title=model.title,
        role=model.role,
        features=model.features,
        state=state,
        size=sum(one.size for _, one in parts),
        done=sum(one.done for _, one in parts),
        licence=model.licence,
        engines=tuple(dict.fromkeys(engine for _, one in parts for engine in one.engines)),
        memory_mb=model.memory_mb,
        bundled=all(one.bundled for _, one in parts),
        source="",
        reason=reason,
        memory_estimated=model.estimated,
        parts=tuple(one.id for _, one in parts),
    )


def with_progress(model: StoredModel, state: StoreState, done: int, size: int) -> StoredModel:
    """A model while it comes."""
    return msgspec.structs.replace(model, state=state, done=done, size=max(size, done), reason="", error=None)
