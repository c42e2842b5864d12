"""The settings as a TOML file that people can read and edit.

Reading takes tomllib, which is quick; tomlkit, which keeps comments, is imported when something is saved.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
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
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.settings import Section, Settings

if TYPE_CHECKING:
    from tomlkit.items import Table

LARGEST_FILE = 100_000  # bytes; more is no file of settings
LONGEST_LINE = 2_000  # characters; tomllib takes minutes for a key of a hundred thousand dots
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


class NotReadableError(Exception):
    """The file is not TOML, or cannot be read; the text says why and follows the file's name."""


# --- reading ----------------------------------------------------------------------------------------------------


def load_settings(file: Path) -> Loaded:
    """The settings of a file; never fails. A file that is not there is no problem, and all defaults."""
    try:
        text = read_text(file)
        tables = parsed(text) if text else {}
    except NotReadableError as error:
        return Loaded(Settings(), (f"{file.name} {error}; the default settings are used instead.",))
    return _interpreted(tables, file.name)


def _interpreted(tables: Mapping[str, Any], name: str) -> Loaded:
    """What is right in a file's tables, and sentences for the rest. `name` is the file's."""
    problems = [f"{name}, {words}" for words in strangers(tables)]
    values: dict[str, Any] = {}
    fields = {field.name: field for field in describe_fields()}
    for field in fields.values():
        table = tables.get(field.section.value, {})
        if not isinstance(table, dict) or field.name not in table:
            continue
        value = of_today(field, table[field.name])
        if wrong := fault(field, value):
            where = f"{name}, [{field.section.value}] {field.name}"
            problems.append(f"{where}: {shown(value)} {wrong}; {shown(field.default)} is used instead.")
        else:
            values[field.name] = value
    settings = with_values(Settings(), values)
    for conflict in conflicts(settings):
        one, other = fields[conflict.field], fields[conflict.other]
        problems.append(
            f"{name}, [{one.section.value}] {one.name}: {shown(value_of(settings, one.name))} {conflict.words}; "
            f"{shown(one.default)} and {shown(other.default)} are used instead."
        )
        settings = with_values(settings, {one.name: one.default, other.name: other.default})
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        problems[MOST_PROBLEMS:] = [f"{name}: {more} more like these."]
    return Loaded(settings, tuple(problems))


def read_text(file: Path) -> str:
    """The file's text; "" where it is not there."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise NotReadableError("is not a file")  # a pipe would be waited for
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise NotReadableError(f"cannot be read ({error.strerror})") from error
    if len(data) > LARGEST_FILE:
        raise NotReadableError("is too large for a file of settings")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotReadableError(f"is not a text in UTF-8 (line {line})") from error


def parsed(text: str) -> dict[str, Any]:
    import tomllib  # 20 ms, which a program without such a file need not spend

    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise NotReadableError(f"is not a file of settings: line {number} is too long")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = textwrap.shorten(str(error), 160, placeholder=" ...")
        raise NotReadableError(f"is not valid TOML: {words[:1].lower()}{words[1:]}") from error
    except (ValueError, RecursionError) as error:  # thousands of digits or brackets
        raise NotReadableError("is not valid TOML") from error


def strangers(tables: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for every key and section that means nothing to this program."""
    known = {field.name: field.section.value for field in describe_fields()}
    for name, table in tables.items():
        if name in known and not isinstance(table, dict):
            yield f"{name}: it has no effect outside of [{known[name]}]; it is left alone."
        elif name not in set(Section):
            what = "section" if isinstance(table, dict) else "setting"
            yield f"{_key(name)}: there is no such {what}; it is left alone."
        elif not isinstance(table, dict):
            yield f"{name}: it is not a section, [{name}] in a line of its own; the default settings are used instead."
        else:
            for key in table:
                if known.get(key) == name:
                    continue
                other = known.get(key)
                hint = f"it belongs to [{other}]" if other else f"there is no such setting{_similar(key, known)}"
                yield f"[{name}] {_key(key)}: {hint}; it is left alone."


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
    if _interpreted(parsed(fresh), "") != Loaded(settings):
        raise ValueError("these settings cannot be stored: a value is out of its range")
    try:
        old = read_text(target)
        made = _put_into(old, settings) if old.strip() else fresh
        aside = made is None
    except NotReadableError:
        made, aside = None, True
    try:
        return replace_file(target, (made or fresh).encode(), aside)
    except OSError as error:
        raise writing_error(error, file) from error


def _put_into(old: str, settings: Settings) -> str | None:
    """A file's text with the settings put in; None where what else is in it would not survive that."""
    from tomlkit.exceptions import TOMLKitError

    before = parsed(old)
    try:
        made = merged(old, settings)
        after = parsed(made)
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


def replace_file(target: Path, data: bytes, aside: bool) -> Path | None:
    """Write a file under another name and put it in place of the one that is there, if any."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if target.is_file() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # somebody wants it to stay as it is
    number, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)  # for this user alone
    try:
        with open(number, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        kept = _set_aside(target) if aside else None
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # Windows and some network shares cannot
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return kept


def _set_aside(target: Path) -> Path | None:
    """Give what is there another name; None where nothing is there (any more)."""
    number = 0
    while True:
        number += 1
        other = target.with_name(f"{target.name}.broken-{number}")
        try:
            if other.is_symlink() or other.exists():
                continue
            target.rename(other)
        except FileExistsError:  # Windows, where somebody was quicker
            continue
        except FileNotFoundError:
            return None
        return other


def writing_error(error: OSError, file: Path) -> DesktopOcrError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        code, reason, advice = ErrorCode.DISK_FULL, "the disk is full", "Make room and try again."
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        code, reason = ErrorCode.NO_PERMISSION, "it is write-protected"
        advice = f"Make {file.parent} writable and try again."
    else:
        code, reason = ErrorCode.NOT_FOUND, error.strerror or "unknown reason"
        advice = f"Is {file.parent} a folder that you can write to?"
    return DesktopOcrError(code, f"The settings were not saved in {file.name}: {reason}.", advice)
