from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.__main__ import COMMANDS, main
from desktop_ocr.cli.mistyped import meant


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("conver", "convert"),
        ("convrt", "convert"),
        ("Convert", "convert"),
        ("conv", "convert"),
        ("memroy", "memory"),
        ("mem", "memory"),
        ("model", "models"),
        ("docter", "doctor"),
        ("fre", "free"),
        ("letter", None),
        ("free.pdf", None),
        ("./conver", None),
        ("c", None),
        ("--memory", None),
        ("\udcff", None),
        ("", None),
    ],
)
def test_what_was_meant(word: str, command: str | None) -> None:
    assert meant([word], COMMANDS) == command


def test_a_file_of_that_name_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert meant(["conver"], COMMANDS) == "convert"
    (tmp_path / "conver").symlink_to("nowhere")
    assert meant(["conver"], COMMANDS) is None
    assert meant([], COMMANDS) is None


def test_the_right_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["conver", "x.pdf"])
    assert end.value.code == 2
    assert "there is no file 'conver'. Did you mean: desktop-ocr convert" in capsys.readouterr().err
