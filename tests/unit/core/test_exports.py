"""Which files an export is, and what becomes of those that cannot be written."""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.export_formats import FormatList
from desktop_ocr.core.export_names import MOST_BYTES, FileNames, check_pattern
from desktop_ocr.core.exporter import Exporter
from desktop_ocr.core.exports import Exports
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.schema.document_messages import DocumentInfo, Exported, ExportPage, FinishExport, StartExport
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import NO_TABLES, ExportOptions, ExportWish, PictureMode
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.messages import Done, ReplyBody
from desktop_ocr.schema.results import Block, BlockKind, PageResult, PageSource
from desktop_ocr.schema.settings import Settings

DAY = datetime.date(2026, 1, 31)


def names(pattern: str, name: str = "scan", pages: int = 120) -> FileNames:
    return FileNames(pattern, name, pages, DAY)


@pytest.mark.parametrize(
    ("pattern", "of_page", "of_pages"),
    [
        ("{name}", "scan-007", "scan"),
        ("{page} of {name}", "007 of scan", "7-9 of scan"),
        ("{date}_{name}_{page}", "2026-01-31_scan_007", "2026-01-31_scan_7-9"),
        ("a/b\\c:{name}?", "abcscan-007", "abcscan"),
        ("../../{name}", "scan-007", "scan"),
        ("{name} . ", "scan . -007", "scan"),
        ("con", "con-007", "_con"),
    ],
)
def test_names_by_a_pattern(pattern: str, of_page: str, of_pages: str) -> None:
    check_pattern(pattern)
    assert names(pattern).of_page(6) == of_page
    assert names(pattern).of_pages([6, 8]) == of_pages
    assert names("{page}").of_pages([6]) == "7"


def test_a_long_name_is_cut_and_keeps_its_number() -> None:
    made = names("{name}-{date}-{page}", "ü" * 200).of_page(6)
    assert made.startswith("üü")
    assert made.endswith("-2026-01-31-007")
    assert len(made.encode()) <= MOST_BYTES
    assert len(names("x" * 500).of_pages([0]).encode()) <= MOST_BYTES


@pytest.mark.parametrize("pattern", ["{nmae}", "{}", "{name", "a}", "", " . ", "///", "{name!r}"])
def test_a_pattern_that_gives_no_names(pattern: str) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        check_pattern(pattern)
    assert caught.value.code is ErrorCode.USAGE


class _Reader:
    """Answers as a document host does that writes nothing."""

    generation, pid = 1, 1

    def __init__(self) -> None:
        self.started: list[StartExport] = []
        self.pages: list[int] = []
        self.without_tables: tuple[int, ...] = ()

    async def ask(self, body: object, *_: object) -> ReplyBody:
        match body:
            case StartExport():
                self.started.append(body)
            case ExportPage():
                self.pages.append(body.page)
            case FinishExport():
                if self.pages[-1] in self.without_tables:
                    raise DesktopOcrError.from_info(NO_TABLES)
                return Exported(self.started[-1].target, 1, unchanged=False, notes=("From the host.",))
        return Done()


class _Case:
    def __init__(self, folder: Path, *, kind: BlockKind = BlockKind.PICTURE) -> None:
        self.folder = folder
        self.reader = _Reader()
        self.looked = 0
        self.missing: DesktopOcrError | None = None
        ledger = Ledger(None)
        self.job = Job(ledger.add_job("/in/scan.pdf", JobOptions(), "", "me"), Path("/in/scan.pdf"), JobOptions())
        self.job.info = DocumentInfo("PDF", 12, "ab" * 32, 1)
        self.job.key = PageKey(ledger.set_document(self.job.number, self.job.info), "{}")
        self.job.chosen = list(range(2, 12))
        for page in self.job.chosen:
            made = PageResult(page, 10, 10, 72, 0, PageSource.RECOGNISED, blocks=(Block(kind, (0, 0, 1, 1)),))
            ledger.commit_page(self.job.key, made, PageCost(0.0, 0.0))
        exporter = Exporter(LiveSettings(Settings()), ledger, self.reader)  # type: ignore[arg-type]
        self.exports = Exports(exporter, FormatList(self.reader), self._check)  # type: ignore[arg-type]

    async def _check(self, _: Job) -> None:
        self.looked += 1
        if self.missing is not None:
            raise self.missing

    def wish(self, *formats: str, **more: object) -> ExportWish:
        return ExportWish(formats, str(self.folder), **more)  # type: ignore[arg-type]


@pytest.fixture
def case(tmp_path: Path) -> _Case:
    return _Case(tmp_path)


async def test_pages_are_chosen_among_the_jobs(case: _Case) -> None:
    told: list[tuple[int, int]] = []
    wish = case.wish("txt", "alto", "txt", pages="1-4,12")
    outcomes = await case.exports.export(case.job, wish, progress=lambda *at: told.append(at))
    assert [(one.format, Path(one.path).name, one.error) for one in outcomes] == [
        ("txt", "scan.txt", None),
        ("alto", "scan.alto.xml", None),
    ]
    assert case.reader.pages == [2, 3, 11] * 2
    assert case.reader.started[0].chosen == 3
    assert case.reader.started[0].pages == 12
    assert told == [(number, 6) for number in range(1, 7)]
    assert case.looked == 0, "a text needs no document"


