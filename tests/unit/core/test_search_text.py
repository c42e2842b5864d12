from __future__ import annotations

import sqlite3
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.core.migrations import migrate
from desktop_ocr.core.search_text import GLUE, LIT, UNLIT, lit_words, search_words, snippet, to_index
from desktop_ocr.schema.library import SnippetPart


@pytest.fixture(scope="module")
def db() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    for text in TEXTS:
        connection.execute("INSERT INTO page_search (words) VALUES (?)", (to_index(text),))
    return connection


TEXTS = (
    "The tax return of 2024, café Müller & Søn",  # 0
    "東京都の新聞、天気予報。日\n本語",  # 1
    "ภาษาไทยกินน้ำ",  # 2
    "한국어 문서입니다 version2東京",  # 3
    "हिन्दी की किताब",  # 4
    "co-operate C++ e.g. don't",  # 5
    "ΑΘΗΝΑ Ελλάδα Ёлка",  # 6
)


def found(db: sqlite3.Connection, query: str) -> list[int]:
    match = search_words(query).match
    if not match:
        return []
    rows = db.execute("SELECT rowid - 1 FROM page_search WHERE page_search MATCH ? ORDER BY rowid", (match,))
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("query", "pages"),
    [
        ("tax", [0]),
        ("TAX ret", [0]),
        ("ret tax", []),  # only the last word may be unfinished
        ("ret* tax", [0]),
        ('"tax return"', [0]),
        ('"return tax"', []),
        ('"tax ret', [0]),  # a quote that is still being typed
        ("“tax return” 2024", [0]),
        ("cafe muller", [0]),
        ("cafe\u0301", [0]),
        ("東", [1, 3]),
        ("京都", [1]),
        ("東京 天気", [1]),
        ("都京", []),
        ("日本語", [1]),  # it goes on in another line
        ("version2", [3]),
        ("กิน", [2]),
        ("น้ำ", [2]),
        ("한국", [3]),
        ("국어", [3]),
        ("हिन्दी", [4]),
        ("हिन", [4]),
        ("न्दी", []),
        ("co-operate", [5]),
        ("don't", [5]),
        ("αθηνα", [6]),
        ("ελλαδα", [6]),
        ("tax 東京", []),
        ("NEAR(tax return)", []),
        ("tax NOT return", []),
        ("tax -return", [0]),
        ("🎉", []),
        ("tax 🎉", [0]),
        ("", []),
        (' " " * - ( ', []),
    ],
)
def test_what_is_found(db: sqlite3.Connection, query: str, pages: list[int]) -> None:
    assert found(db, query) == pages


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('"*-:^()+NEARORNOT {}\x00\u3042東กิ')), max_size=60))
def test_whatever_is_typed_or_stored_raises_nothing(query: str) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE VIRTUAL TABLE page_search USING fts5 (words)")
    connection.execute("INSERT INTO page_search (words) VALUES (?)", (to_index(query),))
    found(connection, query)
    connection.close()


@pytest.mark.parametrize("query", ["word " * 2_000, "東" * 10_000, '"' * 10_000, "a*" * 5_000, "\x00" * 10_000])
def test_very_long_queries(db: sqlite3.Connection, query: str) -> None:
    assert found(db, query) == []


def test_one_letter_is_vague() -> None:
    assert search_words("t").vague
    assert not any(search_words(query).vague for query in ("ta", "京", "t x", '"t"'))


def test_a_text_goes_through_the_index_as_it_was() -> None:
    for text in TEXTS:
        assert unicodedata.normalize("NFC", to_index(text).replace(GLUE, "")) == text
    assert to_index("a\x00b\x1fc\x02\udc80") == "a b c  "


def test_a_snippet_shows_where_most_of_it_stands() -> None:
    text = (
        f"{'before ' * 50}{LIT}tax{UNLIT} {'between ' * 60}the {LIT}tax{UNLIT}\nor {LIT}return{UNLIT} {'after ' * 50}"
    )
    parts = snippet(text)
    assert [part.text for part in parts if part.lit] == ["tax", "return"]
    shown = "".join(part.text for part in parts)
    assert "the tax or return after" in shown
    assert shown.startswith("…between")
    assert shown.endswith("after…")
    assert len(shown) < 200


def test_a_snippet_of_a_script_without_spaces_has_none() -> None:
    marked = f"東{GLUE}京{GLUE}都{GLUE}\n{LIT}新{GLUE}聞{UNLIT} abc"
    assert snippet(marked) == (SnippetPart("東京都"), SnippetPart("新聞", lit=True), SnippetPart(" abc"))


def test_words_to_light_are_as_they_stand_there() -> None:
    marked = f"{LIT}Tax{UNLIT} {LIT}tax{UNLIT} {LIT}東{GLUE}京{UNLIT} {LIT}two\nlines{UNLIT}"
    assert lit_words(marked) == ("Tax", "東京", "two", "lines")
