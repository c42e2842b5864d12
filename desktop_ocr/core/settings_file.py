"""The settings as a TOML file that people can read and edit.

Reading takes tomllib, which is quick; tomlkit, which keeps comments, is imported when something is saved.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from desktop_ocr.core.settings_fields import (
    Field,
    conflicts,
    describe_fields,
    fault,
    of_today,
    shown,
    value_of,
    with_values,
)
from desktop_ocr.core.toml_files import NotReadableError, TomlKind, replace_file
from desktop_ocr.schema.settings import Section, Settings

if TYPE_CHECKING:
    from tomlkit.items import Table

LARGEST_FILE = 100_000  # bytes; more is no file of settings
SETTINGS_TOML = TomlKind("a file of settings", "The settings", LARGEST_FILE, longest_line=2_000)
MOST_PROBLEMS = 20  # told at once
COMMENT_WIDTH = 100

HEADER = """\
# Settings of Desktop OCR. You may edit this file while the program is closed: wrong values are named when it
# starts, and your comments stay when it saves.
"""
_SECTION_WORDS = {
    Section.DOCUMENTS: "For new documents.",
    Section.ENGINE: "Where and how pages are recognised.",
    Section.MEMORY: "How much memory may be used, and what is done when it is short.",
    Section.MODELS: "Where models are downloaded from, when you agree to it.",
    Section.LIMITS: "How long things may take before they are given up or tried again, and what they may use.",
    Section.BACKGROUND: "What goes on beside other work, and when it waits.",
    Section.LIBRARY: "How long recognised documents are kept.",
}


class Loaded(msgspec.Struct, frozen=True):
    """Settings that can be worked by, and a sentence for everything in the file that was not taken."""

    settings: Settings
    problems: tuple[str, ...] = ()


# --- reading ----------------------------------------------------------------------------------------------------


def load_settings(file: Path) -> Loaded:
    """The settings of a file; never fails. A file that is not there is no problem, and all defaults."""
    try:
        tables = SETTINGS_TOML.parse(SETTINGS_TOML.read(file))
    except NotReadableError as error:
        return Loaded(Settings(), (f"{file.name} {error}; the default settings are used instead.",))
    return _interpreted(tables, file.name)


def _interpreted(tables: Mapping[str, Any], name: str) -> Loaded:
    """What is right in a file's tables, and sentences for the rest. `name` is the file's."""
    problems = [f"{name}, {words}" for words in strangers(tables)]
    return laid_over(tables, Settings(), problems, _defaults_instead, name)


def _defaults_instead(fields: Sequence[Field]) -> str:
    return (
        f"{' and '.join(shown(field.default) for field in fields)} {'is' if len(fields) == 1 else 'are'} used instead"
    )


def laid_over(
    tables: Mapping[str, Any],
    base: Settings,
    problems: Sequence[str],
    instead: Callable[[Sequence[Field]], str],
    name: str = "",
) -> Loaded:
    """What is right in a file's tables, in the places of other settings.

    Args:
        tables: of the file, by section.
        base: stay where the file says nothing, or something that cannot be.
        problems: sentences that come first.
        instead: what is done in place of what one or two fields cannot be, to end a sentence.
        name: the file's, to begin sentences with.
    """
    told, prefix = list(problems), f"{name}, " if name else ""
    values: dict[str, Any] = {}
    fields = {field.name: field for field in describe_fields()}
    for field in fields.values():
        table = tables.get(field.section.value, {})
        if not isinstance(table, dict) or field.name not in table:
            continue
        value = of_today(field, table[field.name])
        if wrong := fault(field, value):
            where = f"{prefix}[{field.section.value}] {field.name}"
            told.append(f"{where}: {shown(value)} {wrong}; {instead([field])}.")
        else:
            values[field.name] = value
    settings = with_values(base, values)
    for conflict in conflicts(settings):
        both = fields[conflict.field], fields[conflict.other]
        where, value = f"{prefix}[{both[0].section.value}] {both[0].name}", value_of(settings, both[0].name)
        told.append(f"{where}: {shown(value)} {conflict.words}; {instead(both)}.")
        settings = with_values(settings, {field.name: value_of(base, field.name) for field in both})
    if len(told) > MOST_PROBLEMS:
        more = f"{len(told) - MOST_PROBLEMS} more like these."
        told[MOST_PROBLEMS:] = [f"{name}: {more}" if name else more]
    return Loaded(settings, tuple(told))


def strangers(tables: Mapping[str, Any], left: str = "") -> Iterator[str]:
    """A sentence for every key and section that means nothing to this program.

    `left`: what becomes of it, to end a sentence; by default as in the file of settings, which keeps it.
    """
    alone = left or "it is left alone"
    known = {field.name: field.section.value for field in describe_fields()}
    for name, table in tables.items():
        if name in known and not isinstance(table, dict):
            yield f"{name}: it has no effect outside of [{known[name]}]; {alone}."
        elif name not in set(Section):
            what = "section" if isinstance(table, dict) else "setting"
            yield f"{_key(name)}: there is no such {what}; {alone}."
        elif not isinstance(table, dict):
            instead = left or "the default settings are used instead"
            yield f"{name}: it is not a section, [{name}] in a line of its own; {instead}."
        else:
            for key in table:
                if known.get(key) == name:
                    continue
                other = known.get(key)
                hint = f"it belongs to [{other}]" if other else f"there is no such setting{_similar(key, known)}"
                yield f"[{name}] {_key(key)}: {hint}; {alone}."


def _similar(key: str, known: Mapping[str, str]) -> str:
    import difflib  # only for mistakes

    found = difflib.get_close_matches(key[:60], known, 1)
    return f" (perhaps {found[0]} was meant)" if found else ""


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name) else shown(name)


# --- saving -----------------------------------------------------------------------------------------------------


def save_settings(file: Path, settings: Settings) -> Path | None:
    """Write all settings; what somebody wrote into the file beside them (comments, order, other keys) stays.

    A file that makes no sense, or in which that cannot be done, is kept beside the new one under another name.

    Returns:
        Where the former file is now, if it was set aside so.

    Raises:
        DesktopOcrError: DISK_FULL, NO_PERMISSION, or another reason why the file cannot be written.
        ValueError: settings that `load_settings` would not take.
    """
    target = Path(os.path.realpath(file))  # the file that a link leads to is replaced, not the link
    fresh = merged(HEADER, settings)
    if _interpreted(SETTINGS_TOML.parse(fresh), "") != Loaded(settings):
        raise ValueError("these settings cannot be stored: a value is out of its range")
    try:
        old = SETTINGS_TOML.read(target)
        made = _put_into(old, settings) if old.strip() else fresh
        aside = made is None
    except NotReadableError:
        made, aside = None, True
    try:
        return replace_file(target, (made or fresh).encode(), aside=aside)
    except OSError as error:
        raise SETTINGS_TOML.unwritable(error, file) from error


def _put_into(old: str, settings: Settings) -> str | None:
    """A file's text with the settings put in; None where what else is in it would not survive that."""
    from tomlkit.exceptions import TOMLKitError

    before = SETTINGS_TOML.parse(old)
    try:
        made = merged(old, settings)
        after = SETTINGS_TOML.parse(made)
        kept = _interpreted(after, "").settings == settings and repr(_foreign(after)) == repr(_foreign(before))
    # tomlkit does not foresee everything that may stand in a file, and says so in many ways
    except (TOMLKitError, NotReadableError, ArithmeticError, AssertionError, AttributeError, LookupError,
            RecursionError, TypeError, ValueError):  # fmt: skip
        return None
    return made if kept else None


