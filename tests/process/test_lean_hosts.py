"""What hosts import and load of PyMuPDF: no model that nobody asked for. In processes of their own, as hosts are."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def told(code: str) -> Any:
    """What a new Python prints as JSON after running some code."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_a_document_host_loads_no_model() -> None:
    loaded = told(
        "import json, sys\n"
        "from desktop_ocr.document_host.__main__ import make_handler\n"
        "make_handler()\n"
        "import pymupdf\n"
        "print(json.dumps([sorted(sys.modules), pymupdf._get_layout is None]))"
    )
    modules, without_layout = loaded
    assert "pymupdf" in modules
    assert without_layout
    assert not {"onnxruntime", "pymupdf.layout", "pymupdf4llm"} & set(modules)


def test_the_layout_is_loaded_without_its_model_for_grids_of_tables() -> None:
    before, grids, kinds, after = told(
        "import json, sys\n"
        "from desktop_ocr.engine_host.layout import LayoutFinder, pymupdf\n"
        "from desktop_ocr.schema.results import Line, box_polygon\n"
        "before = 'onnxruntime' in sys.modules\n"
        "finder = LayoutFinder()\n"
        "(model,) = (cell.cell_contents for cell in pymupdf._get_layout.__closure__)\n"
        "lines = [Line('words of a page', box_polygon((72, 72 + 20 * n, 300, 84 + 20 * n)), 1.0) for n in (0, 1)]\n"
        "kinds = [found.kind for found in finder.find(lines, 595, 842, 72.0)]\n"
        "grids = model._model.table_grid_extractor is not None\n"
        "finder.close()\n"
        "print(json.dumps([before, grids, kinds, pymupdf._get_layout is None]))"
    )
    assert not before
    assert not grids
    assert kinds
    assert after
