"""Formats of exports in words, and how they stand together in the dialog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_ocr.gui.words import tr
from desktop_ocr.schema.exports import FormatInfo, PictureMode

_GROUPS = (("pdf", "docx", "txt", "md", "html"), ("xlsx", "csv"), ("json", "hocr", "alto"))


def format_title(info: FormatInfo) -> str:
    """A format's name; those of other packages bring their own."""
    ours = {
        "pdf": tr("Searchable PDF"),
        "docx": tr("Word document"),
        "txt": tr("Text"),
        "md": tr("Markdown"),
        "html": tr("Web page"),
        "xlsx": tr("Excel workbook"),
        "csv": tr("CSV"),
        "json": tr("JSON"),
        "hocr": tr("hOCR"),
        "alto": tr("ALTO 4"),
    }
    return ours.get(info.name, info.title) if info.ours else info.title


def format_hint(info: FormatInfo) -> str:
    """What a format is good for."""
    ours = {
        "pdf": tr("Looks like the original, with text to find and copy"),
        "docx": tr("Headings, lists, tables and pictures"),
        "txt": tr("The words alone, page after page"),
        "md": tr("Headings, lists and tables"),
        "html": tr("One file that every browser shows"),
        "xlsx": tr("The tables, a sheet each"),
        "csv": tr("The tables, a file each"),
        "json": tr("Every word with its place, for other programs"),
        "hocr": tr("Words with their places, for OCR tools"),
        "alto": tr("Words with their places, for libraries and archives"),
    }
    return ours.get(info.name, info.text) if info.ours else info.text


def grouped(formats: Sequence[FormatInfo]) -> list[tuple[str, list[FormatInfo]]]:
    """Formats with the headings they stand under; other packages' come last."""
    titles = (tr("Documents"), tr("Tables"), tr("Data"))
    groups = [
        (title, [info for name in names for info in formats if info.ours and info.name == name])
        for title, names in zip(titles, _GROUPS, strict=True)
    ]
    known = {name for names in _GROUPS for name in names}
    groups.append((tr("More"), [info for info in formats if not info.ours or info.name not in known]))
    return [(title, infos) for title, infos in groups if infos]


def pictures_words(mode: PictureMode) -> str:
    """What becomes of pictures."""
    return {
        PictureMode.EMBEDDED: tr("In the file"),
        PictureMode.BESIDE: tr("In a folder beside it"),
        PictureMode.NONE: tr("Left out"),
    }[mode]


def text_languages() -> list[tuple[str, str]]:
    """Languages of texts, as files name them; the first says nothing."""
    return [
        ("", tr("Not stated")),
        *sorted(
            (
                ("ar", tr("Arabic")),
                ("bg", tr("Bulgarian")),
                ("cs", tr("Czech")),
                ("da", tr("Danish")),
                ("de", tr("German")),
                ("el", tr("Greek")),
                ("en", tr("English")),
                ("es", tr("Spanish")),
                ("fi", tr("Finnish")),
                ("fr", tr("French")),
                ("he", tr("Hebrew")),
                ("hi", tr("Hindi")),
                ("hu", tr("Hungarian")),
                ("it", tr("Italian")),
                ("ja", tr("Japanese")),
                ("ko", tr("Korean")),
                ("nl", tr("Dutch")),
                ("no", tr("Norwegian")),
                ("pl", tr("Polish")),
                ("pt", tr("Portuguese")),
                ("ro", tr("Romanian")),
                ("ru", tr("Russian")),
                ("sv", tr("Swedish")),
                ("th", tr("Thai")),
                ("tr", tr("Turkish")),
                ("uk", tr("Ukrainian")),
                ("vi", tr("Vietnamese")),
                ("zh-Hans", tr("Chinese, simplified")),
                ("zh-Hant", tr("Chinese, traditional")),
            ),
            key=lambda named: named[1],
        ),
    ]


def files_words(count: int) -> str:
    """ "1 file", "3 files"."""
    return tr("1 file") if count == 1 else tr("%n files", count)


def progress_words(number: int, total: int, done: int, pages: int) -> str:
    """How far an export is: document `number` of `total`, so many of its pages (over all its files)."""
    at = tr("{done} of {total} pages").format(done=done, total=pages) if pages > 1 else ""
    if total == 1:
        return tr("Exporting: {pages}…").format(pages=at) if at else tr("Exporting…")
    words = tr("Exporting document {n} of {total}").format(n=max(1, number), total=total)
    return (f"{words}, {at}" if at else words) + "…"


def written_words(paths: Sequence[str], folder: Path, shown: str) -> str:
    """What was written: the file's name where it is one (`shown`), else how many and where."""
    if len(paths) == 1:
        return tr("Exported {name}.").format(name=shown)
    return tr("Exported {files} to {folder}.").format(files=files_words(len(paths)), folder=folder)


def option_words(pages: str, per_page: bool, pictures: PictureMode | None, headers: bool | None) -> str:
    """The options that decide most, in a line: seen where they are folded away."""
    parts = [
        tr("All pages") if not pages else tr("Pages {pages}").format(pages=pages),
        tr("a file for each page") if per_page else "",
        tr("pictures in a folder") if pictures is PictureMode.BESIDE else "",
        tr("without pictures") if pictures is PictureMode.NONE else "",
        tr("with headers and footers") if headers else "",
        tr("without headers and footers") if headers is False else "",
    ]
    return ", ".join(part for part in parts if part)
