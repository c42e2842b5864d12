"""`desktop-ocr convert` for unlucky users: what goes wrong is named once, and everything else goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.models, pytest.mark.process]

COMMAND = [sys.executable, "-m", "desktop_ocr", "convert"]


def test_a_reader_that_goes_does_not_end_the_work(documents: Path, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        shutil.copy(documents / "born_digital.pdf", tmp_path / name)
    words = [*COMMAND, "a.pdf", "b.pdf", "--pages", "1", "--out", "out", "--private"]
    out = subprocess.run(
        ["bash", "-c", '"$@" | true; exit ${PIPESTATUS[0]}', "bash", *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert out.returncode == 0, out.stderr
    assert out.stderr == ""
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["a.txt", "b.txt"]


def test_two_documents_of_one_name_keep_their_outputs(tmp_path: Path) -> None:
    for folder, page in (("a", "1"), ("b", "2")):
        (tmp_path / folder).mkdir()
        program = "import sys, pymupdf; d = pymupdf.open(); d.new_page().insert_text((72, 72), sys.argv[2] * 9);"
        target = tmp_path / folder / "x.pdf"
        subprocess.run([sys.executable, "-c", program + "d.save(sys.argv[1])", target, page], check=True, timeout=60)
    words = [*COMMAND, "a/x.pdf", "b/x.pdf", "--out", "out", "--overwrite", "--private"]
    for _ in range(2):
        out = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=120)
        assert out.returncode == 0, out.stderr
        texts = [file.read_text(encoding="utf-8").strip() for file in sorted((tmp_path / "out").iterdir())]
        assert sorted(texts) == ["1" * 9, "2" * 9]


def test_an_output_folder_that_is_a_file_is_told_once(documents: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    words = [*COMMAND, str(documents / "born_digital.pdf"), "--pages", "1", "--out", "out", "--private"]
    out = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert out.returncode == 1
    assert out.stderr.count("\n") == 1
    assert "there is a file of that name" in out.stderr
