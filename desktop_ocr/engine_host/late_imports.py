"""Libraries that are imported when they are called, and not because they are there.

paddlex imports scikit-learn, and scikit-learn SciPy, as it is imported itself: 90 MB and three seconds of every host's
start (measured), for one function that some tables need.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_IMPORTER = "paddlex"
_LATE: Mapping[str, tuple[str, ...]] = {
    "sklearn.cluster": ("KMeans",),
    "sklearn.preprocessing": ("StandardScaler",),
    "premailer": ("Premailer",),
}
"""Modules, and what paddlex takes from them: classes that it calls."""


def postpone() -> None:
    """Have paddlex take stand-ins, which import the real thing when they are called. Call before it is imported."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Finds paddlex itself, as it always is found, and has its import watched."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The package's spec; None for all other modules."""
        if fullname != _IMPORTER:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """Runs a package's code with the stand-ins in place."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """As the loader itself does."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Import the package, with everything it imports."""
        with _stand_ins():
            self._loader.exec_module(module)


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Stand-ins for the modules that are not loaded; they are gone afterwards, so that others import the real ones."""
    placed = []
    for name, classes in _LATE.items():
        if name in sys.modules or importlib.util.find_spec(name.partition(".")[0]) is None:
            continue
        module = ModuleType(name)
        for one in classes:
            setattr(module, one, _later(name, one))
        sys.modules[name] = module
        placed.append(name)
    try:
        yield
    finally:
        for name in placed:
            del sys.modules[name]


def _later(module: str, name: str) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*args, **kwargs)

    call.__name__ = name
    return call
