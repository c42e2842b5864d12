"""Searchable PDFs, as poppler and qpdf see them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageDraw
from results import displayed_polygon, line, result

from desktop_ocr.document_host.export.glyphless import CodeTable
from desktop_ocr.schema.document_messages import Exported, ExportPage, FinishExport, Source, StartExport
from desktop_ocr.schema.results import Line, PageResult, PageSource, Word

pytestmark = pytest.mark.skipif(not shutil.which("pdftotext") or not shutil.which("qpdf"), reason="needs poppler, qpdf")

LINES = (
    line("Hello wide world", (200, 300, 600, 350)),
    line("Zażółć gęślą jaźń", (200, 400, 650, 450)),
    line("漢字 テスト 𠮷野家", (200, 500, 600, 560)),
    line("שלום עולם", (600, 600, 850, 650)),
    line("Größe: 42 €, naïve", (200, 700, 600, 740)),
)


@pytest.fixture
def searchable(handler, tmp_path):
    """Write a searchable PDF and have qpdf look at it."""

    def write(source: Path, *pages: PageResult | None, password: str | None = None, check: bool = True) -> Path:
        number = len(list(tmp_path.glob("out*.pdf")))
        target = tmp_path / f"out{number}.pdf"
        handler(StartExport(1, "pdf", Source(str(source), password), str(target), False, len(pages)))
        for at, page in enumerate(pages):
            handler(ExportPage(1, page.page if page else at, page))
        reply = handler(FinishExport(1))
        assert isinstance(reply, Exported)
        if check:
            command = ["qpdf", "--check", *([f"--password={password}"] if password else []), str(target)]
            found = subprocess.run(command, capture_output=True, text=True, check=False)
            assert found.returncode == 0, found.stdout + found.stderr
        return target

    return write


@pytest.fixture
def scan(tmp_path) -> Path:
    """A PDF of one white picture, 1654 x 2339 pixels at 200 dpi."""
    path = tmp_path / "scan.pdf"
    Image.new("L", (1654, 2339), 255).save(path, resolution=200)
    return path


def poppler(path: Path, *options: str) -> str:
    return subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True).stdout


def words(path: Path, *, turned: bool) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Words and their boxes as displayed. Poppler exchanges x and y of sideways words, so MuPDF finds those."""
    if turned:
        with pymupdf.open(path) as document:
            page = document[0]
            return [(word[4], tuple(pymupdf.Rect(word[:4]) * page.rotation_matrix)) for word in page.get_text("words")]
    html = poppler(path, "-bbox", "-cropbox")
    found = re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', html)
    return [(text, (float(a), float(b), float(c), float(d))) for a, b, c, d, text in found]


def overlap(a, b) -> float:
    shared = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return shared / (sum(areas) - shared)


def visual(text: str) -> str:
    """Poppler gives a right-to-left word's characters as they stand on the page where it gives its box."""
    return text[::-1] if "\u0590" < text[0] < "\u0700" else text


def check_words(path: Path, made: PageResult, at_least: float = 0.9) -> None:
    """Every word is found, once, in its place."""
    found = words(path, turned=made.rotation != 0)
    shares = []
    for expected in (word for one in made.lines for word in one.words):
        corners = displayed_polygon(expected.polygon, made)
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        box = (min(xs), min(ys), max(xs), max(ys))
        same = [overlap(box, other) for text, other in found if text in (expected.text, visual(expected.text))]
        assert len(same) == 1, (expected.text, found)
        shares += same
    assert np.mean(shares) >= at_least, shares


def test_all_scripts_in_their_places(searchable, scan):
    made = result(*LINES)
    path = searchable(scan, made)
    check_words(path, made)
    text = re.sub("[\u202a-\u202c]", "", poppler(path))
    for one in LINES:
        assert one.text in text


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turned_pages(searchable, tmp_path, rotate, rotation):
    """/Rotate of the page, a cropped page, and the rotation by which it was recognised."""
    document = pymupdf.open()
    page = document.new_page(width=700, height=900)
    page.set_cropbox(pymupdf.Rect(40, 60, 635, 902 - 60))
    page.set_rotation(rotate)
    width, height = page.rect.width / 72 * 200, page.rect.height / 72 * 200
    document.save(tmp_path / "turned.pdf")
    size = (width, height) if rotation in (0, 180) else (height, width)
    # Poppler puts words together along each line's own direction: one line is enough.
    made = result(line("Hello wide world", (200, 300, 600, 350)), size=size, rotation=rotation)
    path = searchable(tmp_path / "turned.pdf", made, check=False)
    check_words(path, made)
    with pymupdf.open(path) as copy:
        assert copy[0].rotation == rotate
        assert copy[0].cropbox == pymupdf.Rect(40, 60, 635, 842)


