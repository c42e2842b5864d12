"""The options of `convert` for what is looked for on pages."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from desktop_ocr.__main__ import main
from desktop_ocr.cli.convert_features import add_features, check_features, ranges, with_features, with_modes
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import FAST, FULL, Feature, FeatureMode
from desktop_ocr.schema.jobs import JobOptions, TextModel

ON, OFF, AUTO = FeatureMode.ON, FeatureMode.OFF, FeatureMode.AUTO


def options(*words: str, of: JobOptions | None = None) -> JobOptions:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    add_features(parser)
    arguments = parser.parse_args(with_modes([*words, "a.pdf"]))
    assert arguments.files == [Path("a.pdf")]
    check_features(arguments)
    return with_features(of or JobOptions(), arguments)


def test_without_options_it_is_as_set() -> None:
    assert options() == JobOptions()
    own = JobOptions(formulas=AUTO, language="korean", routing=True)
    assert options(of=own) == own
    assert options("--profile", "custom", of=own) == own


@pytest.mark.parametrize("feature", Feature)
def test_each_feature_is_on_off_or_auto(feature: Feature) -> None:
    for words, mode in (
        (f"--{feature}", ON),
        (f"--{feature}=on", ON),
        (f"--no-{feature}", OFF),
        (f"--{feature}=off", OFF),
        (f"--{feature}=auto", AUTO),
    ):
        made = options(words).features
        assert made.mode(feature) is mode
        assert made.without(feature) == FAST.without(feature)


def test_a_profile_comes_first_and_single_features_change_it() -> None:
    full = options("--no-charts", "--profile", "full")
    assert full.structure
    assert full.features == FULL.without(Feature.CHARTS)
    fast = options("--profile", "fast", "--formulas", of=JobOptions(structure=True, seals=ON))
    assert not fast.structure
    assert (fast.formulas, fast.seals) == (ON, OFF)


def test_models_for_text() -> None:
    made = options("--language", "korean", "--text-model", "tiny", "--routing")
    assert (made.language, made.text_model, made.routing) == ("korean", TextModel.TINY, True)
    assert options("--language", "", of=JobOptions(language="th")).language == ""
    assert not options("--no-routing", of=JobOptions(routing=True)).routing


def test_an_unknown_language_is_named_with_those_there_are() -> None:
    with pytest.raises(DesktopOcrError) as caught:
        options("--language", "klingon")
    assert caught.value.code is ErrorCode.USAGE
    assert "klingon" in caught.value.info.message
    assert "cyrillic" in caught.value.info.advice


def test_a_file_is_never_taken_for_a_mode() -> None:
    assert with_modes(["--tables=auto", "b.pdf", "--", "--tables=auto"]) == [
        "--auto-tables",
        "b.pdf",
        "--",
        "--tables=auto",
    ]
    assert with_modes(["--out=tables=auto", "tables=auto"]) == ["--out=tables=auto", "tables=auto"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--tables=perhaps"], "--tables can be off, auto, on, and not 'perhaps'"),
        (["--tables="], "not ''"),
        (["--tables", "--no-tables"], "not allowed with"),
        (["--tabels"], "--tabels"),
        (["--profile", "slow"], "slow"),
        (["--language", "klingon"], "no pack for the language 'klingon'"),
        (["--text-model", "huge"], "huge"),
    ],
)
def test_wrong_usage_is_2_with_a_sentence(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    try:
        code = main(["convert", str(tmp_path / "a.pdf"), *words])
    except SystemExit as end:
        code = int(str(end.code))
    assert code == 2
    assert told in capsys.readouterr().err


def test_the_features_are_listed_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["convert", "--list-features"])
    assert end.value.code == 0
    rows = {row.split()[0]: row for row in capsys.readouterr().out.splitlines()}
    assert set(rows) == {*(feature.value for feature in Feature), "structure", "routing"}
    assert " auto " in rows["tables"]
    assert "MB" in rows["pictures"]
    assert "desktop-ocr models install PP-Chart2Table" in rows["charts"]


def test_pages_are_told_as_people_write_them() -> None:
    assert ranges([]) == ""
    assert ranges([3]) == "3"
    assert ranges([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"
