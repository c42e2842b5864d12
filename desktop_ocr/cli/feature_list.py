"""`desktop-ocr convert --list-features`: what can be looked for, and with what."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from desktop_ocr.cli.streams import silence
from desktop_ocr.core.machinery import FEATURES
from desktop_ocr.core.paths import user_paths
from desktop_ocr.core.plans import text_roles
from desktop_ocr.core.settings_file import load_settings
from desktop_ocr.models.catalog import entry, models_for
from desktop_ocr.models.entries import ModelEntry
from desktop_ocr.models.models_file import load_models_file
from desktop_ocr.models.selection import choose_models
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.roles import ModelRole


def print_features() -> int:
    """A line for each feature; returns the exit code."""
    try:
        paths = user_paths()
        options = load_settings(paths.settings).settings.options
        store = ModelStore(paths.models, paths.downloaded_models)
        installed = choose_models(store, load_models_file(paths.models_file)).ids
    except DesktopOcrError as error:
        sys.stderr.write(f"desktop-ocr: {error}\n")
        return 1
    try:
        for name in (*(feature.value for feature in Feature), "structure", "routing"):
            sys.stdout.write(f"{name:12}{_mode(options, name):6}{_models(name, installed)}\n")
        sys.stdout.flush()
    except OSError:
        silence(sys.stdout)
    return 0


def _mode(options: JobOptions, name: str) -> str:
    value = getattr(options, name)
    return str(value.value) if hasattr(value, "value") else ("on" if value else "off")


def _models(name: str, installed: dict[str, str]) -> str:
    """Which models do it and what they take; or what to install."""
    if name == "routing" and (second := text_roles(JobOptions(routing=True), installed).second):
        return _told([installed[second]])
    roles = [role for role in FEATURES[name] if role is not ModelRole.TABLE_PIPELINE or role in installed]
    if ModelRole.TABLE_PIPELINE in roles:
        roles.remove(ModelRole.TABLE_STRUCTURE)
    missing = [models_for(role)[0].id for role in roles if role not in installed and models_for(role)]
    if missing:
        return f"not installed: desktop-ocr models install {' '.join(missing)}"
    return _told([installed[role] for role in roles])


def _told(models: list[str]) -> str:
    known = [model for model in map(entry, models) if model is not None]
    about = f", about {_memory_mb(known):.0f} MB" if known else ""
    return f"{', '.join(models)}{about}"


def _memory_mb(models: Sequence[ModelEntry]) -> float:
    """What models of one feature take: they work one after another, and hold their weights meanwhile."""
    largest = max(models, key=lambda model: model.memory_mb)
    return largest.memory_mb + sum(model.size for model in models if model is not largest) / 1e6
