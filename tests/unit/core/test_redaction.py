from __future__ import annotations

import time
from pathlib import Path

import pytest

from desktop_ocr.core.redaction import Redactor

HOME = Path("/home/anna")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("opening /home/anna/Briefe/An Oma, 3. Mai.pdf failed", "opening <document>.pdf failed"),
        ("opening of 'Kündigung Herr Müller.PDF' failed: disk", "opening of '<document>.pdf' failed: disk"),
        ('"Scan 2024.tiff" and "b.png"', '"<document>.tiff" and "<document>.png"'),
        ("letter.pdf: no pages", "<document>.pdf: no pages"),
        (r"C:\Users\Anna\Scan 1.jpg is damaged", "<document>.jpg is damaged"),
        ("wrote ~/out/letter.txt and letter.md", "wrote <document>.txt and <document>.md"),
        ("service cpu/1 loaded det", "service cpu/1 loaded det"),
        ("in /home/anna/.cache/desktop-ocr/models/x.onnx", "in ~/.cache/desktop-ocr/models/x.onnx"),
        ('File "/usr/lib/python3.11/asyncio/tasks.py", line 3', 'File "/usr/lib/python3.11/asyncio/tasks.py", line 3'),
        ("desktop_ocr.core.pages: page 3 of job 12", "desktop_ocr.core.pages: page 3 of job 12"),
        ("a\udcff.pdf", "<document>.pdf"),
        ("a\udcff", "a?"),
    ],
)  # fmt: skip
def test_names_and_home_are_taken_out(text: str, plain: str) -> None:
    assert Redactor(home=HOME).text(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "job 3: Brief an Oma.pdf is paused",
        "job 3: Brief an Oma.txt was written",
        "the file /media/usb/Geheim/Brief an Oma.pdf has changed",
        "OSError: [Errno 5] no: /media/usb/Geheim/Brief an Oma.ocr.pdf",
        "scan without ending was opened",
        "/media/usb/Geheim/scan without ending was opened",
    ],
)
def test_documents_that_are_known_are_found_in_any_text(text: str) -> None:
    documents = [Path("/media/usb/Geheim/Brief an Oma.pdf"), Path("/media/usb/Geheim/scan without ending")]
    plain = Redactor(documents, HOME).text(text)
    assert "<document>" in plain
    for word in ("Oma", "Brief", "Geheim", "scan", "ending"):
        assert word not in plain


def test_names_that_are_patterns_or_next_to_nothing() -> None:
    redactor = Redactor([Path("/d/a (1) [x]+.pdf"), Path("/"), Path("/d/x"), Path()], HOME)
    assert redactor.text("a (1) [x]+.pdf in the box x") == "<document>.pdf in the box x"


def test_all_texts_of_a_tree() -> None:
    tree = {"a": ["x.pdf", 1, None, True, 2.5], "b": {"y.png": ("/home/anna/z",)}}
    assert Redactor(home=HOME).value(tree) == {
        "a": ["<document>.pdf", 1, None, True, 2.5],
        "b": {"<document>.png": ["~/z"]},
    }


def test_a_home_that_is_the_root_is_not_replaced() -> None:
    assert Redactor(home=Path("/")).text("/usr/lib and cpu/1") == "/usr/lib and cpu/1"


def test_long_lines_do_not_take_for_ever() -> None:
    started = time.process_time()
    Redactor(home=HOME).text("/a '" * 1000 + "x" * 4000)
    assert time.process_time() - started < 10  # a pattern that runs away takes hours
