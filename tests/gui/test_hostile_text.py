"""What a document says is shown, and never done: nothing is fetched, from the network or from the disk."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument
from PySide6.QtWidgets import QLabel, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from desktop_ocr.gui.copying import table_as_html
from desktop_ocr.gui.formatted_view import PageText
from desktop_ocr.gui.page_html import page_html
from desktop_ocr.gui.words import plain_tip
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Cell,
    Line,
    PageResult,
    PageSource,
    Table,
    box_polygon,
    polygon_box,
)

MAGENTA = QColor(255, 0, 255)


class Web:
    """A server on this machine, and what was asked of it."""

    def __init__(self) -> None:
        asked: list[str] = []

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            def log_message(self, *_: object) -> None: ...

        self.asked = asked
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A picture that nobody can overlook where it is shown."""
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(MAGENTA)
    assert image.save(str(tmp_path / "canary.png"))
    return tmp_path / "canary.png"


def hostile(web: Web, canary: Path) -> list[str]:
    addresses = [f"{web.address}/a.png", canary.as_uri(), str(canary), "ftp://127.0.0.1/a.png", "//127.0.0.1/a/b.png"]
    addresses += ["data:image/png;base64,iVBORw0KGgo=", "qrc:/a.png", "javascript:alert(1)"]
    texts = []
    for address in addresses:
        texts += [
            f"![picture]({address})",
            f"[![picture]({address})]({address})",
            f"![picture][{len(texts)}]",
            f"[{len(texts)}]: {address}",
            f"<img src='{address}'>",
            f'<link rel="stylesheet" href="{address}"><style>@import url({address});</style>',
            f'<body background="{address}"><table background="{address}"><tr><td>x</td></tr></table>',
            f'<iframe src="{address}"></iframe><object data="{address}"></object><svg/onload=x>',
            f"<a href='{address}'>click</a> <{address}> {address}",
            f'&lt;img src="{address}"&gt; \\<img src="{address}">',
        ]
    return texts


def page(texts: list[str], kind: BlockKind) -> PageResult:
    lines = tuple(Line(text, box_polygon((10, 20 * at, 500, 20 * at + 15)), 0.9) for at, text in enumerate(texts))
    blocks = tuple(Block(kind, polygon_box(line.polygon), (at,), latex=line.text) for at, line in enumerate(lines))
    return PageResult(0, 600, 6000, 72, 0, PageSource.RECOGNISED, lines, blocks)


def has_magenta(widget: QWidget) -> bool:
    image = widget.grab().toImage()
    return any(
        image.pixelColor(x, y) == MAGENTA for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)
    )


KINDS = [BlockKind.TEXT, BlockKind.TITLE, BlockKind.LIST_ITEM, BlockKind.CODE, BlockKind.FORMULA, BlockKind.PICTURE]


@pytest.mark.parametrize("kind", [*KINDS, BlockKind.CAPTION, BlockKind.FOOTNOTE, BlockKind.SEAL])
def test_recognised_text_loads_nothing(qtbot: QtBot, web: Web, canary: Path, kind: BlockKind) -> None:
    made = page_html(page(hostile(web, canary), kind)).html
    assert "<img" not in made.lower()
    assert "<link" not in made.lower()
    view = PageText()
    qtbot.addWidget(view)
    view.resize(600, 600)
    view.setHtml(made)
    view.show()
    qtbot.wait(30)
    assert not has_magenta(view)
    assert web.asked == []


@pytest.mark.qt_log_ignore("No document for")
def test_even_markup_that_got_through_would_load_nothing(qtbot: QtBot, web: Web, canary: Path) -> None:
    markup = f"<p>x</p><img src='{canary.as_uri()}'><img src='{canary}'><img src='{web.address}/a.png'>"
    careless = QTextBrowser()
    qtbot.addWidget(careless)
    careless.setHtml(markup)
    careless.show()
    assert has_magenta(careless)  # Qt by itself does load files

    view = PageText()
    qtbot.addWidget(view)
    for put in (view.setHtml, view.setMarkdown):
        put(markup)
        view.show()
        qtbot.wait(30)
        assert not has_magenta(view)
    view.setSource(QUrl(f"{web.address}/page.html"))
    view.setSource(QUrl.fromLocalFile(str(canary)))
    qtbot.wait(30)
    found = view.document().resource(QTextDocument.ResourceType.ImageResource, QUrl(canary.as_uri()))
    assert found.size().toTuple() == (1, 1)  # with none Qt would try for itself
    assert web.asked == []


def test_copied_tables_have_no_markup_of_the_documents(web: Web, canary: Path) -> None:
    texts = hostile(web, canary)
    table = Table(len(texts), 1, tuple(Cell(row, 0, text) for row, text in enumerate(texts)))
    mime = QMimeData()
    mime.setHtml(table_as_html(table))
    assert not any(tag in mime.html().lower() for tag in ("<img", "<a ", "<link", "<iframe", "<object", "<svg"))


def test_tooltips_show_what_looks_like_markup(qtbot: QtBot, canary: Path) -> None:
    name = f"<img src='{canary.as_uri()}'>.pdf"
    careless, tip = QLabel(name), QLabel(plain_tip(name))
    for label in (careless, tip):
        qtbot.addWidget(label)
        label.show()
    assert has_magenta(careless)
    assert not has_magenta(tip)
    assert plain_tip("ordinary words & 1 < 2") == "ordinary words & 1 < 2"
