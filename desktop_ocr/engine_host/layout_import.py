"""PyMuPDF's layout without what is loaded beside it.

`import pymupdf` brings in pymupdf4llm, which nobody here calls, and its layout, whose import loads the models at once.
One of them sees the grid of tables: it works on each page with a table, and nothing here reads what it sees. Left out,
it costs no memory (43 MB, measured) and no time, and a page without tables opens no model for them.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from desktop_ocr.host_child.lean_imports import without

with without("pymupdf.layout", "pymupdf4llm"):
    import pymupdf

# pymupdf4llm sets it, and the layout was trained and measured with it: boxes of letters as their fonts give them.
pymupdf.TOOLS.unset_quad_corrections(True)

__all__ = ["drop_layout", "load_layout", "pymupdf"]

_BUILDER = "pymupdf.layout.onnx.BoxRFDGNN"
_GRIDS = "TableGridExtractorV2"


def load_layout() -> None:
    """Have PyMuPDF load its layout, unless it has it."""
    if callable(pymupdf._get_layout):
        return
    pymupdf._get_layout = _not_yet
    try:
        layout = importlib.import_module("pymupdf.layout")
    finally:
        pymupdf._get_layout = None
    with _without_grids():
        layout.activate()


def drop_layout() -> None:
    """Have PyMuPDF let go of its layout."""
    pymupdf._get_layout = None


def _not_yet(*_: object, **__: object) -> None:
    """Keeps the import of `pymupdf.layout` from loading models: it takes this for a layout."""


@contextmanager
def _without_grids() -> Iterator[None]:
    """Layout that is built meanwhile has no model for grids, as PyMuPDF provides for: None in its place.

    A later PyMuPDF that names it otherwise loads it.
    """
    builder: Any = importlib.import_module(_BUILDER)
    real = getattr(builder, _GRIDS, None)
    if real is None:
        yield
        return
    setattr(builder, _GRIDS, _no_grids)
    try:
        yield
    finally:
        setattr(builder, _GRIDS, real)


def _no_grids(*_: object, **__: object) -> None:
    """Stands for the class of the model for grids."""
