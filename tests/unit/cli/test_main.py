from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr import __version__
from desktop_ocr.__main__ import main
from desktop_ocr.cli.streams import printable


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


def test_files_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(tmp_path / "gone.pdf"), "--private"]) == 1
    assert "gone.pdf: There is no such file" in capsys.readouterr().err


def test_names_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2J\nb\x9b.pdf é日") == "a\\x1b[2J\\nb\\x9b.pdf é日"


def test_no_home_folder_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def nowhere(*_: object, **__: object) -> str:
        raise RuntimeError("no home")

    monkeypatch.setattr("platformdirs.user_data_dir", nowhere)
    assert main(["convert", "a.pdf"]) == 1
    assert "Set HOME" in capsys.readouterr().err
