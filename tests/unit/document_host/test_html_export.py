"""The web page, read by Python's own parser, beside the results it is made of."""

from __future__ import annotations

import base64
import unicodedata
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pymupdf
import pytest
from results import result
from rich_page import FAILURE, HOSTILE, clean, export_file, rich_page

from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.schema.document_messages import Exported
from desktop_ocr.schema.exports import ExportOptions, PictureMode
from desktop_ocr.schema.results import Block, BlockKind, Cell, PageResult, PageSource, Table

VOID = {"meta", "img", "br"}
Write = Callable[..., tuple[str, Exported]]


class Tree(HTMLParser):
    """Checks that every element is closed where it was opened; keeps what stands in each."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert not self.path

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.path.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and "style" not in self.path:
            self.texts.append(("/".join(self.path), " ".join(data.split())))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.seen if name == tag]

    def inside(self, ending: str) -> list[str]:
        return [text for path, text in self.texts if path.endswith(ending)]


@pytest.fixture
def write(handler: DocumentHandler, tmp_path: Path) -> Write:
    source = tmp_path / "scan & co.pdf"
    document = pymupdf.open()
    for _ in range(3):
        page = document.new_page(width=595.44, height=842.04)
        page.draw_rect(pymupdf.Rect(72, 306, 288, 450), color=(1, 0, 0), fill=(0, 0, 1))
    document.save(source)

    def made(*pages: PageResult | None, **options: object) -> tuple[str, Exported]:
        done = export_file(
            handler,
            "html",
            source,
            tmp_path / "out ü.html",
            *pages,
            options=ExportOptions(**options),  # type: ignore[arg-type]
        )
        return Path(done.path).read_text(encoding="utf-8"), done

    return made


def letters(text: str) -> Counter[str]:
    return Counter(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum())


def test_every_word_is_there_once(write: Write) -> None:
    page = rich_page()
    tree = Tree(write(page, headers=True)[0])
    said = " ".join(text for path, text in tree.texts if not path.endswith(("title", "summary")))
    said = said.replace("a^2 + b^2 < c^2", "")
    # A hyphen is no letter, and bullets are not either.
    assert letters(said) == letters(" ".join(clean(line.text) for line in page.lines))
    bare = " ".join(text for _, text in Tree(write(page)[0]).texts)
    assert "Annual report" not in bare
    assert "17" not in bare


def test_what_stands_on_the_page_has_its_form(write: Write) -> None:
    tree = Tree(write(rich_page(), language="de", title="A <title>")[0])
    assert tree.all("html") == [{"lang": "de"}]
    assert tree.inside("head/title") == ["A <title>"]
    assert tree.inside("section/h1") == ["On the recognition of pages"]
    assert tree.inside("section/h2") == ["Scripts"]
    assert tree.inside("ul/li") == ["first thing", "second thing"]
    assert tree.inside("figure/figcaption") == ["Table 1: what was sold"]
    assert tree.inside("thead/tr/th") == ["Sales"]
    assert tree.inside("tbody/tr/td") == ["North", "1,204", "South", "877"]
    assert tree.all("th") == [{"scope": "col", "colspan": "2", "dir": "auto"}]
    assert tree.inside("pre/code") == ["print(x) if y:"]
    assert tree.inside("p/code") == ["a^2 + b^2 < c^2"]
    assert tree.inside("sup") == ["1"]
    assert "It is well known that recognised pages hold text." in tree.inside("section/p")
    assert clean(HOSTILE).replace("  ", " ") in tree.inside("section/p")
    assert {one.get("dir") for one in tree.all("p")} == {"auto", "ltr"}


def test_pictures_in_the_file(write: Write) -> None:
    tree = Tree(write(rich_page())[0])
    shown = tree.all("img")
    assert [one["alt"] for one in shown] == ["Picture", "Chart", "Seal"]
    head, _, data = (shown[0]["src"] or "").partition(",")
    assert head == "data:image/png;base64"
    pixmap = pymupdf.Pixmap(base64.b64decode(data))
    assert (pixmap.width, pixmap.height) == (600, 400)
    assert pixmap.pixel(300, 200) == (0, 0, 255)


def test_pictures_beside_it(write: Write, tmp_path: Path) -> None:
    text, done = write(rich_page(), pictures=PictureMode.BESIDE)
    addresses = [unquote(one["src"] or "") for one in Tree(text).all("img")]
    assert all(address.startswith("out ü-pictures/page-1-") for address in addresses)
    assert {str(tmp_path / address) for address in addresses} == set(done.others)
    assert all((tmp_path / address).stat().st_size for address in addresses)
    assert not list(tmp_path.glob(".*"))


def test_no_pictures(write: Write) -> None:
    text, done = write(rich_page(), pictures=PictureMode.NONE)
    assert "<img" not in text
    assert done.notes == ()
    assert "peak" in text


def test_pages_and_failed_pages(write: Write) -> None:
    tree = Tree(write(rich_page(), None, result(page=2))[0])
    assert [(one["id"], one["data-page"]) for one in tree.all("section")] == [
        ("page-1", "1"),
        ("page-2", "2"),
        ("page-3", "3"),
    ]
    sentence = f"[Page 2 could not be read: {FAILURE.message[:-1]}.]"
    assert tree.inside("section/p").count(sentence) == 1
    assert {"class": "failed", "role": "note"} in tree.all("p")
    assert Tree(write(rich_page())[0]).all("section") == [{"id": "page-1"}]


def table_page(table: Table) -> PageResult:
    block = Block(BlockKind.TABLE, (0, 0, 100, 100), table=table)
    return PageResult(0, 100, 100, 72, 0, PageSource.RECOGNISED, blocks=(block,))


def test_a_table_that_is_read_from_the_right(write: Write) -> None:
    cells = (Cell(0, 0, "שתיים"), Cell(0, 1, "אחת"), Cell(1, 0, "2", column_span=2))
    tree = Tree(write(table_page(Table(2, 2, cells)))[0])
    assert tree.all("table") == [{"dir": "rtl"}]
    assert tree.inside("tr/td") == ["אחת", "שתיים", "2"]


def test_lists_below_lists_and_numbers(write: Write) -> None:
    from results import line

    texts = (("3. three", 100), ("• below", 150), ("(a) labelled", 150), ("4. four", 100))
    lines = [line(text, (x, 100 + 50 * at, x + 400, 130 + 50 * at)) for at, (text, x) in enumerate(texts)]
    tree = Tree(write(result(*lines, kinds=(BlockKind.LIST_ITEM,) * 4))[0])
    assert tree.inside("section/ol/li") == ["three", "four"]
    assert tree.inside("ol/li/ul/li") == ["below", "(a) labelled"]
    assert [one.get("value") for one in tree.all("li")] == ["3", None, None, "4"]
    assert tree.all("li")[2]["class"] == "labelled"


def test_ten_thousand_rows(write: Write) -> None:
    cells = tuple(Cell(row, column, f"{row}:{column}") for row in range(10_000) for column in range(3))
    tree = Tree(write(table_page(Table(10_000, 3, cells)))[0])
    assert tree.inside("tr/td") == [cell.text for cell in cells]
