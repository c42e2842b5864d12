"""Lines of a paragraph become running text."""

from __future__ import annotations

import pytest

from desktop_ocr.text.joining import is_right_to_left, join_lines


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([], ""),
        (["one", "two"], "one two"),
        ([" one ", "", "two "], "one two"),
        (["recog-", "nised text"], "recognised text"),
        (["recog\u2010", "nised"], "recognised"),
        (["recog\u00ad", "nised"], "recognised"),
        (["Wörter-", "bücher"], "Wörterbücher"),
        (["Anglo-", "American"], "Anglo-American"),
        (["UTF-", "8"], "UTF-8"),
        (["state-of-", "the-art"], "state-of-the-art"),
        (["pre-", "and postwar"], "pre- and postwar"),
        (["Ein-", "und Ausgang"], "Ein- und Ausgang"),
        (["a sum -", "of two"], "a sum - of two"),
        (["9-hydroxy-9-", "methyl"], "9-hydroxy-9-methyl"),
        (["1914-", "1918"], "1914-1918"),
        (["5-", "and 10-fold"], "5- and 10-fold"),
        (["中文字", "符"], "中文字符"),
        (["日本語。", "テスト"], "日本語。テスト"),
        (["中文 with", "English"], "中文 with English"),
        (["English", "中文"], "English 中文"),
        (["한국어", "문장"], "한국어 문장"),
        (["שלום", "עולם"], "שלום עולם"),
    ],
)
def test_join(lines, text):
    assert join_lines(lines) == text


@pytest.mark.parametrize(
    ("text", "right"), [("abc", False), ("שלום", True), ("12 مرحبا", True), ("", False), ("123", False), ("a ש", False)]
)
def test_direction(text, right):
    assert is_right_to_left(text) is right