async def test_what_is_no_text_in_a_wish_is_replaced_or_refused(case: _Case) -> None:
    odd = ExportOptions(title="A\ud800 title", language="\udcff")
    (made,) = await case.exports.export(case.job, case.wish("txt", options=odd, pattern="{name}\ud800"))
    assert (made.error, Path(made.path).name) == (None, "scan\ufffd.txt")
    assert case.reader.started[0].options.title == "A\ufffd title"
    for outcomes in (
        await case.exports.export(case.job, case.wish("\ud800")),
        await case.exports.export(case.job, case.wish("txt", pages="\ud800")),
        await case.exports.export(case.job, msgspec.structs.replace(case.wish("txt"), folder="/out/\ud800")),
    ):
        (outcome,) = outcomes
        assert outcome.error is not None
        assert outcome.error.code is ErrorCode.USAGE


async def test_a_file_for_each_page(case: _Case) -> None:
    outcomes = await case.exports.export(case.job, case.wish("txt", pages="9-10", per_page=True))
    assert [Path(one.path).name for one in outcomes] == ["scan-09.txt", "scan-10.txt"]
    assert [start.chosen for start in case.reader.started] == [1, 1]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"pages": "1-2"}, ErrorCode.NO_SUCH_PAGE),
        ({"pages": "77"}, ErrorCode.NO_SUCH_PAGE),
        ({"pages": "x"}, ErrorCode.USAGE),
        ({"pattern": "{what}"}, ErrorCode.USAGE),
    ],
)
async def test_bad_wishes_are_told(case: _Case, more: dict[str, str], code: ErrorCode) -> None:
    outcomes = await case.exports.export(case.job, case.wish("txt", "md", **more))
    assert [one.error.code for one in outcomes if one.error] == [code, code]
    assert not case.reader.started


async def test_an_unknown_format_is_told_and_the_others_go_on(case: _Case) -> None:
    outcomes = await case.exports.export(case.job, case.wish("doc", "txt"))
    assert outcomes[0].error is not None
    assert outcomes[0].error.message == "There is no format 'doc'."
    assert outcomes[1].error is None


async def test_without_the_document_pictures_are_left_out(case: _Case) -> None:
    case.missing = DesktopOcrError(ErrorCode.NOT_FOUND, "The file is not there.", "It may have been moved.")
    html, pdf, csv = await case.exports.export(case.job, case.wish("html", "pdf", "csv"))
    assert case.looked == 1
    assert html.error is None
    assert html.lacking is not None
    assert html.lacking.code is ErrorCode.NOT_FOUND
    assert html.notes == ("Pictures were left out: The file is not there. It may have been moved.", "From the host.")
    assert case.reader.started[0].options.pictures is PictureMode.NONE
    assert pdf.error is not None
    assert (pdf.error.code, Path(pdf.path).name) == (ErrorCode.NOT_FOUND, "scan.pdf")
    assert (csv.error, csv.lacking) == (None, None)
    none = ExportOptions(pictures=PictureMode.NONE)
    (html,) = await case.exports.export(case.job, case.wish("html", options=none))
    assert (html.lacking, case.looked) == (None, 1)


async def test_nothing_is_said_of_pictures_where_there_are_none(tmp_path: Path) -> None:
    case = _Case(tmp_path, kind=BlockKind.TABLE)
    case.missing = DesktopOcrError(ErrorCode.NOT_FOUND, "The file is not there.")
    (html,) = await case.exports.export(case.job, case.wish("html"))
    assert (html.lacking, html.notes) == (None, ("From the host.",))


async def test_freeing_memory_stops_an_export_and_is_told_so(case: _Case) -> None:
    case.missing = DesktopOcrError(ErrorCode.FREED, "Freed.")
    (pdf,) = await case.exports.export(case.job, case.wish("pdf"))
    assert pdf.error is not None
    assert pdf.error.message == "The export was stopped to give memory back."


async def test_two_documents_of_one_name_never_replace_each_other(case: _Case) -> None:
    wish = case.wish("txt", pattern="{date}", overwrite=True)
    await case.exports.export(case.job, wish)
    case.job.number += 1
    await case.exports.export(case.job, wish)
    case.job.number -= 1
    await case.exports.export(case.job, wish)
    assert [start.overwrite for start in case.reader.started] == [True, False, True]


async def test_a_pdf_beside_its_original_has_another_name(case: _Case) -> None:
    case.job.path = case.folder / "scan.pdf"
    outcomes = await case.exports.export(case.job, case.wish("pdf", "txt"), full_name=False)
    assert [Path(one.path).name for one in outcomes] == ["scan.ocr.pdf", "scan.txt"]
    outcomes = await case.exports.export(case.job, case.wish("txt"), full_name=True)
    assert [Path(one.path).name for one in outcomes] == ["scan.pdf.txt"]


async def test_pages_without_tables_are_no_errors_where_others_have_some(case: _Case) -> None:
    case.reader.without_tables = (8, 10)
    wish = case.wish("csv", pages="9-11", per_page=True)
    outcomes = await case.exports.export(case.job, wish)
    assert [(Path(one.path).name, one.error) for one in outcomes] == [("scan-10.csv", None)]
    case.reader.without_tables = (8, 9, 10)
    outcomes = await case.exports.export(case.job, wish)
    assert [(Path(one.path).name, one.error) for one in outcomes] == [("scan-09.csv", NO_TABLES)]
