"""Files are opened by what they are; what cannot be opened says why."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.document_host.open_documents import OpenDocuments
from desktop_ocr.schema.document_messages import DocumentInfo, Inspect, Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

PICTURES = {
    "PNG": "png",
    "JPEG": "jpg",
    "TIFF": "tif",
    "BMP": "bmp",
    "WebP": "webp",
    "GIF": "gif",
    "JPEG 2000": "jp2",
}


def inspect(handler: DocumentHandler, path: Path, password: str | None = None) -> DocumentInfo:
    reply = handler(Inspect(Source(str(path), password)))
    assert isinstance(reply, DocumentInfo)
    return reply


def refusal(handler: DocumentHandler, path: Path | str, password: str | None = None) -> ErrorCode:
    with pytest.raises(DesktopOcrError) as caught:
        handler(Inspect(Source(str(path), password)))
    assert caught.value.info.message.endswith(".")
    return caught.value.code


@pytest.mark.parametrize(("name", "suffix"), PICTURES.items())
def test_pictures_are_known_by_content(handler, tmp_path, name, suffix):
    real = tmp_path / f"a.{suffix}"
    Image.new("RGB", (60, 40), "white").save(real)
    wrong = tmp_path / "wrong.pdf"
    shutil.copy(real, wrong)
    data = real.read_bytes()
    for path in (real, wrong):
        assert inspect(handler, path) == DocumentInfo(name, 1, hashlib.sha256(data).hexdigest(), len(data))


def test_pdf_with_rubbish_before_its_header(handler, text_pdf, tmp_path):
    path = tmp_path / "rubbish.png"
    path.write_bytes(b"\r\nrubbish\r\n" + text_pdf("hello", pages=3).read_bytes())
    info = inspect(handler, path)
    assert (info.format, info.pages) == ("PDF", 3)


def test_pages_of_a_tiff_are_counted_without_previews(handler, tmp_path):
    frames = [Image.new("L", (60, 40), 255) for _ in range(3)]
    path = tmp_path / "a.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert inspect(handler, path).pages == 3


def test_a_moving_picture_is_one_page(handler, tmp_path):
    frames = [Image.new("P", (60, 40), i) for i in range(3)]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert inspect(handler, path).pages == 1


def test_what_is_not_there(handler, tmp_path):
    assert refusal(handler, tmp_path / "no.pdf") is ErrorCode.NOT_FOUND
    assert refusal(handler, tmp_path / "a\0b") is ErrorCode.NOT_FOUND
    assert refusal(handler, tmp_path / ("n" * 300)) is ErrorCode.NOT_FOUND
    assert refusal(handler, tmp_path) is ErrorCode.UNKNOWN_FORMAT


def test_a_pipe_is_not_waited_for(handler, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refusal(handler, tmp_path / "pipe") is ErrorCode.UNKNOWN_FORMAT


def test_what_may_not_be_read(handler, text_pdf):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = text_pdf("hello")
    path.chmod(0)
    assert refusal(handler, path) is ErrorCode.NO_PERMISSION


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ErrorCode.EMPTY_FILE),
        (b"hello, this is text", ErrorCode.UNKNOWN_FORMAT),
        (b"PK\x03\x04" + bytes(100), ErrorCode.UNKNOWN_FORMAT),
        (b"BM and then some text that is long enough", ErrorCode.UNKNOWN_FORMAT),
        (b"%PDF-1.4\nnothing else", ErrorCode.DAMAGED),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), ErrorCode.DAMAGED),
        (b"\xff\xd8\xff\xe0" + bytes(40), ErrorCode.DAMAGED),
        (b"II*\x00\xff\xff\xff\x7f", ErrorCode.DAMAGED),
        (b"GIF89a", ErrorCode.DAMAGED),
        (b"RIFF\x10\0\0\0WEBPVP8 ", ErrorCode.DAMAGED),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(30), ErrorCode.DAMAGED),
    ],
)
def test_what_is_no_document(handler, tmp_path, data, code):
    path = tmp_path / "xyz.dat"
    path.write_bytes(data)
    assert refusal(handler, path) is code


def test_passwords(handler, text_pdf):
    path = text_pdf("secret", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="pärola", owner_pw="owner")
    assert refusal(handler, path) is ErrorCode.PASSWORD_NEEDED
    assert refusal(handler, path, "wrong") is ErrorCode.PASSWORD_WRONG
    assert inspect(handler, path, "pärola").pages == 1
    # A password that was right once does not open the file for those who have none.
    assert refusal(handler, path) is ErrorCode.PASSWORD_NEEDED


def test_a_pdf_that_can_be_repaired_is_opened(handler, text_pdf):
    path = text_pdf("hello", pages=2)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"xref")])
    assert inspect(handler, path).pages == 2


def test_a_pdf_without_pages(handler, tmp_path):
    path = tmp_path / "none.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
        b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \n"
        b"trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n105\n%%EOF\n"
    )
    assert refusal(handler, path) in (ErrorCode.NO_PAGES, ErrorCode.DAMAGED)


def test_two_documents_stay_open_and_changed_ones_are_opened_anew(text_pdf):
    kept = OpenDocuments(limit=2)
    paths = [text_pdf("hello", name=f"{i}.pdf") for i in range(3)]
    first = kept.get(Source(str(paths[0])))
    assert kept.get(Source(str(paths[0]))) is first
    for path in paths[1:]:
        kept.get(Source(str(path)))
    assert kept.get(Source(str(paths[0]))) is not first
    text_pdf("hello", name="0.pdf", pages=4)
    assert kept.get(Source(str(paths[0]))).page_count == 4
    kept.close()


def test_another_file_of_the_same_size_and_age_is_opened_anew(tmp_path: Path):
    kept = OpenDocuments()
    file, other = tmp_path / "a.bmp", tmp_path / "b.bmp"
    for path, size in ((file, (60, 40)), (other, (40, 60))):
        Image.new("L", size, 255).save(path)
        os.utime(path, ns=(1, 1))
    assert file.stat().st_size == other.stat().st_size
    upright = kept.get(Source(str(file))).page_size(0)
    other.replace(file)
    assert kept.get(Source(str(file))).page_size(0) == upright[::-1]
    kept.close()


def test_page_that_is_not_there(prepare, text_pdf):
    with pytest.raises(DesktopOcrError) as caught:
        prepare(text_pdf("hello"), 1)
    assert caught.value.code is ErrorCode.NO_SUCH_PAGE