def merged(old: str, settings: Settings) -> str:
    import tomlkit  # 60 ms

    document = tomlkit.parse(old)
    for section in Section:
        if section.value in document:
            _fill(document[section.value], section, settings)
        else:
            document.append(section.value, _new_table(section, settings))
    return tomlkit.dumps(document)


def _foreign(tables: Mapping[str, Any]) -> dict[str, Any]:
    """What is in a file beside our settings."""
    ours = {(field.section.value, field.name) for field in describe_fields()}
    found: dict[str, Any] = {}
    for name, table in sorted(tables.items()):
        if name not in set(Section):
            found[name] = table
        elif not isinstance(table, dict):
            raise NotReadableError("has a section that is none")
        else:
            found[name] = {key: value for key, value in table.items() if (name, key) not in ours}
    return {name: table for name, table in found.items() if table or name not in set(Section)}


def _new_table(section: Section, settings: Settings) -> Table:
    import tomlkit

    table = tomlkit.table()
    _fill(table, section, settings)
    # Not before it is filled: tomlkit takes the blanks in it for the depth at which the lines stand.
    table.trivia.indent = f"\n# {_SECTION_WORDS[section]}\n"
    return table


def _fill(table: Table, section: Section, settings: Settings) -> None:
    """Put a section's values in; lines that say the right thing already are not touched."""
    fields = [field for field in describe_fields() if field.section is section]
    tail: list[Any] | None = None
    for field in fields:
        value = _plain(value_of(settings, field.name))
        if field.name not in table:
            if tail is None:
                tail = _cut_tail(table)
            _add(table, field, value)
        elif fault(field, _bare(table[field.name])) or _bare(table[field.name]) != value:
            table[field.name] = value
    if tail:
        table.value.body.extend(tail)


def _cut_tail(table: Table) -> list[Any]:
    """Take what follows after the last key's block, so that new keys come before it: often it is about what is next."""
    from tomlkit.items import Comment, Whitespace

    body = table.value.body
    end = len(body)
    while end and body[end - 1][0] is None and isinstance(body[end - 1][1], Comment | Whitespace):
        end -= 1
    while end < len(body) and not isinstance(body[end][1], Whitespace):
        end += 1
    tail = body[end:]
    del body[end:]
    return tail


def _add(table: Table, field: Field, value: object) -> None:
    import tomlkit

    item = tomlkit.item(value)
    # As a part of the item, the comment stays with its key wherever tomlkit puts that.
    item.trivia.indent = ("\n" if table.value.body else "") + "".join(f"# {line}\n" for line in _comment(field))
    table.append(field.name, item)


def _comment(field: Field) -> list[str]:
    """What stands above a key: what it means; and in a line of its own, what it may be."""
    lines = textwrap.wrap(field.description, COMMENT_WIDTH, break_on_hyphens=False, break_long_words=False)
    default = ", ".join(field.default) if field.kind is tuple else _for_comment(field.default)
    if field.low is not None and field.high is not None:
        words = f"{_for_comment(field.low)} to {_for_comment(field.high)} {field.unit}".rstrip()
        return [*lines, f"{words}; default: {default}"]
    return [*lines, f"true or false; default: {default}" if field.kind is bool else f"Default: {default}"]


def _for_comment(value: Any) -> str:
    """A value as people read it: large numbers in groups, as TOML allows, and no quotes."""
    if isinstance(value, str):
        return str(value)
    return f"{value:_}" if isinstance(value, int) and value >= 10_000 else shown(value)


def _plain(value: Any) -> Any:
    """A value as TOML has it, without enumerations."""
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return str(value) if isinstance(value, str) else value


def _bare(item: Any) -> Any:
    """A value out of a tomlkit document as an ordinary one."""
    return item.unwrap() if hasattr(item, "unwrap") else item
