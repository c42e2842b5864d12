"""What is loaded, and what is not, where the parent's side starts; and the command as it was installed."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_ocr.core.settings_file import save_settings
from desktop_ocr.schema.settings import Settings

pytestmark = pytest.mark.process

HEAVY = ("numpy", "cv2", "pymupdf", "PIL", "onnxruntime", "paddle", "paddleocr", "paddlex", "openpyxl", "docx")
MODEL_LIBRARIES = ["numpy", "cv2", "pymupdf", "PIL", "onnxruntime", "paddle", "paddleocr", "paddlex", "rapidocr"]


@pytest.mark.parametrize("module", ["desktop_ocr", "desktop_ocr.cli.convert", "desktop_ocr.core.session"])
def test_the_parents_side_loads_no_model_library(module: str):
    program = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded.isdisjoint([*HEAVY, "PySide6"])


def test_the_window_loads_no_model_library():
    program = "import json, sys, desktop_ocr.gui.app; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded.isdisjoint(HEAVY)


def test_the_command_is_installed():
    done = subprocess.run(
        [Path(sys.executable).with_name("desktop-ocr"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == f"desktop-ocr {importlib.metadata.version('desktop-ocr')}"


def test_the_command_line_imports_no_model_library_and_no_qt() -> None:
    program = (
        "import sys; import desktop_ocr.cli.convert, desktop_ocr.__main__;"
        "import desktop_ocr.cli.doctor, desktop_ocr.cli.models, desktop_ocr.cli.memory, desktop_ocr.cli.free;"
        f"print([n for n in {[*MODEL_LIBRARIES, 'PySide6']!r} if n in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.strip() == "[]"


def test_the_parents_side_imports_no_model_library() -> None:
    code = (
        "import sys, pathlib, tempfile; from desktop_ocr.models.store import ModelStore;"
        "m = ModelStore(pathlib.Path(tempfile.mkdtemp())); import desktop_ocr.models.listing as l; l.listed(m);"
        "from desktop_ocr.models.selection import choose_models; from desktop_ocr.models.models_file import ModelsFile;"
        "[m.lay_out(folder) for folder in choose_models(m, ModelsFile()).models.values()];"
        "print([n for n in ('numpy', 'cv2', 'onnxruntime', 'rapidocr', 'pymupdf', 'paddleocr')"
        " if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_start_does_not_pay_for_the_settings_libraries(tmp_path: Path) -> None:
    file = tmp_path / "config" / "settings.toml"
    code = (
        "import sys; from pathlib import Path; from desktop_ocr.core.settings_file import load_settings\n"
        "load_settings(Path(sys.argv[1])); print([name for name in ('tomlkit', 'tomllib') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(file)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
    save_settings(file, Settings())
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "['tomllib']\n"
