"""What a real run writes into its log: numbers, never a document's text or name, whatever goes wrong with it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

NAMES = ("Zwetschgendatschi geheim", "Xylophon of Anna", "Quittung", "Kaputtes Fahrrad")
LEAST = 5  # letters of a word that is looked for


def words_of(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"\w+", text) if len(word) >= LEAST}


def test_neither_text_nor_names_are_in_the_log(documents: Path, user_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Meine Unterlagen"
    folder.mkdir()
    endings = (".pdf", ".pdf", ".jpg", ".pdf")
    fine, locked, picture, broken = (folder / f"{name}{end}" for name, end in zip(NAMES, endings, strict=True))
    fine.write_bytes((documents / "born_digital.pdf").read_bytes())
    locked.write_bytes((documents / "encrypted.pdf").read_bytes())
    picture.write_bytes((documents / "receipt.jpg").read_bytes())
    broken.write_bytes(b"%PDF-1.7\nKaputtes Fahrrad im Keller\n" + b"\0" * 3000)
    blocked = tmp_path / "Blockade.txt"
    blocked.write_text("")
    program = [sys.executable, "-m", "desktop_ocr", "convert", "--text-layer", "only", "--format", "txt,pdf,xlsx,json"]
    files = [str(file) for file in (fine, locked, picture, broken)]
    for out, code in ((tmp_path / "Ausgabe", 1), (blocked, 1)):
        done = subprocess.run([*program, "--out", str(out), *files], capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stderr
        assert "Fahrrad" in done.stderr  # the user is told, the log is not
    assert (tmp_path / "Ausgabe" / f"{NAMES[0]}.txt").is_file()
    log = (user_home / "data" / "desktop-ocr" / "logs" / "convert.log").read_text(encoding="utf-8")
    for line in ("started: Desktop OCR", "host ", "page 1 of job ", "is done", "password-needed", "ended"):
        assert line in log, log
    text = (documents / "born_digital.pdf.txt").read_text(encoding="utf-8")
    names = " ".join((*NAMES, "Meine Unterlagen Kaputtes Fahrrad im Keller Ausgabe Blockade"))
    told = words_of(log) & (words_of(text) | words_of(names))
    assert told <= words_of("desktop document process engine pages started ended asked system python linux memory"), log
