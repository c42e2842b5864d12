"""The file of settings: what is written is read, wrong values are named, and nothing of a user's is lost."""

from __future__ import annotations

import os
import resource
import stat
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from desktop_ocr.core.settings_fields import Field, conflicts, describe_fields, fault, value_of, with_values
from desktop_ocr.core.settings_file import LARGEST_FILE, MOST_PROBLEMS, Loaded, load_settings, save_settings
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions, TextLayerMode
from desktop_ocr.schema.settings import FallbackStep, Section, Settings

FIELDS = {field.name: field for field in describe_fields()}

shared = hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)


def values(field: Field) -> st.SearchStrategy[Any]:
    """All values that a setting may have."""
    if field.kind is bool:
        return st.booleans()
    if field.kind is tuple:
        return st.lists(st.sampled_from(field.choices), unique=True).map(tuple)
    if field.kind is str:
        return st.sampled_from(field.choices) if field.choices else st.from_regex(field.pattern, fullmatch=False)
    assert field.low is not None
    assert field.high is not None
    return (st.integers if field.kind is int else st.floats)(field.low, field.high)  # type: ignore[operator,no-any-return]


def _with_quiet_hours_or_none(some: dict[str, Any]) -> dict[str, Any]:
    """Most pairs of times do not go together: without this nearly all examples would be thrown away."""
    start, end = some.get("quiet_from", ""), some.get("quiet_until", "")
    return some if start and end and start != end else {**some, "quiet_from": "", "quiet_until": ""}


