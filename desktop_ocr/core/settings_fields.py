"""What is known of each setting, and which values it may have. The file's comments, the checks of what stands in it
and the window's dialog are all made of this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from desktop_ocr.models.catalog import LANGUAGES
from desktop_ocr.schema.features import FeatureMode
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.settings import Section, Settings

_MODES = " off, auto (where a page shows a sign of it), on (look at every page)."

# What `Meta` says of the other settings: words, least, most, unit.
_OPTIONS: dict[str, tuple[str, float | None, float | None, str]] = {
    "dpi": ("Resolution at which pages are recognised.", 50, 1200, "dots per inch"),
    "text_layer": (
        "What to do with a PDF page's own text: auto (taken where it is sound), always-ocr (never taken), "
        "only (nothing is recognised).",
        None,
        None,
        "",
    ),
    "orientation": ("Turn pages upright that lie on their side or stand on their head." + _MODES, None, None, ""),
    "unwarp": ("Flatten photographed pages." + _MODES, None, None, ""),
    "tables": ("Find the cells of tables." + _MODES, None, None, ""),
    "pictures": ("Find pictures, so that exports can contain them." + _MODES, None, None, ""),
    "formulas": ("Read formulas as LaTeX." + _MODES, None, None, ""),
    "charts": ("Read charts as tables." + _MODES, None, None, ""),
    "seals": ("Read the writing of round seals." + _MODES, None, None, ""),
    "structure": (
        "Have PP-StructureV3 do recognised pages as a whole, where its models are installed.",
        None,
        None,
        "",
    ),
    "language": (
        f"Pack of models for other scripts: {', '.join(LANGUAGES)}. "
        "Empty for Chinese, English, Japanese and Latin scripts.",
        None,
        None,
        "",
    ),
    "text_model": ("Size of the models for text: auto, tiny, small, medium.", None, None, ""),
    "routing": ("Read easy pages by a smaller model and hard ones by a larger one.", None, None, ""),
    "layout": ("Find headings, tables and columns. Without it, text is in plain reading order.", None, None, ""),
    "max_pixels": (
        "A page's picture is made no larger than this, width x height.",
        1_000_000,
        100_000_000,
        "pixels",
    ),
}


_EXAMPLES = {
    "device": "auto, cpu, gpu:0, gpu:1, ...",
    "language": f'{", ".join(LANGUAGES)}, or ""',
    "model_mirror": 'addresses like https://mirror.example.org, or ""',
    "proxy": 'addresses like http://proxy.example.org:3128, or ""',
    "capture_shortcut": 'keys like Ctrl+Alt+T, or ""',
    "quiet_from": 'times like 09:00, or ""',
    "quiet_until": 'times like 17:30, or ""',
}


class Field(msgspec.Struct, frozen=True):
    """What is known of one setting; the file's comments and the window's dialog are made of it.

    Attributes:
        name: in the file, and of the struct's field; those of `Settings.options` stand among the others.
        section: its table in the file.
        kind: bool, int, float, str; or tuple, for a list of `choices` without repetition.
        default: on this machine.
        description: a sentence or two, in English.
        low, high: range of a number, both included.
        unit: of a number, or "".
        choices: what a str or the members of a tuple may be, where there is such a list.
        pattern: what a str without choices has to look like, or "".
        example: such strings, for people.
    """

    name: str
    section: Section
    kind: type
    default: Any
    description: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    example: str = ""


class Conflict(msgspec.Struct, frozen=True):
    """Two settings that do not go together: `field` has to be changed, or `other`; `words` say of it how."""

    field: str
    other: str
    words: str


@lru_cache(maxsize=1)
def describe_fields() -> tuple[Field, ...]:
    """All settings, in the order of the file."""
    found = []
    for field in msgspec.structs.fields(Settings):
        if field.name == "options":
            found += [_described(Section.DOCUMENTS, option) for option in msgspec.structs.fields(JobOptions)]
        else:
            found.append(_described(None, field))
    return tuple(sorted(found, key=lambda one: list(Section).index(one.section)))


def _described(section: Section | None, field: msgspec.structs.FieldInfo) -> Field:
    default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    kind = msgspec.inspect.type_info(field.type)
    if section is None:  # its Meta knows all
        if not isinstance(kind, msgspec.inspect.Metadata):
            raise TypeError(f"Settings.{field.name} has no Meta")
        extra, words = kind.extra or {}, str((kind.extra_json_schema or {}).get("description", ""))
        section, unit, kind = Section(extra["section"]), str(extra["unit"]), kind.type
        low, high = getattr(kind, "ge", None), getattr(kind, "le", None)
    else:
        words, low, high, unit = _OPTIONS.get(field.name, ("", None, None, ""))
    choices: tuple[str, ...] = ()
    listed = kind.item_type if isinstance(kind, msgspec.inspect.VarTupleType) else kind
    if isinstance(listed, msgspec.inspect.EnumType):
        choices = tuple(str(one.value) for one in listed.cls)
    pattern = ""
    if isinstance(kind, msgspec.inspect.StrType):
        pattern = kind.pattern or (rf"^[^\x00-\x1f\x7f]{{0,{kind.max_length}}}\Z" if kind.max_length else "")
    plain = str if choices and listed is kind else type(default)
    example = _EXAMPLES.get(field.name, "")
    if field.name == "language":
        pattern = rf"^(|{'|'.join(LANGUAGES)})\Z"
    return Field(field.name, section, plain, default, words, low, high, unit, choices, pattern, example)


def value_of(settings: Settings, name: str) -> Any:
    """A setting's value by its name in the file."""
    return getattr(settings.options if name in JobOptions.__struct_fields__ else settings, name)


