"""What the settings dialog says: what is known of a setting in it, and how its values are told.

Ranges, defaults and descriptions come from `core/settings_fields.py`; here is only what a person sees beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop_ocr.core.settings_fields import Field
from desktop_ocr.gui.feature_words import languages
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.settings import Section

FEATURES = frozenset(feature.value for feature in Feature)


@dataclass(frozen=True)
class Item:
    """One setting in the dialog.

    Attributes:
        name: the field's.
        label: with its key.
        hint: instead of the field's description, where that speaks of the file.
        unit: shown after the number, instead of the field's.
        scale: what is shown, for 1 in the file.
        decimals: shown at most.
        step: of the arrows, as shown.
        zero: what 0 means, in a word or two.
        example: of a text, shown where there is none.
        needs: the switch without which this one does nothing, or "".
    """

    name: str
    label: str
    hint: str = ""
    unit: str = ""
    scale: float = 1.0
    decimals: int = 0
    step: float = 1.0
    zero: str = ""
    needs: str = ""
    example: str = ""


@dataclass(frozen=True)
class Group:
    """Settings under a heading, which may be ""."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Sheet:
    """A page of the dialog: what most people want, and the rest, which is folded away at first."""

    section: Section
    title: str
    icon: str
    text: str
    usual: tuple[Group, ...]
    more: tuple[Group, ...]

    def items(self) -> list[Item]:
        """All settings of the page."""
        return [item for group in (*self.usual, *self.more) for item in group.items]


def hint_of(item: Item, field: Field) -> str:
    """What stands below a setting."""
    return item.hint or tr(field.description)


def unit_of(item: Item, field: Field) -> str:
    """What stands after a number."""
    return item.unit or (tr(field.unit) if field.unit else "")


def choice_words(value: str) -> str:
    """A choice, a device or a step of the fallback in words."""
    if value.startswith("gpu:"):
        return tr("GPU {number}").format(number=value.removeprefix("gpu:"))
    known = {
        "auto": tr("Automatic"),
        "cpu": tr("CPU"),
        "always-ocr": tr("Recognise all pages"),
        "only": tr("Take it, recognise nothing"),
        "off": tr("Off"),
        "on": tr("Always"),
        "tiny": tr("Tiny"),
        "small": tr("Small"),
        "medium": tr("Medium"),
        "huggingface": "Hugging Face",
        "modelscope": "ModelScope",
        "aistudio": "AI Studio (Baidu)",
        "bos": "Baidu Object Storage",
        "smaller-side": tr("Look at a smaller picture"),
        "fewer-features": tr("Leave features out"),
        "ask": tr("Ask the first time"),
        "keep": tr("Go on in the background"),
        "quit": tr("Quit"),
    }
    return known.get(value, value)


def named_choice(name: str, value: str) -> str:
    """A choice of one setting in words."""
    if name == "text_layer" and value == "auto":
        return tr("Take it where it is sound")
    if name == "text_model" and value == "auto":
        return tr("By what is installed")
    if name in FEATURES and value == "auto":
        return tr("Where needed")
    if name == "language":
        return dict(languages()).get(value, value)
    if name == "fallback" and value == "cpu":
        return tr("Use the CPU")
    return choice_words(value)


def wrong_words(name: str) -> str:
    """What is said below a text that cannot be used."""
    if name in ("model_mirror", "proxy"):
        return tr("This has to be an address like https://example.org, without a name or password in it.")
    if name in ("quiet_from", "quiet_until"):
        return tr("This has to be a time of the day, like 09:00.")
    return tr("This cannot be used.")


def conflict_words(name: str, other: str) -> str:
    """What is said below a setting that does not go with another."""
    known = {
        "critical": tr("This has to be more than “Warn from”."),
        "smallest_side": tr("This must not be more than “Size for finding text”, under Recognition."),
        "quiet_until": tr("Say both times, or neither. They have to be different."),
    }
    return known.get(name) or tr("This does not go together with {other}.").format(other=other)
