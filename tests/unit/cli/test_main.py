from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_ocr import __version__
from desktop_ocr.__main__ import main
from desktop_ocr.cli.streams import printable

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
        ["memory", "--json", "--prometheus"],
        ["memory", "--watch", "0"],
        ["memory", "--watch", "often"],
        ["memory", "--watch", "--dump"],
        ["memory", "--watch", "--prometheus"],
        ["memory", "--timeout", "nan"],
        ["free", "everything"],
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
        "import desktop_ocr.cli.doctor, desktop_ocr.cli.models, desktop_ocr.cli.memory, desktop_ocr.cli.free;"
        f"print([n for n in {[*MODEL_LIBRARIES, 'PySide6']!r} if n in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.strip() == "[]"


def test_files_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(tmp_path / "gone.pdf"), "--private"]) == 1
    assert "gone.pdf: There is no such file" in capsys.readouterr().err


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"])
def test_streams_that_are_closed_or_full_change_nothing(closed: str, tmp_path: Path) -> None:
    line = f'exec "$@" {closed}'
    words = [sys.executable, "-m", "desktop_ocr", "convert", str(tmp_path / "gone.pdf"), "--private"]
    out = subprocess.run(["sh", "-c", line, "sh", *words], capture_output=True, text=True, timeout=60)
    assert out.returncode == 1
    assert "Traceback" not in out.stderr
    assert ("no such file" in out.stderr) == ("2>" not in closed)


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "desktop_ocr", "convert", str(tmp_path / "gone.pdf"), "--private", "--json"]
    out = subprocess.run(["sh", "-c", 'exec "$@" >/dev/full', "sh", *words], capture_output=True, text=True, timeout=60)
    assert out.returncode == 1
    assert "report cannot be written" in out.stderr
    assert "Traceback" not in out.stderr


def test_names_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2J\nb\x9b.pdf é日") == "a\\x1b[2J\\nb\\x9b.pdf é日"


def test_names_and_options_that_are_no_unicode(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "desktop_ocr", "convert", "--private", "--json"]
    out = subprocess.run([*words, b"b\xff.pdf"], capture_output=True, cwd=tmp_path, timeout=60)
    assert out.returncode == 1
    assert b'"b?.pdf"' in out.stdout
    for option in (b"--out", b"--password"):
        out = subprocess.run([*words, "a.pdf", option, b"\xff"], capture_output=True, cwd=tmp_path, timeout=60)
        assert out.returncode == 2
        assert b"Traceback" not in out.stderr


def test_a_terminal_of_another_encoding(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "desktop_ocr", "convert", "--private", "日本.pdf"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    out = subprocess.run(words, capture_output=True, cwd=tmp_path, env=environment, timeout=60)
    assert out.returncode == 1
    assert b"Traceback" not in out.stderr


def test_no_home_folder_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def nowhere(*_: object, **__: object) -> str:
        raise RuntimeError("no home")

    monkeypatch.setattr("platformdirs.user_data_dir", nowhere)
    assert main(["convert", "a.pdf"]) == 1
    assert "Set HOME" in capsys.readouterr().err
