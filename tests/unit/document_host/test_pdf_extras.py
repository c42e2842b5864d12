"""What a searchable PDF has besides text: bookmarks, title, notes on failed pages, smaller pictures, PDF/A."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from PIL import Image
from results import line, result
from rich_page import export_file, rich_page

from desktop_ocr.document_host.export import ghostscript
from desktop_ocr.schema.document_messages import Exported
from desktop_ocr.schema.exports import ExportOptions
from desktop_ocr.schema.results import Block, BlockKind, PageResult, polygon_box

needs_qpdf = pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
needs_ghostscript = pytest.mark.skipif(ghostscript.program() is None, reason="Ghostscript is not installed")


@pytest.fixture
def written(handler, tmp_path):
    """Write a searchable PDF; qpdf finds nothing wrong with it."""

    def write(source: Path, *pages: PageResult | None, **more: Any) -> Exported:
        done = export_file(handler, "pdf", source, tmp_path / "out.pdf", *pages, **more)
        if shutil.which("qpdf"):
            found = subprocess.run(["qpdf", "--check", done.path], capture_output=True, text=True, check=False)
            assert found.returncode == 0, found.stdout + found.stderr
        return done

    return write


@pytest.fixture
def scan(tmp_path) -> Path:
    """A PDF of two grey pictures, 1654 x 2339 pixels at 200 dpi."""
    first = Image.linear_gradient("L").resize((1654, 2339))
    first.save(tmp_path / "scan.pdf", resolution=200, save_all=True, append_images=[first.rotate(180)])
    return tmp_path / "scan.pdf"


@pytest.fixture
def picture(tmp_path) -> Path:
    """Two frames of a TIFF at 100 dpi."""
    frames = [Image.new("L", (827, 1169), level) for level in (255, 250)]
    frames[0].save(tmp_path / "a scan.tif", save_all=True, append_images=frames[1:], dpi=(100, 100))
    return tmp_path / "a scan.tif"


def headings(*found: tuple[int, str], page: int = 0) -> PageResult:
    """A page of headings below each other, 100 pixels apart, at 100 dpi."""
    lines = [line(text, (50, 50 + 100 * at, 400, 80 + 100 * at)) for at, (_, text) in enumerate(found)]
    blocks = tuple(
        Block(BlockKind.SECTION_HEADER, polygon_box(one.polygon), (at,), level)
        for at, (one, (level, _)) in enumerate(zip(lines, found, strict=True))
    )
    made = result(*lines, page=page, size=(827, 1169), dpi=100)
    return PageResult(page, 827, 1169, 100, 0, made.source, made.lines, blocks)


PAGES = (
    headings((1, "One"), (3, "Deep, level two left out"), (3, "Beside")),
    headings((2, "Two (עברית) 漢字"), (1, "Another \\ one"), page=1),
)
EXPECTED = [[1, "One", 1], [2, "Deep, level two left out", 1], [2, "Beside", 1], [2, "Two (עברית) 漢字", 2]]


@pytest.mark.parametrize("kind", ["scan", "picture"])
def test_bookmarks_of_headings(written, request, kind):
    path = written(request.getfixturevalue(kind), *PAGES).path
    with pymupdf.open(path) as document:
        assert document.get_toc() == [*EXPECTED, [1, "Another \\ one", 2]]
        to = document.get_toc(simple=False)[1][3]["to"]
        assert (to.x, to.y) == pytest.approx((36, 150 * 0.72 - 4), abs=0.1)


def test_bookmarks_of_its_own_are_kept(written, scan, tmp_path):
    with pymupdf.open(scan) as document:
        document.set_toc([[1, "Its own", 1]])
        document.save(tmp_path / "own.pdf")
    with pymupdf.open(written(tmp_path / "own.pdf", *PAGES).path) as document:
        assert document.get_toc() == [[1, "Its own", 1]]


def test_language_and_title(written, scan, picture):
    options = ExportOptions(language="zh-Hans", title="漢字 & (more)")
    for source in (scan, picture):
        with pymupdf.open(written(source, *PAGES, options=options).path) as document:
            assert document.metadata["title"] == options.title
            assert document.xref_get_key(document.pdf_catalog(), "Lang") == ("string", "zh-Hans")
            assert document.xref_get_key(document.pdf_catalog(), "ViewerPreferences/DisplayDocTitle")[1] == "true"
    with pymupdf.open(written(picture, *PAGES).path) as document:
        assert document.metadata["title"] == "a scan"
        assert document.xref_get_key(document.pdf_catalog(), "Lang")[0] == "null"


def test_the_metadata_of_a_pdf_are_kept_unless_told_otherwise(written, scan, tmp_path):
    packet = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Old</rdf:li>'
        '</rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    with pymupdf.open(scan) as document:
        document.set_metadata({"title": "Old", "author": "Somebody"})
        document.set_xml_metadata(packet)
        document.save(tmp_path / "old.pdf")
    source = tmp_path / "old.pdf"
    for options, title in ((ExportOptions(), "Old"), (ExportOptions(title="New <1>"), "New <1>")):
        done = written(source, *PAGES, options=options)
        assert Path(done.path).read_bytes().startswith(source.read_bytes())
        with pymupdf.open(done.path) as document:
            assert (document.metadata["title"], document.metadata["author"]) == (title, "Somebody")
            assert f">{title.replace('<', '&lt;').replace('>', '&gt;')}</rdf:li>" in document.get_xml_metadata()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_page_that_failed_says_so(written, scan, tmp_path, rotate):
    with pymupdf.open(scan) as document:
        document[1].set_rotation(rotate)
        document[1].set_cropbox(pymupdf.Rect(40, 60, 500, 700))
        document.save(tmp_path / "turned.pdf")
        before = document[1].get_pixmap(dpi=72)
    done = written(tmp_path / "turned.pdf", PAGES[0], None)
    assert Path(done.path).read_bytes().startswith((tmp_path / "turned.pdf").read_bytes())
    with pymupdf.open(done.path) as document:
        assert document.page_count == 2
        page = document[1]
        (note,) = page.annots()
        assert note.info["content"] == "[Page 2 could not be read: It took too long.]"
        shown = page.get_pixmap(dpi=72)
        changed = np.frombuffer(shown.samples, np.uint8) != np.frombuffer(before.samples, np.uint8)
        rows, columns = np.nonzero(changed.reshape(shown.height, shown.width, 3).any(axis=2))
        wide, high = page.rect.width, page.rect.height
        # A broad note at the top of the page as displayed.
        assert columns.min() == pytest.approx(0.05 * wide, abs=2)
        assert columns.max() == pytest.approx(0.95 * wide, abs=2)
        assert rows.min() == pytest.approx(0.05 * high, abs=2)
        assert rows.max() < 0.15 * high
        # Its letters stand upright: their rows are broader than high.
        assert " ".join(note.get_text("text").split()) == note.info["content"]


def test_a_frame_that_failed_says_so(written, picture):
    with pymupdf.open(written(picture, None, PAGES[1]).path) as document:
        assert [len(list(page.annots())) for page in document] == [1, 0]
        shown = document[0].get_pixmap(dpi=72, colorspace=pymupdf.csGRAY)
        assert np.frombuffer(shown.samples, np.uint8).min() < 150


def images(path: str | Path) -> dict[tuple[int, int], str]:
    """The pictures of a PDF by their size: a digest of their bytes in the file."""
    with pymupdf.open(path) as document:
        found = {one[0]: (one[2], one[3]) for page in document for one in page.get_images()}
        return {size: hashlib.sha256(document.xref_stream_raw(xref)).hexdigest() for xref, size in found.items()}


def test_pictures_stay_as_they_are(written, scan):
    assert images(written(scan, *PAGES).path) == images(scan)


def noise(width: int, height: int, mode: str) -> Image.Image:
    pixels = np.random.default_rng(1).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    return Image.fromarray(pixels).resize((width, height)).convert(mode)


def test_only_finer_pictures_are_made_smaller(written, tmp_path):
    document = pymupdf.open()
    page = document.new_page(width=612, height=792)
    sizes = {"fine.jpg": (900, 1200, "RGB"), "coarse.jpg": (250, 300, "RGB"), "fax.png": (1200, 1200, "1")}
    for at, (name, (width, height, mode)) in enumerate(sizes.items()):
        noise(width, height, mode).save(tmp_path / name)
        page.insert_image((200 * at, 0, 200 * at + 180, 180 * height / width), filename=tmp_path / name)
    document.save(tmp_path / "mixed.pdf")
    done = written(tmp_path / "mixed.pdf", result(), options=ExportOptions(downsample_dpi=150))
    assert done.notes == ("Page pictures were made smaller, to 150 pixels per inch.",)
    before, after = images(tmp_path / "mixed.pdf"), images(done.path)
    assert after.keys() == {(375, 500), (250, 300), (375, 375)}
    assert after[250, 300] == before[250, 300]
    assert done.size < (tmp_path / "mixed.pdf").stat().st_size / 2
    with pymupdf.open(tmp_path / "mixed.pdf") as old, pymupdf.open(done.path) as new:
        looks = [
            np.frombuffer(one[0].get_pixmap(dpi=72, colorspace=pymupdf.csGRAY).samples, np.uint8).astype(int)
            for one in (old, new)
        ]
        assert np.abs(looks[0] - looks[1]).mean() < 6
    again = written(tmp_path / "mixed.pdf", result(), options=ExportOptions(downsample_dpi=150))
    assert again.unchanged


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_fine_picture_is_made_smaller(written, tmp_path, mode):
    source = tmp_path / "fine.tif"
    noise(1600, 1200, mode).save(source, dpi=(400, 400))
    done = written(source, result(), options=ExportOptions(downsample_dpi=100))
    assert list(images(done.path)) == [(400, 300)]
    with pymupdf.open(done.path) as document:
        assert document[0].rect.width == pytest.approx(1600 / 400 * 72, abs=0.1)
    assert written(source, result(), options=ExportOptions(downsample_dpi=390)).notes == ()


def check_archive(path: str) -> None:
    """What PDF/A-2b asks of a file, as far as it can be seen without its own validator."""
    data = Path(path).read_bytes()
    with pymupdf.open(path) as document:
        packet = document.get_xml_metadata()
        assert re.search(r"pdfaid:part(>|=['\"])2", packet)
        assert re.search(r"pdfaid:conformance(>|=['\"])B", packet)
        title = document.metadata["title"]
        assert not title or title.replace("&", "&amp;") in packet
        catalog = document.pdf_catalog()
        assert "GTS_PDFA1" in document.xref_object(catalog) + "".join(
            document.xref_object(xref) for xref in range(1, document.xref_length())
        )
        assert not document.is_encrypted
        kind, number = document.xref_get_key(catalog, "Metadata")
        assert kind == "xref"
        assert document.xref_get_key(int(number.split()[0]), "Filter")[0] == "null"
        for page in document:
            for note in page.annots():
                assert note.flags & pymupdf.PDF_ANNOT_IS_PRINT
        for xref in range(1, document.xref_length()):
            if document.xref_get_key(xref, "Type")[1] == "/FontDescriptor":
                embedded = [document.xref_get_key(xref, f"FontFile{n}")[0] for n in ("", "2", "3")]
                assert "xref" in embedded
        assert "/DeviceCMYK" not in "".join(document.xref_object(x) for x in range(1, document.xref_length()))
    assert b"/ID" in data


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "CMYK"])
def test_pictures_become_an_archive(written, tmp_path, mode):
    source = tmp_path / f"a & b.{'jpg' if mode in ('RGB', 'CMYK') else 'tif'}"
    noise(400, 300, mode).save(source, dpi=(100, 100))
    made = result(line("Hello wide world", (60, 100, 300, 130)), size=(400, 300), dpi=100)
    options = ExportOptions(pdfa=True, title="Old & new", language="en")
    done = written(source, made, options=options)
    check_archive(done.path)
    assert bool(done.notes) is (mode == "CMYK")
    with pymupdf.open(done.path) as document:
        assert "Hello wide world" in document[0].get_text()
    assert written(source, made, options=options).unchanged
    failed = written(source, None, options=options)
    check_archive(failed.path)


@needs_ghostscript
def test_a_pdf_becomes_an_archive(written, text_pdf):
    source = text_pdf("some text in a font that is not embedded", pages=2)
    made = result(line("Hello wide world", (200, 1500, 600, 1550)), size=(1654, 2339), dpi=200)
    options = ExportOptions(pdfa=True, title="Its title")
    done = written(source, made, None, options=options)
    assert done.notes == ()
    check_archive(done.path)
    with pymupdf.open(done.path) as document:
        assert "Hello wide world" in document[0].get_text()
        assert "not embedded" in document[0].get_text()
    assert written(source, made, None, options=options).unchanged
    subprocess.run(["gs", "-dBATCH", "-dNOPAUSE", "-dQUIET", "-sDEVICE=nullpage", done.path], check=True)


@needs_ghostscript
def test_pictures_of_a_pdf_keep_their_pixels_in_an_archive(written, tmp_path):
    noise(500, 700, "L").save(tmp_path / "a.pdf", resolution=100)
    done = written(tmp_path / "a.pdf", result(), options=ExportOptions(pdfa=True))
    check_archive(done.path)
    pixels = []
    for path in (tmp_path / "a.pdf", done.path):
        with pymupdf.open(path) as document:
            pixels.append(pymupdf.Pixmap(document, document[0].get_images()[0][0]).samples)
    assert pixels[0] == pixels[1]


def test_without_ghostscript_it_says_why(written, text_pdf, monkeypatch):
    monkeypatch.setattr(ghostscript, "program", lambda: None)
    done = written(text_pdf("hello"), result(), options=ExportOptions(pdfa=True))
    assert done.notes == (
        "No PDF/A was made, but an ordinary PDF: PDF/A of a PDF needs Ghostscript, which is not installed.",
    )
    assert Path(done.path).stat().st_size > 0


def test_a_document_with_a_password_does_not_become_an_archive(written, text_pdf):
    source = text_pdf("x", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="", owner_pw="owner")
    done = written(source, result(), options=ExportOptions(pdfa=True))
    assert "PDF/A knows no passwords" in done.notes[0]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_the_order_of_the_text_is_that_of_reading(written, scan):
    made = rich_page()
    path = written(scan, made).path
    raw = subprocess.run(["pdftotext", "-raw", "-l", "1", path, "-"], capture_output=True, text=True, check=True).stdout
    found = re.sub("[\u202a-\u202e\u200e\u200f]", "", raw).split()
    expected = [word.text for block in made.blocks for at in block.lines for word in made.lines[at].words]
    plain = [word for word in expected if word.isprintable()]
    assert [word for word in found if word in plain] == plain
