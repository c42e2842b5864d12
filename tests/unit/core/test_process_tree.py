from __future__ import annotations

import pytest

from desktop_ocr.core.process_tree import plain_command


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        (["python", "-P", "-m", "desktop_ocr.engine_host"], "python -P -m desktop_ocr.engine_host"),
        (["desktop-ocr", "a.pdf", "b c.pdf"], "desktop-ocr ..."),
        (["desktop-ocr", "convert", "/x", "--password", "p", "--out=/y"], "desktop-ocr ... --password ... --out=..."),
        (["desktop-ocr", "-secret letter.pdf"], "desktop-ocr ..."),
        ([], ""),
    ],
)  # fmt: skip
def test_commands_are_told_without_what_the_user_named(words: list[str], plain: str) -> None:
    assert plain_command(words) == plain