def with_values(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The settings with some values, by their names in the file, replaced.

    Members of enumerations may be given by their values.
    """
    taken = {field.name: field for field in describe_fields()}
    changes = {name: _typed(taken[name], value) for name, value in values.items()}
    ours = {name: value for name, value in changes.items() if name in Settings.__struct_fields__}
    options = {name: value for name, value in changes.items() if name not in ours}
    if options:
        ours["options"] = msgspec.structs.replace(settings.options, **options)
    return msgspec.structs.replace(settings, **ours)


def _typed(field: Field, value: Any) -> Any:
    if field.kind is tuple:
        return tuple(type(field.default[0])(one) for one in value)
    return type(field.default)(of_today(field, value))


def conflicts(settings: Settings) -> tuple[Conflict, ...]:
    """The settings that do not go together."""
    found = []
    if not settings.critical > settings.warning:
        found.append(Conflict("critical", "warning", f"is not above warning ({shown(settings.warning)})"))
    if settings.smallest_side > settings.detection_side:
        words = f"is more than detection_side ({settings.detection_side})"
        found.append(Conflict("smallest_side", "detection_side", words))
    if bool(settings.quiet_from) != bool(settings.quiet_until):
        words = f"does not go with quiet_from ({shown(settings.quiet_from)}), both have to be times"
        found.append(Conflict("quiet_until", "quiet_from", words))
    elif settings.quiet_from and settings.quiet_from == settings.quiet_until:
        found.append(Conflict("quiet_until", "quiet_from", "is the same time as quiet_from"))
    return tuple(found)


def of_today(field: Field, value: object) -> object:
    """A value out of the file as it is written today: a feature was true or false before there were modes."""
    if isinstance(value, bool) and field.choices == tuple(mode.value for mode in FeatureMode):
        return (FeatureMode.ON if value else FeatureMode.OFF).value
    return value


def fault(field: Field, value: object) -> str:
    """What is wrong with a value out of the file ("is not a whole number"), or ""."""
    if field.kind is bool:
        return "" if isinstance(value, bool) else "is neither true nor false"
    if field.kind in (int, float):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "is not a number"
        if field.kind is int and not isinstance(value, int):
            return "is not written as a whole number"
        if field.low is not None and field.high is not None and not field.low <= value <= field.high:
            return f"is not between {shown(field.low)} and {shown(field.high)}"
        return ""
    if field.kind is tuple:
        return _list_fault(field, value)
    if not isinstance(value, str):
        return "is not a text in quotes"
    if field.choices and value not in field.choices:
        return f"is none of {', '.join(field.choices)}"
    return "" if re.search(field.pattern, value) else f"is none of {field.example}"


def _list_fault(field: Field, value: object) -> str:
    if not isinstance(value, list | tuple):
        return "is not a list in brackets"
    for one in value:
        if one not in field.choices:
            return f"holds {shown(one)}, which is none of {', '.join(field.choices)}"
        if list(value).count(one) > 1:
            return f"holds {one} twice"
    return ""


def shown(value: object) -> str:
    """A value as it would stand in the file, in one short line whatever it is."""
    if isinstance(value, list | tuple):  # not what is in a list in a list: it may be deep
        parts = [_cut("..." if isinstance(one, list) else shown(one), 20) for one in value[:4]]
        return f"[{', '.join(parts)}{', ...' if len(value) > len(parts) else ''}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else "a very large number"
    if isinstance(value, dict):
        return "a table"
    words = _cut(" ".join(str(value).split()), 40)
    return f'"{words}"' if isinstance(value, str) else words


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 3] + "..."
