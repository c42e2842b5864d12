"""How the command line's options become a wish."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from desktop_ocr.cli.convert_exports import add_exports, check_exports, chosen_formats, wish
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import FORMATS, ExportOptions, ExportWish, PictureMode


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--overwrite", action="store_true")
    add_exports(parser)
    return parser.parse_args(words)


def test_without_options_it_is_the_usual() -> None:
    arguments = parsed()
    check_exports(arguments)
    assert wish(arguments, ("txt",), Path("/out")) == ExportWish(("txt",), "/out")


def test_every_option_has_its_place() -> None:
    words = "--per-page --name {date}-{page} --headers --images beside --pdfa --downsample 150 --title T"
    arguments = parsed(*words.split(), "--text-language", "de", "--decimal", ",", "--overwrite")
    check_exports(arguments)
    assert wish(arguments, ("pdf", "html"), Path("/out")) == ExportWish(
        ("pdf", "html"),
        "/out",
        ExportOptions(
            headers=True,
            pictures=PictureMode.BESIDE,
            downsample_dpi=150,
            pdfa=True,
            decimal=",",
            language="de",
            title="T",
        ),
        per_page=True,
        pattern="{date}-{page}",
        overwrite=True,
    )


@pytest.mark.parametrize(
    "words", [("--name", "{what}"), ("--name", ""), ("--downsample", "5"), ("--title", "\udce9"), ("--name", "\udce9")]
)
def test_what_is_wrong_is_told(words: tuple[str, str]) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        check_exports(parsed(*words))
    assert caught.value.code is ErrorCode.USAGE


def test_lists_of_formats() -> None:
    assert chosen_formats("PDF, txt,pdf,") == ("pdf", "txt")
    assert chosen_formats(",".join(info.name for info in FORMATS)) == tuple(info.name for info in FORMATS)
    for text in ("", ",", "doc", "txt,doc"):
        with pytest.raises(DesktopOcrError) as caught:
            chosen_formats(text)
        assert "Choose of pdf, docx, txt" in caught.value.info.advice