def test_slanted_words_follow_their_polygons(searchable, scan):
    angle = np.radians(12)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([[300, 300], [900, 300], [900, 360], [300, 360]]) @ turn
    polygon = tuple(float(v) for v in corners.flatten())
    made = result(Line("slanted", polygon, 0.9, (Word("slanted", polygon, 0.9),)))
    with pymupdf.open(searchable(scan, made)) as document:
        spans = [
            s
            for b in document[0].get_text("dict", flags=0)["blocks"]
            for one in b["lines"]
            for s in [(one["dir"], one["bbox"])]
        ]
        assert spans[0][0] == pytest.approx((np.cos(angle), np.sin(angle)), abs=0.01)
        expected = [min(polygon[0::2]), min(polygon[1::2]), max(polygon[0::2]), max(polygon[1::2])]
        assert overlap([v * 72 / 200 for v in expected], spans[0][1]) > 0.8


def test_words_of_a_skewed_scan_are_not_cut_in_two(searchable, scan):
    angle = np.radians(3)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    words = []
    for number, text in enumerate(["incomprehensibilities", "characteristically"]):
        left = 200 + 700 * number
        corners = np.array([[left, 300], [left + 600, 300], [left + 600, 360], [left, 360]]) @ turn
        words.append(Word(text, tuple(float(v) for v in corners.flatten()), 0.9))
    line = Line(" ".join(word.text for word in words), (200, 300, 1500, 300, 1500, 360, 200, 360), 0.9, tuple(words))
    text = subprocess.run(
        ["pdftotext", searchable(scan, result(line)), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert text.split() == ["incomprehensibilities", "characteristically"]


def test_the_original_is_kept_byte_for_byte(searchable, tmp_path, text_pdf):
    source = text_pdf("hello", pages=3)
    with pymupdf.open(source) as document:
        document.set_toc([[1, "Start", 1], [2, "More", 2]])
        document.set_metadata({"title": "A title", "author": "Somebody"})
        document[0].insert_link(
            {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(72, 80, 200, 110), "uri": "https://a.example"}
        )
        document.save(tmp_path / "rich.pdf")
    rich = tmp_path / "rich.pdf"
    path = searchable(rich, None, result(LINES[0], page=1))
    data = path.read_bytes()
    assert data.startswith(rich.read_bytes())
    with pymupdf.open(path) as copy, pymupdf.open(rich) as before:
        assert copy.page_count == 3
        assert copy.get_toc() == before.get_toc()
        assert copy.metadata == before.metadata
        assert [one["uri"] for one in copy[0].get_links()] == ["https://a.example"]
        for a, b in zip(copy, before, strict=True):
            assert a.get_pixmap().digest == b.get_pixmap().digest
        assert "Hello wide world" in copy[1].get_text()


def test_pages_read_from_their_text_stay_as_they_are(searchable, text_pdf):
    source = text_pdf("hello")
    path = searchable(source, result(LINES[0], source=PageSource.TEXT_LAYER))
    assert path.read_bytes() == source.read_bytes()


def test_the_same_results_give_the_same_bytes(searchable, scan, tmp_path):
    made = result(*LINES)
    assert searchable(scan, made).read_bytes() == searchable(scan, made).read_bytes()
    Image.new("RGB", (400, 300), "white").save(tmp_path / "a.png")
    assert searchable(tmp_path / "a.png", made).read_bytes() == searchable(tmp_path / "a.png", made).read_bytes()


def test_old_hidden_text_goes(searchable, text_pdf):
    def change(page):
        page.draw_line((10, 10), (300, 300))
        page.insert_text((100, 120), "qvick brovvn", render_mode=3)
        page.insert_link(
            {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(90, 100, 300, 130), "uri": "https://a.example"}
        )

    source = text_pdf(change=change)
    path = searchable(source, result(LINES[0]))
    text = poppler(path)
    assert "qvick" not in text
    assert "Hello wide world" in text
    assert path.read_bytes().startswith(source.read_bytes())
    with pymupdf.open(path) as copy, pymupdf.open(source) as before:
        assert len(copy[0].get_links()) == 1
        assert not list(copy[0].annots())
        assert copy[0].get_pixmap().digest == before[0].get_pixmap().digest


@pytest.mark.parametrize("sizes", [((400, 300), (90, 60)), ((90, 60), (90, 60))], ids=["different", "alike"])
@pytest.mark.parametrize("shading", [False, True])
def test_hidden_text_of_a_scan_goes_and_its_pictures_stay(searchable, text_pdf, tmp_path, sizes, shading):
    def change(page):
        for number, size in enumerate(sizes):
            Image.effect_noise(size, 90).save(tmp_path / f"{number}.png")
            page.insert_image((50, 50 + 350 * number, 450, 350 + 350 * number), filename=tmp_path / f"{number}.png")
        page.insert_text((100, 120), "qvick brovvn", render_mode=3)
        page.draw_rect((20, 20, 40, 40), color=(1, 0, 0), fill=(0, 0.5, 0.123456))
        if shading:
            shade = page.parent.get_new_xref()
            page.parent.update_object(
                shade,
                "<< /ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 500 0] /Function "
                "<< /FunctionType 2 /Domain [0 1] /C0 [1 0 0] /C1 [0 0 1] /N 1 >> >>",
            )
            resources = int(page.parent.xref_get_key(page.xref, "Resources")[1].split()[0])
            page.parent.xref_set_key(resources, "Shading", f"<< /Fade {shade} 0 R >>")
            contents = page.get_contents()[-1]
            page.parent.update_stream(contents, page.parent.xref_stream(contents) + b" q 9 9 400 9 re W n /Fade sh Q")

    source = text_pdf(change=change)
    path = searchable(source, result(LINES[0]))
    text = poppler(path)
    assert "qvick" not in text
    assert "Hello wide world" in text
    with pymupdf.open(path) as copy, pymupdf.open(source) as before:
        assert copy[0].get_pixmap().digest == before[0].get_pixmap().digest


def test_hidden_text_stays_where_the_page_would_change(searchable, text_pdf, monkeypatch):
    """Better two texts than a changed page; links and notes are as before, too."""

    def spoil(page: pymupdf.Page, **options: int) -> bool:
        page.draw_line((10, 10), (300, 300))
        return apply(page, **options)

    apply = pymupdf.Page.apply_redactions
    monkeypatch.setattr(pymupdf.Page, "apply_redactions", spoil)
    source = text_pdf(change=lambda page: page.insert_text((100, 700), "qvick brovvn", render_mode=3))
    path = searchable(source, result(LINES[0]))
    assert "qvick" in poppler(path)
    assert "Hello wide world" in poppler(path)
    with pymupdf.open(path) as copy, pymupdf.open(source) as before:
        assert copy[0].get_pixmap().digest == before[0].get_pixmap().digest
        assert not list(copy[0].annots())


def test_text_behind_a_picture_goes_too(searchable, text_pdf, tmp_path):
    Image.new("L", (800, 600), 200).save(tmp_path / "grey.png")

    def change(page):
        page.insert_image((50, 50, 500, 400), filename=str(tmp_path / "grey.png"))
        page.insert_text((72, 600), "a visible stamp")

    text = poppler(searchable(text_pdf("behind the picture", change=change), result(LINES[0])))
    assert "behind" not in text
    assert "visible stamp" in text


def test_visible_text_is_not_written_twice(searchable, text_pdf):
    source = text_pdf("Hello wide world")
    with pymupdf.open(source) as document:
        boxes = [pymupdf.Rect(word[:4]) * (200 / 72) for word in document[0].get_text("words")]
    left, right = boxes[0], boxes[-1]
    seen = line("Hello wide world", (left.x0, left.y0, right.x1, right.y1))
    text = poppler(searchable(source, result(seen, LINES[1])))
    assert text.count("wide") == 1
    assert "gęślą" in text


@pytest.mark.parametrize("user", ["", "open sesame"])
def test_encryption_stays(searchable, text_pdf, user):
    permissions = pymupdf.PDF_PERM_PRINT
    source = text_pdf(
        "x", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=user, owner_pw="owner", permissions=permissions
    )
    path = searchable(source, result(LINES[0]), password=user or None)
    with pymupdf.open(path) as copy:
        assert bool(copy.needs_pass) is bool(user)
        assert copy.authenticate(user)
        assert copy.metadata["encryption"]
        assert not copy.permissions & pymupdf.PDF_PERM_COPY
        assert "Hello wide world" in copy[0].get_text()


def test_operators_left_open_do_not_move_the_text(searchable, text_pdf):
    def change(page):
        document = page.parent
        number = document.get_new_xref()
        document.update_object(number, "<<>>")
        document.update_stream(number, b"q 0.5 0 0 0.5 100 100 cm q")
        document.xref_set_key(page.xref, "Contents", f"{number} 0 R")

    made = result(LINES[0], size=(595 / 72 * 200, 842 / 72 * 200))
    check_words(searchable(text_pdf(change=change), made, check=False), made)


def test_a_repaired_pdf_is_written_anew(searchable, text_pdf):
    source = text_pdf("hello")
    source.write_bytes(source.read_bytes()[: source.read_bytes().rindex(b"xref")])
    assert "Hello wide world" in poppler(searchable(source, result(LINES[1], LINES[0])))


def picture(mode: str) -> Image.Image:
    image = Image.new("RGB", (827, 1169), "white")
    ImageDraw.Draw(image).rectangle((50, 50, 400, 200), fill="black")
    if mode == "RGBA":
        image.putalpha(255)
    return image.quantize(8) if mode == "P" else image.convert(mode)


@pytest.mark.parametrize(
    ("mode", "suffix", "encoding"),
    [
        ("1", "tif", "ccitt"),
        ("L", "png", "image"),
        ("P", "png", "image"),
        ("RGB", "png", "image"),
        ("RGBA", "png", "image"),
        ("RGB", "jpg", "jpeg"),
        ("L", "jpg", "jpeg"),
        ("CMYK", "jpg", "jpeg"),
        ("CMYK", "tif", "image"),
        ("L", "webp", "image"),
    ],
)
def test_pictures_become_pages(searchable, tmp_path, mode, suffix, encoding):
    source = tmp_path / f"a.{suffix}"
    picture(mode).save(source, dpi=(100, 100))
    size, dpi = (827, 1169), 100.0
    made = result(line("Hello wide world", (60, 300, 500, 330)), size=size, dpi=dpi)
    path = searchable(source, made)
    listed = subprocess.run(["pdfimages", "-list", str(path)], capture_output=True, text=True, check=True).stdout
    assert f" {encoding} " in listed.splitlines()[2]
    if encoding == "jpeg":
        assert source.read_bytes() in path.read_bytes()
    with pymupdf.open(path) as document:
        told = 72 / document[0].rect.width * 827
        assert told == pytest.approx(dpi, abs=0.1) or suffix == "webp"
        shown = document[0].get_pixmap(dpi=round(told), colorspace=pymupdf.csGRAY)
        found = np.frombuffer(shown.samples, dtype=np.uint8).reshape(shown.height, shown.width)
        assert found[120, 200] < 80
        assert found[600, 600] > 215
    if suffix != "webp":
        check_words(path, made)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("rotation", [0, 90])
def test_a_picture_turned_by_exif(searchable, tmp_path, orientation, rotation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = tmp_path / "a.jpg"
    image = picture("RGB")
    image.save(source, dpi=(100, 100), exif=exif)
    with Image.open(source) as stored:
        from PIL import ImageOps

        upright = np.asarray(ImageOps.exif_transpose(stored).convert("L"))
    height, width = upright.shape
    size = (width, height) if rotation == 0 else (height, width)
    made = result(line("Hello wide world", (60, 300, 500, 330)), size=size, dpi=100, rotation=rotation)
    path = searchable(source, made, check=False)
    with pymupdf.open(path) as document:
        assert document[0].rotation == rotation
        document[0].set_rotation(0)
        shown = document[0].get_pixmap(dpi=100, colorspace=pymupdf.csGRAY)
        found = np.frombuffer(shown.samples, dtype=np.uint8).reshape(shown.height, shown.width)
        common = tuple(slice(0, min(a, b)) for a, b in zip(found.shape, upright.shape, strict=True))
        assert np.abs(found[common].astype(int) - upright[common]).mean() < 3
    # With the page turned upright the words lie where they were recognised.
    check_words(path, result(*made.lines, size=size, dpi=100))


def test_frames_without_results_are_pages_too(searchable, tmp_path):
    frames = [picture("1") for _ in range(3)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:], dpi=(100, 100))
    made = result(line("Hello wide world", (60, 300, 500, 330)), size=(827, 1169), dpi=100, page=1)
    path = searchable(tmp_path / "a.tif", made)
    assert [page.strip() for page in poppler(path).split("\f")] == ["", "Hello wide world", "", ""]


def test_rare_characters_get_spare_codes():
    codes = CodeTable()
    assert codes.encode("A𠮷𠮷") == b"\x00A\xd8\x00\xd8\x00"
    assert codes.encode("\ud801") == b"\xff\xfd"
    text = codes.to_unicode().decode()
    assert "<D800> <D842DFB7>" in text
    assert "<0041> <0041>" in text


@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    ["scans/graph_ocred.pdf", "gnarly/some_ocr1.pdf", "rules/small_page_size.pdf", "scans/ocr_test_rotated_90.pdf"],
)
def test_corpus(searchable, corpus, name):
    with pymupdf.open(corpus / name) as document:
        width, height = document[0].rect.width, document[0].rect.height
        look = document[0].get_pixmap().digest
    h = height / 20
    made = result(line("Hello wide world", (width / 10, h, width / 2, 2 * h)), size=(width, height), dpi=72)
    path = searchable(corpus / name, made, check=False)
    assert poppler(path).split() == ["Hello", "wide", "world"]
    check_words(path, made)
    with pymupdf.open(path) as document:
        assert document[0].get_pixmap().digest == look
