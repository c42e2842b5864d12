"""What the settings dialog shows: which setting stands where, under which name, and how its values are told.

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


def sheets() -> tuple[Sheet, ...]:
    """The pages in order."""
    return (_documents(), _recognition(), _memory(), _limits(), _models())


def _documents() -> Sheet:
    reading = (
        Item("text_layer", tr("&Text in PDFs"), tr("Many PDFs bring their text along; taking it is quick and exact.")),
        Item(
            "dpi",
            tr("Re&solution"),
            tr("At which pages are recognised. More finds smaller print, and takes more time and memory."),
            unit=tr("dpi"),
            step=50,
        ),
    )
    features = (
        Item("tables", tr("Ta&bles"), tr("Find their cells.")),
        Item("pictures", tr("P&ictures"), tr("Find them, so that exports can contain them.")),
        Item("formulas", tr("Form&ulas"), tr("Read them as LaTeX.")),
        Item("charts", tr("C&harts"), tr("Read them as tables.")),
        Item("seals", tr("S&eals"), tr("Read the writing of round seals.")),
        Item("orientation", tr("Turn pa&ges upright"), tr("Those that lie on their side or stand on their head.")),
        Item("unwarp", tr("Flatten &warped pages"), tr("Photographed ones that are bent.")),
        Item("layout", tr("Find headings and colum&ns"), tr("Without it, text is in plain reading order.")),
    )
    text = (
        Item("language", tr("&Language"), tr("Other scripts need a model that is downloaded first.")),
        Item("text_model", tr("Si&ze of the models for text"), tr("Larger ones read better, and take longer.")),
    )
    more = (
        Item(
            "routing", tr("Choose the size b&y the page"), tr("Easy pages by a smaller model, hard ones by a larger.")
        ),
        Item("structure", tr("Ha&ve PP-StructureV3 do whole pages"), tr("Where its models are installed.")),
        Item("max_pixels", tr("Largest &picture"), unit=tr("megapixels"), scale=1e-6, decimals=1),
    )
    return Sheet(
        Section.DOCUMENTS,
        tr("Documents"),
        "file-text",
        tr("What is done with documents that you add from now on."),
        (Group(tr("Reading"), reading), Group(tr("Features"), features), Group(tr("Text"), text)),
        (Group("", more),),
    )


def _recognition() -> Sheet:
    work = (
        Item("device", tr("Ru&n on"), tr("Where the models work. Automatic takes a GPU where one can be used.")),
        Item("max_predictions", tr("&Pages at a time"), tr("Recognised at once, over all devices.")),
    )
    models = (
        Item("unload_idle_models", tr("&Unload models that are not used"), tr("Their memory is given back.")),
        Item(
            "model_idle_seconds",
            tr("&Keep them for"),
            tr("So long after a model was used last."),
            decimals=1,
            step=30,
            zero=tr("at once"),
            needs="unload_idle_models",
        ),
        Item("eager_loading", tr("&Load models at the start"), tr("Otherwise the first page that needs them waits.")),
    )
    processes = (
        Item(
            "max_services_per_device",
            tr("&Engine processes per device"),
            tr("Fewer start where cores or memory are short."),
        ),
        Item(
            "engine_threads",
            tr("&Threads per engine process"),
            tr("CPU threads; more than there are cores gain nothing."),
        ),
        Item(
            "pages_in_flight", tr("Pages &in work"), tr("Prepared or recognised at a time; they take temporary space.")
        ),
        Item(
            "batch_size",
            tr("Pages in a &batch"),
            tr("Their text is read, then the models for formulas, charts and the like come once for all of them."),
        ),
        Item("document_idle_seconds", tr("End the document proce&ss after"), decimals=1, step=30, zero=tr("at once")),
    )
    pictures = (
        Item("detection_side", tr("Si&ze for finding text"), step=160),
        Item(
            "warm_up",
            tr("&Warm them up at the start"),
            tr("A first empty page makes the next one quicker."),
            needs="eager_loading",
        ),
    )
    growth = (
        Item("recycle_after_pages", tr("After so man&y pages"), step=100, zero=tr("never")),
        Item("leak_mb_per_page", tr("When it &grows by more than"), decimals=2, step=0.5, zero=tr("never")),
        Item("service_limit_mb", tr("When it &holds more than"), step=100, zero=tr("no limit")),
        Item("service_hard_limit_mb", tr("Ne&ver give it more than"), step=100, zero=tr("no limit")),
    )
    return Sheet(
        Section.ENGINE,
        tr("Recognition"),
        "scan-text",
        tr("Where pages are recognised, and when models come and go."),
        (Group(tr("Work"), work), Group(tr("Models"), models)),
        (
            Group(tr("Processes"), processes),
            Group(tr("Models"), pictures),
            Group(tr("Replacing an engine process"), growth),
        ),
    )


def _memory() -> Sheet:
    all_of_it = tr("That Desktop OCR may use in all.")
    budget = (
        Item(
            "ram_budget_mb",
            tr("Mai&n memory (RAM)"),
            tr("That Desktop OCR may use in all."),
            step=500,
            zero=tr("no limit"),
        ),
        Item("vram_budget_mb", tr("&GPU memory"), all_of_it, step=500, zero=tr("no limit")),
    )
    short = (
        Item("warning", tr("&Warn from"), tr("Share in use from which on memory counts as short."), "%", 100, 1, 5),
        Item("critical", tr("C&ut down from"), tr("Share in use from which on pages get less."), "%", 100, 1, 5),
        Item("defer_background", tr("Work only at the document &shown"), tr("While memory is short.")),
        Item("fallback", tr("When a page does not fi&t"), tr("What is tried, from top to bottom.")),
    )
    steps = (
        Item("smallest_side", tr("Smallest si&ze for finding text"), step=160),
        Item("pressure_cooldown_seconds", tr("Wait &between two steps"), decimals=1, step=5),
        Item("free_grace_seconds", tr("Wa&it when freeing memory"), decimals=1, step=1),
        Item("monitor_interval", tr("&Log memory every"), decimals=1, step=30, zero=tr("never")),
    )
    return Sheet(
        Section.MEMORY,
        tr("Memory"),
        "memory-stick",
        tr("How much Desktop OCR may take, and what it does when memory is short."),
        (Group(tr("At most"), budget), Group(tr("When memory is short"), short)),
        (Group("", steps),),
    )


def _models() -> Sheet:
    usual = (
        Item("model_host", tr("Do&wnload from"), tr("The official sources of PaddleOCR's models.")),
        Item(
            "proxy",
            tr("Pro&xy"),
            tr("For downloads. Empty for the system's own."),
            example="http://proxy.example.org:3128",
        ),
    )
    more = (
        Item(
            "model_mirror",
            tr("M&irror"),
            tr("An address to be used instead of the source's own."),
            example="https://mirror.example.org",
        ),
    )
    return Sheet(
        Section.MODELS,
        tr("Models"),
        "package",
        tr("Where models come from. Nothing is downloaded unless you agree to it."),
        (Group("", usual),),
        (Group("", more),),
    )


def _limits() -> Sheet:
    usual = (
        Item("page_seconds", tr("Recognise a &page"), decimals=1, step=30),
        Item("attempts", tr("&Tries per page")),
        Item("queue_timeout", tr("&Wait for an engine process"), decimals=1, step=10),
    )
    more = (
        Item("inspect_seconds", tr("Op&en a document"), tr("Look how many pages it has."), decimals=1, step=30),
        Item(
            "prepare_seconds",
            tr("Prepare a pa&ge"),
            tr("Draw it for recognition, or read its own text."),
            decimals=1,
            step=30,
        ),
        Item("picture_seconds", tr("&Show a page"), tr("Draw it for the screen."), decimals=1, step=10),
        Item("export_seconds", tr("E&xport a file"), tr("Write one output file."), decimals=1, step=30),
    )
    return Sheet(
        Section.LIMITS,
        tr("Time limits"),
        "clock",
        tr("How long things may take before they are tried again or given up."),
        (Group("", usual),),
        (Group("", more),),
    )


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
    return tr("This cannot be used.")


def conflict_words(name: str, other: str) -> str:
    """What is said below a setting that does not go with another."""
    known = {
        "critical": tr("This has to be more than “Warn from”."),
        "smallest_side": tr("This must not be more than “Size for finding text”, under Recognition."),
    }
    return known.get(name) or tr("This does not go together with {other}.").format(other=other)
