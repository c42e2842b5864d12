from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_ocr import __version__
from desktop_ocr.__main__ import main

MODEL_LIBRARIES = ["numpy", "cv2", "pymupdf", "PIL", "onnxruntime", "paddle", "paddleocr", "paddlex", "rapidocr"]


@pytest.mark.parametrize(
    "words",
    [
        ["convert"],
        ["convert", "a.pdf", "--format", "doc"],
        ["convert", "a.pdf", "--format", ","],
        ["convert", "a.pdf", "--pages", "3-1"],
        ["convert", "a.pdf", "--dpi", "9"],
        ["convert", "a.pdf", "--text-layer", "sometimes"],
        ["models", "eat"],
    ],
)
def test_wrong_usage_is_2_with_a_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(words)
    except SystemExit as end:
        code = int(str(end.code))
    assert code == 2
    assert "desktop-ocr" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert __version__ in capsys.readouterr().out


def test_the_command_line_imports_no_model_library_and_no_qt() -> None:
    program = (
        "import sys; import desktop_ocr.cli.convert, desktop_ocr.__main__;"
        "import desktop_ocr.cli.doctor, desktop_ocr.cli.models;"
        f"print([n for n in {[*MODEL_LIBRARIES, 'PySide6']!r} if n in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.strip() == "[]"


def test_files_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(tmp_path / "gone.pdf"), "--private"]) == 1
    assert "gone.pdf: There is no such file" in capsys.readouterr().err