any_settings = (
    st.fixed_dictionaries({}, optional={name: values(field) for name, field in FIELDS.items()})
    .map(_with_quiet_hours_or_none)
    .map(lambda some: with_values(Settings(), some))
    .filter(lambda made: not conflicts(made))
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the settings are, or will be."""
    return tmp_path / "config" / "settings.toml"


def write(file: Path, text: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


# --- what is known of each setting ------------------------------------------------------------------------------


def test_every_setting_is_described() -> None:
    names = {*Settings.__struct_fields__, *JobOptions.__struct_fields__} - {"options"}
    assert set(FIELDS) == names
    for field in FIELDS.values():
        assert field.description.endswith("."), f"{field.name} is not described (an option is, in settings_fields.py)"
        assert not fault(field, field.default), field.name
        if field.kind in (int, float):
            assert field.low is not None, field.name
            assert field.high is not None, field.name
    assert not conflicts(Settings())
    assert {field.section for field in FIELDS.values()} == set(Section)


@shared
@given(settings=any_settings)
def test_values_are_put_in_and_read_by_name(settings: Settings) -> None:
    taken = {name: value_of(settings, name) for name in FIELDS}
    assert with_values(Settings(), taken) == settings
    assert msgspec.convert(msgspec.to_builtins(settings), Settings) == settings  # by msgspec's own rules too


def test_values_become_members_of_their_enumerations() -> None:
    made = with_values(Settings(), {"text_layer": "only", "fallback": ["cpu"], "page_seconds": 7})
    assert made.options.text_layer is TextLayerMode.ONLY
    assert made.fallback == (FallbackStep.CPU,)
    assert isinstance(made.fallback[0], FallbackStep)
    assert isinstance(made.page_seconds, float)


# --- saving and reading -----------------------------------------------------------------------------------------


def test_no_file_means_the_defaults_and_no_problem(file: Path) -> None:
    assert load_settings(file) == Loaded(Settings())
    assert load_settings(write(file, "")) == Loaded(Settings())


@shared
@given(settings=any_settings)
def test_what_is_saved_is_read(settings: Settings, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.toml"
    fresh.unlink(missing_ok=True)
    assert save_settings(fresh, settings) is None
    assert load_settings(fresh) == Loaded(settings)
    again = tmp_path / "again.toml"
    assert save_settings(again, settings) is None  # over those of the example before
    assert load_settings(again) == Loaded(settings)


def test_the_file_explains_itself(file: Path) -> None:
    save_settings(file, Settings())
    lines = file.read_text().splitlines()
    for field in FIELDS.values():
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{field.name} = "))
        assert lines[at - 1].startswith("# "), field.name
        assert "efault: " in lines[at - 1], field.name
        assert lines.index(f"[{field.section.value}]") < at
    assert "# 0.1 to 1; default: 0.8\nwarning = 0.8" in file.read_text()
    assert "# 320 to 4096 pixels; default: 1280\ndetection_side = 1280" in file.read_text()
    assert max(map(len, lines)) <= 120


def test_the_file_is_this_users_alone_and_nothing_else_is_left(file: Path) -> None:
    save_settings(file, Settings())
    save_settings(file, Settings(attempts=3))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["settings.toml"]


BY_HAND = """\
# my own settings
# (do not touch)

[limits]      # short ones
attempts = 3  # thrice
page_seconds = 0x10 # odd but right

[limits.mine]
colour = "red"

# about memory
[memory]
critical = 0.9
note = [1, 2, # two
  3]
# last of memory

# about colours
[colours]
back = 1979-05-27T07:32:00Z
none = nan

[[servers]]
name = "a"
"""


def test_what_the_user_wrote_stays(file: Path) -> None:
    write(file, BY_HAND)
    loaded = load_settings(file)
    assert (loaded.settings.attempts, loaded.settings.page_seconds, loaded.settings.critical) == (3, 16.0, 0.9)
    assert save_settings(file, msgspec.structs.replace(loaded.settings, critical=0.92)) is None
    text = file.read_text()
    for line in BY_HAND.splitlines():
        assert (line if line != "critical = 0.9" else "critical = 0.92") in text.splitlines()
    positions = [text.index(word) for word in ("[limits]", "[limits.mine]", "[memory]", "[colours]", "[[servers]]")]
    assert positions == sorted(positions)
    assert text.index("warning = 0.8") < text.index("# about colours") < text.index("[colours]")
    again = load_settings(file)
    assert again.settings == msgspec.structs.replace(loaded.settings, critical=0.92)
    assert again.problems == loaded.problems
    save_settings(file, again.settings)
    assert file.read_text() == text  # nothing to change, nothing changed


def test_a_right_line_is_not_rewritten(file: Path) -> None:
    write(file, "[documents]\r\nmax_pixels = 30_000_000 # a lot\r\n")
    save_settings(file, load_settings(file).settings)
    assert b"max_pixels = 30_000_000 # a lot\r\n" in file.read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "memory.warning = 0.5\nmemory.mine = 1\n",
        "memory = {warning = 0.5, mine = 1}\n",
        "memory = {warning = 0.5, mine = 1}",
        "[memory]\nwarning = 0.5\n[limits]\n[memory.sub]\nx = 1\n",
        "'memory' = {'warning' = 0.5}\n# end",
        "x = 1",
        "# only a comment",
        "[engine]\nfallback = 1\n[engine.device]\nx = 1\n",
        "[limits]\nattempts = 2 [memory]",
        "[[memory]]\nwarning = 0.5\n[[memory]]\nwarning = 0.6\n",
        "memory = 5\n",
        "\ufeff[memory]\nwarning = 0.5\n",
    ],
)
def test_unusual_files_are_saved_into_or_set_aside_whole(file: Path, text: str) -> None:
    write(file, text)
    settings = msgspec.structs.replace(load_settings(file).settings, queue_timeout=61.0)
    kept = save_settings(file, settings)
    assert load_settings(file).settings == settings
    if kept is None:
        old, new = tomllib.loads(text.removeprefix("\ufeff")), tomllib.loads(file.read_text())
        assert [name for name in old if name not in new] == []
        assert old.get("memory", {}).get("mine") == new["memory"].get("mine")
        assert old.get("memory", {}).get("sub") == new["memory"].get("sub")
    else:
        assert kept.read_text() == text


@pytest.mark.parametrize(("old", "mode"), [("true", "on"), ("false", "off")])
def test_a_feature_may_be_true_or_false_as_it_was_before_there_were_modes(file: Path, old: str, mode: str) -> None:
    write(file, f"[documents]\norientation = {old} # mine\ntables = {old}\n")
    loaded = load_settings(file)
    assert loaded.problems == ()
    options = loaded.settings.options
    assert (options.orientation, options.tables, options.formulas) == (mode, mode, "off")
    assert save_settings(file, loaded.settings) is None
    assert load_settings(file) == loaded
    text = file.read_text()
    assert f'orientation = "{mode}" # mine' in text
    assert f'tables = "{mode}"' in text


# --- wrong values -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "line", "words"),
    [
        ("memory", "warning = 1.7", "1.7 is not between 0.1 and 1; 0.8 is used instead."),
        ("memory", "warning = nan", "nan is not between 0.1 and 1; 0.8 is used instead."),
        ("memory", "warning = -inf", "-inf is not between 0.1 and 1; 0.8 is used instead."),
        ("memory", "warning = true", "true is not a number; 0.8 is used instead."),
        ("memory", 'warning = "0.7"', '"0.7" is not a number; 0.8 is used instead.'),
        ("memory", "warning = [0.7]", "[0.7] is not a number; 0.8 is used instead."),
        ("memory", "warning.a.b = 1", "a table is not a number; 0.8 is used instead."),
        ("memory", "warning = 1979-05-27", "1979-05-27 is not a number; 0.8 is used instead."),
        ("memory", "defer_background = 1", "1 is neither true nor false; true is used instead."),
        ("memory", 'fallback = "cpu"', '"cpu" is not a list in brackets;'),
        ("memory", "fallback = [1, 2]", "[1, 2] holds 1, which is none of smaller-side, fewer-features, cpu;"),
        ("memory", 'fallback = ["cpu", "cpu"]', '["cpu", "cpu"] holds cpu twice;'),
        ("engine", "max_predictions = 0", "0 is not between 1 and 16; 2 is used instead."),
        ("engine", "max_predictions = 2.0", "2 is not written as a whole number; 2 is used instead."),
        ("engine", "max_predictions = true", "true is not a number; 2 is used instead."),
        ("engine", f"max_predictions = {10**60}", "a very large number is not between 1 and 16;"),
        ("engine", 'device = "gpu"', '"gpu" is none of auto, cpu, gpu:0, gpu:1, ...; "auto" is used instead.'),
        ("engine", 'device = "gpu:1\\n"', '"gpu:1" is none of'),
        ("engine", "device = 0", "0 is not a text in quotes;"),
        ("documents", "dpi = 49", "49 is not between 50 and 1200; 200 is used instead."),
        ("documents", 'text_layer = "no"', '"no" is none of auto, always-ocr, only; "auto" is used instead.'),
        ("documents", 'layout = "yes"', '"yes" is neither true nor false; true is used instead.'),
        ("documents", 'formulas = "perhaps"', '"perhaps" is none of off, auto, on; "off" is used instead.'),
        ("documents", "tables = 1", "1 is not a text in quotes;"),
        ("documents", 'language = "klingon"', '"klingon" is none of arabic, cyrillic,'),
        ("models", 'proxy = "nowhere"', '"nowhere" is none of addresses like http://proxy.example.org:3128, or "";'),
        ("background", 'quiet_from = "9 h"', '"9 h" is none of times like 09:00, or ""; "" is used instead.'),
        ("background", f'capture_shortcut = "{"T" * 61}"', '"TTT'),
        ("limits", "attempts = 9", "9 is not between 1 and 5; 2 is used instead."),
    ],
)
def test_a_wrong_value_is_named_and_the_others_are_kept(file: Path, section: str, line: str, words: str) -> None:
    others = {"memory": "free_grace_seconds = 4", "engine": "warm_up = true", "documents": "orientation = false"}
    others["background"] = "notify = false"
    others["models"] = 'model_mirror = "https://mirror.example.org"'
    other = others.get(section, "queue_timeout = 99")
    loaded = load_settings(write(file, f"[{section}]\n{other}\n{line}\n"))
    name = line.split()[0].split(".")[0]
    assert len(loaded.problems) == 1
    assert loaded.problems[0].startswith(f"settings.toml, [{section}] {name}: {words}")
    wanted = other.split(" = ")
    assert loaded.settings == with_values(Settings(), {wanted[0]: tomllib.loads(other)[wanted[0]]})


def test_whole_numbers_are_taken_for_others(file: Path) -> None:
    loaded = load_settings(write(file, "[limits]\npage_seconds = 90\n"))
    assert loaded == Loaded(Settings(page_seconds=90.0))
    assert isinstance(loaded.settings.page_seconds, float)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[memory]\nwarning = 0.9\ncritical = 0.9",
            "[memory] critical: 0.9 is not above warning (0.9); 0.95 and",
        ),
        ("[memory]\nwarning = 0.97", "[memory] critical: 0.95 is not above warning (0.97); 0.95 and 0.8 are"),
        (
            "[engine]\ndetection_side = 400",
            "[memory] smallest_side: 640 is more than detection_side (400); 640 and",
        ),
        (
            '[background]\nquiet_from = "09:00"',
            '[background] quiet_until: "" does not go with quiet_from ("09:00"), both have to be times; "" and ""',
        ),
        (
            '[background]\nquiet_from = "09:00"\nquiet_until = "09:00"',
            '[background] quiet_until: "09:00" is the same time as quiet_from; "" and "" are used',
        ),
    ],
)
def test_values_that_do_not_go_together_are_named(file: Path, text: str, words: str) -> None:
    loaded = load_settings(write(file, f"{text}\n[limits]\nattempts = 4\n"))
    assert [problem.startswith(f"settings.toml, {words}") for problem in loaded.problems] == [True]
    assert loaded.settings == Settings(attempts=4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[memory]\nwarnin = 1",
            "[memory] warnin: there is no such setting (perhaps warning was meant);",
        ),
        ("[memory]\nattempts = 1", "[memory] attempts: it belongs to [limits]; it is left alone."),
        ("[memory]\nzebra = 1", "[memory] zebra: there is no such setting; it is left alone."),
        ('[memory]\n"\\u0007 b" = 1', '[memory] "\x07 b": there is no such setting; it is left alone.'),
        ("[colours]", "colours: there is no such section; it is left alone."),
        ("zebra = 1", "zebra: there is no such setting; it is left alone."),
        ("attempts = 1", "attempts: it has no effect outside of [limits]; it is left alone."),
        ("[[memory]]\nwarning = 1", "memory: it is not a section, [memory] in a line of its own; the default settings"),
    ],
)
def test_what_means_nothing_is_named(file: Path, text: str, words: str) -> None:
    loaded = load_settings(write(file, text))
    assert [problem.startswith(f"settings.toml, {words}") for problem in loaded.problems] == [True], loaded.problems
    assert loaded.settings == Settings()


def test_many_problems_are_told_in_short(file: Path) -> None:
    loaded = load_settings(write(file, "".join(f"zebra{number} = 1\n" for number in range(300))))
    assert len(loaded.problems) == MOST_PROBLEMS + 1
    assert loaded.problems[-1] == f"settings.toml: {300 - MOST_PROBLEMS} more like these."


# --- files that make no sense -----------------------------------------------------------------------------------

BROKEN = [
    (b"[memory]\nwarning = = 1\n", "is not valid TOML: invalid value (at line 2, column 11)"),
    (b"[memory]\nx = 1\nx = 2\n", "is not valid TOML: cannot overwrite a value (at line 3"),
    (b"[memory]\n\xff\xfe", "is not a text in UTF-8 (line 2)"),
    (b"x = " + b"[\n" * 20_000, "is not valid TOML"),
    (b"[memory]\nwarning." + b"a." * 20_000 + b"a = 1\n", "is not a file of settings: line 2 is too long"),
    (b"#\n" * LARGEST_FILE, "is too large for a file of settings"),
    (b"\0\0\0\0", "is not valid TOML"),
]


@pytest.mark.parametrize(("data", "words"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_named_and_set_aside_when_saving(file: Path, data: bytes, words: str) -> None:
    loaded = load_settings(write(file, data))
    assert loaded.settings == Settings()
    assert [problem.startswith(f"settings.toml {words}") for problem in loaded.problems] == [True], loaded.problems
    assert loaded.problems[0].endswith("; the default settings are used instead.")
    assert [one.name for one in file.parent.iterdir()] == ["settings.toml"]  # reading changes nothing
    assert save_settings(file, Settings(attempts=3)) == file.with_name("settings.toml.broken-1")
    assert load_settings(file) == Loaded(Settings(attempts=3))
    write(file, data + b"?")
    assert save_settings(file, Settings()) == file.with_name("settings.toml.broken-2")
    assert [file.with_name(f"settings.toml.broken-{n}").read_bytes() for n in (1, 2)] == [data, data + b"?"]


def test_something_else_of_that_name(file: Path) -> None:
    file.mkdir(parents=True)
    (file / "inside").write_text("mine")
    assert load_settings(file).problems == ("settings.toml is not a file; the default settings are used instead.",)
    kept = save_settings(file, Settings())
    assert kept is not None
    assert (kept / "inside").read_text() == "mine"
    file.unlink()
    os.mkfifo(file)
    assert load_settings(file).settings == Settings()  # and does not wait for somebody to write


def test_very_deep_tables(file: Path) -> None:
    write(file, "[memory]\nwarning." + "a." * 900 + "a = 1\nzebra.b." + "b." * 900 + "b = 1\n")
    loaded = load_settings(file)
    assert len(loaded.problems) == 2
    assert save_settings(file, loaded.settings) == file.with_name("settings.toml.broken-1")
    assert load_settings(file) == Loaded(Settings())


garbage = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(
        st.sampled_from(
            [
                *(f"[{section.value}]\n" for section in Section),
                *(f"{name} = " for name in FIELDS),
                *("\n", " ", "# a\n", "\r\n", "memory.", "[[memory]]\n", "[memory.sub]\n", "a.b = 1\n", "warning"),
                *("=", "{", "}", "[", "]", ",", '"', "'''", "\\", "é", "nan", "inf", "1", "-0.5", "0.9", "true"),
                *("1979-05-27", '"cpu"', '"auto"'),
            ]
        ),
        max_size=30,
    ).map(lambda parts: "".join(parts).encode()),
)


@shared
@given(data=garbage, settings=any_settings)
def test_no_file_makes_reading_or_saving_fail(data: bytes, settings: Settings, tmp_path: Path) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    file = write(tmp_path / "settings.toml", data)
    loaded = load_settings(file)
    assert not conflicts(loaded.settings)
    assert not [name for name, field in FIELDS.items() if fault(field, value_of(loaded.settings, name))]
    kept = save_settings(file, settings)
    assert load_settings(file).settings == settings
    assert kept is None or kept.read_bytes() == data


# --- places where nothing can be written ------------------------------------------------------------------------


def test_a_full_disk_is_told_and_the_old_file_stays(file: Path) -> None:
    save_settings(file, Settings(attempts=3))
    old = file.read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))  # writing fails part-way, as on a full disk
    try:
        with pytest.raises(DesktopOcrError) as caught:
            save_settings(file, Settings())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.code is ErrorCode.DISK_FULL
    assert (
        str(caught.value) == "The settings were not saved in settings.toml: the disk is full. Make room and try again."
    )
    assert file.read_bytes() == old
    assert [one.name for one in file.parent.iterdir()] == ["settings.toml"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_write_protected_stays_as_it_is(file: Path, what: str) -> None:
    save_settings(file, Settings())
    place = file if what == "file" else file.parent
    place.chmod(0o500)
    try:
        with pytest.raises(DesktopOcrError) as caught:
            save_settings(file, Settings(attempts=3))
    finally:
        place.chmod(0o700)
    assert caught.value.code is ErrorCode.NO_PERMISSION
    assert load_settings(file) == Loaded(Settings())


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocked = write(tmp_path / "file", "")
    with pytest.raises(DesktopOcrError, match=r"The settings were not saved in settings\.toml") as caught:
        save_settings(blocked / "config" / "settings.toml", Settings())
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = write(tmp_path / "dotfiles" / "mine.toml", "# mine\n")
    link = tmp_path / "settings.toml"
    link.symlink_to(real)
    save_settings(link, Settings(attempts=4))
    assert link.is_symlink()
    assert real.read_text().startswith("# mine\n")
    assert load_settings(link) == Loaded(Settings(attempts=4))


@pytest.mark.parametrize(
    "wrong",
    [Settings(warning=float("nan")), Settings(attempts=9), Settings(warning=0.9, critical=0.5), Settings(device="x")],
)
def test_settings_that_could_not_be_read_back_are_not_saved(file: Path, wrong: Settings) -> None:
    with pytest.raises(ValueError, match="cannot be stored"):
        save_settings(file, wrong)
    assert not file.exists()
