from __future__ import annotations

import msgspec

from desktop_ocr.document_host.soundness import is_turned
from desktop_ocr.schema.results import Line

UPRIGHT = Line("a line of text", (0, 0, 90, 0, 90, 10, 0, 10), 1.0)
UP = Line("a line of text that runs up the page", (0, 90, 0, 0, 10, 0, 10, 90), 1.0)


UPSIDE_DOWN = Line("a line of text on its head", (90, 10, 0, 10, 0, 0, 90, 0), 1.0)


def test_a_page_whose_text_runs_up_or_down_or_stands_on_its_head_is_turned() -> None:
    assert is_turned([UPSIDE_DOWN])
    assert is_turned([UP])
    assert is_turned([UPRIGHT, UP])
    assert not is_turned([UPRIGHT, UPRIGHT, UPRIGHT, UP])
    assert not is_turned([])


def test_columns_of_wide_characters_are_not() -> None:
    assert not is_turned([msgspec.structs.replace(UP, text="縦に書かれた日本語の文章"), UPRIGHT])
