"""Text, Markdown and JSON, and how output files come into their place."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from results import line, result

from desktop_ocr.document_host.export import placing
from desktop_ocr.document_host.export.registry import export_format, format_names
from desktop_ocr.schema.document_messages import DropExport, Exported, ExportPage, FinishExport, Source, StartExport
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import FORMATS
from desktop_ocr.schema.messages import Done
from desktop_ocr.schema.results import PageResult

FAILURE = ErrorInfo(ErrorCode.TIMED_OUT, "It took too long.", "Try again.")
Export = Callable[..., Exported]


@pytest.fixture
def export(handler, text_pdf, tmp_path) -> Export:
    """Write results (None: a page that failed) to `tmp_path/"out"`."""
    out = tmp_path / "out"
    out.mkdir()
    document = text_pdf("hello", pages=3)

    def write(
        kind: str,
        *pages: PageResult | None,
        name: str | None = None,
        overwrite: bool = False,
        source: Path = document,
        others: tuple[str, ...] = (),
    ) -> Exported:
        target = out / (name or f"doc.{kind}")
        start = StartExport(1, kind, Source(str(source)), str(target), overwrite, len(pages), others=others)
        assert handler(start) == Done()
        for number, page in enumerate(pages):
            handler(ExportPage(1, number, page, None if page else FAILURE))
        reply = handler(FinishExport(1))
        assert isinstance(reply, Exported)
        assert reply.size == Path(reply.path).stat().st_size
        assert not list(out.glob(".*")), "no temporary file is left"
        return reply

    return write


def page(text: str, number: int = 0) -> PageResult:
    return result(line(text, (100, 100, 900, 140)), page=number)


def read(done: Exported) -> str:
    return Path(done.path).read_text(encoding="utf-8")


def test_another_documents_file_is_not_shared_though_it_is_the_same(export: Export) -> None:
    export("txt", page("hello"))
    for unchanged in (False, True):
        own = export("txt", page("hello"), others=("doc.txt",))
        assert (Path(own.path).name, own.unchanged) == ("doc (2).txt", unchanged)
    third = export("txt", page("hello"), others=("doc.txt", "doc (2).txt"))
    assert Path(third.path).name == "doc (3).txt"
    assert read(third) == read(own)


def test_the_registry_has_what_is_offered():
    assert format_names() == tuple(info.name for info in FORMATS)
    for info in FORMATS:
        made = export_format(info.name)
        assert (made.name, made.suffix) == (info.name, info.suffix)
    with pytest.raises(DesktopOcrError) as caught:
        export_format("doc")
    assert caught.value.code is ErrorCode.USAGE


def test_text(export):
    assert read(export("txt", page("first"), None, page("third"))) == (
        "first\n\n[Page 2 could not be read: It took too long.]\n\nthird\n"
    )


def test_text_of_empty_pages(export):
    assert read(export("txt", result(), page("second"), result())) == "second\n"
    assert read(export("txt", result(), name="none.txt")) == ""


def test_markdown(export):
    assert read(export("md", page("first *1"), None)) == (
        "<!-- page 1 -->\n\nfirst \\*1\n\n<!-- page 2 -->\n\n*[Page 2 could not be read: It took too long.]*\n"
    )
    assert read(export("md", page("alone"), name="one.md")) == "alone\n"


def test_json(export):
    found = json.loads(read(export("json", page("first"), None)))
    assert (found["format"], found["version"], found["file"], found["document_pages"]) == (
        "desktop-ocr",
        1,
        "text.pdf",
        2,
    )
    assert [one["page"] for one in found["pages"]] == [1, 2]
    assert found["pages"][0]["result"]["lines"][0]["words"][0]["text"] == "first"
    assert found["pages"][1]["result"] is None
    assert found["pages"][1]["error"]["code"] == "timed-out"
    assert json.loads(read(export("json", name="none.json")))["pages"] == []


def test_text_that_is_no_unicode_is_written_all_the_same(export):
    broken = result(line("a\ud800b", (0, 0, 100, 20)))
    assert read(export("txt", broken)) == "a?b\n"
    assert "a?b" in read(export("md", broken))


@pytest.mark.parametrize("kind", ["txt", "md", "json", "pdf"])
def test_the_same_again_is_left_as_it_is(export, kind):
    first = export(kind, page("hello"))
    before = Path(first.path).stat()
    again = export(kind, page("hello"))
    assert (again.path, again.unchanged, first.unchanged) == (first.path, True, False)
    assert Path(first.path).stat().st_mtime_ns == before.st_mtime_ns
    assert export(kind, page("hello"), overwrite=True).unchanged


def test_another_file_is_not_replaced(export):
    names = [Path(export("txt", page(f"text {i}")).path).name for i in range(3)]
    assert names == ["doc.txt", "doc (2).txt", "doc (3).txt"]
    again = export("txt", page("text 1"))
    assert (Path(again.path).name, again.unchanged) == ("doc (2).txt", True)


def test_a_file_is_replaced_when_asked(export):
    export("txt", page("one"))
    done = export("txt", page("two"), overwrite=True)
    assert (Path(done.path).name, read(done), done.unchanged) == ("doc.txt", "two\n", False)


def test_without_hard_links(export, monkeypatch):
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert Path(export("txt", page("one")).path).name == "doc.txt"
    assert Path(export("txt", page("two")).path).name == "doc (2).txt"


def test_new_files_have_ordinary_permissions(export):
    mask = os.umask(0)
    os.umask(mask)
    assert Path(export("txt", page("one")).path).stat().st_mode & 0o777 == 0o666 & ~mask


def test_drop_deletes_what_was_written(handler, text_pdf, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    handler(StartExport(7, "pdf", Source(str(text_pdf("hello"))), str(out / "a.pdf"), False, 1))
    assert list(out.iterdir())
    handler(DropExport(7))
    handler(DropExport(7))
    assert not list(out.iterdir())
    with pytest.raises(DesktopOcrError) as caught:
        handler(FinishExport(7))
    assert caught.value.code is ErrorCode.PROTOCOL


def test_files_of_killed_processes_are_swept(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale, fresh, ours = (
        tmp_path / f"{placing.PART_PREFIX}{number}-{name}{placing.PART_SUFFIX}"
        for number, name in ((ended.pid, "a"), (ended.pid, "b"), (os.getpid(), "c"))
    )
    for path in (stale, fresh, ours):
        path.touch()
    for path in (stale, ours):
        os.utime(path, (1, 1))
    placing.sweep(tmp_path)
    assert not stale.exists()
    assert fresh.exists()
    assert ours.exists()


def test_a_temporary_file_with_an_impossible_number_is_left_alone(tmp_path):
    odd = tmp_path / f"{placing.PART_PREFIX}{'9' * 30}-a{placing.PART_SUFFIX}"
    odd.touch()
    os.utime(odd, (1, 1))
    placing.sweep(tmp_path)
    assert odd.exists()


def test_no_such_folder(handler, text_pdf, tmp_path):
    with pytest.raises(DesktopOcrError) as caught:
        handler(StartExport(1, "txt", Source(str(text_pdf("hello"))), str(tmp_path / "no" / "a.txt"), False, 1))
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_a_name_that_is_too_long(export):
    with pytest.raises(DesktopOcrError) as caught:
        export("txt", page("one"), name="n" * 252 + ".txt")
    assert caught.value.code is ErrorCode.EXPORT_FAILED


def test_a_folder_of_that_name(export, tmp_path):
    (tmp_path / "out" / "doc.txt").mkdir()
    assert Path(export("txt", page("one")).path).name == "doc (2).txt"
    with pytest.raises(DesktopOcrError) as caught:
        export("txt", page("one"), overwrite=True)
    assert caught.value.code is ErrorCode.EXPORT_FAILED


@pytest.mark.parametrize("kind", ["txt", "json", "pdf"])
def test_a_full_disk(handler, text_pdf, tmp_path, kind):
    out = tmp_path / "out"
    out.mkdir()
    source = Source(str(text_pdf("hello")))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler(StartExport(1, kind, source, str(out / f"a.{kind}"), False, 1))
    many = [line(f"{i} Zażółć gęślą jaźń", (100, 10 + 4 * i, 900, 13 + 4 * i)) for i in range(500)]
    limit = 3000 + (Path(source.path).stat().st_size if kind == "pdf" else 0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(DesktopOcrError) as caught:
            finish(handler, ExportPage(1, 0, result(*many)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.code is ErrorCode.DISK_FULL
    assert not list(out.iterdir())


def finish(handler, page: ExportPage) -> None:
    handler(page)
    handler(FinishExport(page.export))


def test_pages_out_of_order(handler, text_pdf, tmp_path):
    handler(StartExport(1, "txt", Source(str(text_pdf("hello"))), str(tmp_path / "a.txt"), False, 3))
    handler(ExportPage(1, 1, None))
    with pytest.raises(DesktopOcrError) as caught:
        handler(ExportPage(1, 1, None))
    assert caught.value.code is ErrorCode.PROTOCOL
    assert not list(tmp_path.glob(".*"))
