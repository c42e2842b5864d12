"""The settings dialog's pages: which setting stands where, and under which name."""

from __future__ import annotations

from desktop_ocr.gui.settings_words import Group, Item, Sheet
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.settings import Section


def sheets() -> tuple[Sheet, ...]:
    """The pages in order."""
    return (_documents(), _recognition(), _memory(), _background(), _library(), _limits(), _models())


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
            tr("Prox&y"),
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
        Item("export_seconds", tr("Export a fi&le"), tr("Write one output file."), decimals=1, step=30),
    )
    strangers = (
        Item(
            "document_limit_mb",
            tr("Memor&y for opening documents"),
            tr("Address space of the process that opens them. A damaged or hostile file gets no more."),
            step=500,
            zero=tr("no limit"),
        ),
        Item("document_files", tr("F&iles open at a time"), tr("In the process that opens documents."), step=64),
    )
    return Sheet(
        Section.LIMITS,
        tr("Limits"),
        "clock",
        tr("How long things may take before they are tried again or given up, and what files may use."),
        (Group(tr("Time"), usual),),
        (Group(tr("Time"), more), Group(tr("Opening files"), strangers)),
    )


def _background() -> Sheet:
    desktop = (
        Item(
            "close_window",
            tr("When the &window is closed"),
            tr("Work can go on without it; an icon in the tray, or the next start, brings it back."),
        ),
        Item("notify", tr("&Tell when something is done"), tr("Or needs an answer, with a notification.")),
        Item(
            "capture_shortcut",
            tr("&Keys for reading the screen"),
            tr("From any program, where the desktop allows that."),
        ),
    )
    polite = (
        Item("low_priority", tr("Let other programs &go first"), tr("The processes that work get a lower priority.")),
        Item("pause_on_battery", tr("Wait while on &battery"), tr("No page is begun then.")),
        Item("pause_for_gpu", tr("Wait while another &program needs the GPU"), tr("A game or a video call, say.")),
        Item(
            "gpu_foreign_share",
            tr("It needs it from a s&hare of"),
            tr("Of the GPU's work or memory, by other programs."),
            "%",
            100,
            0,
            5,
            needs="pause_for_gpu",
        ),
    )
    quiet = (
        Item("quiet_from", tr("Wait &every day from"), tr("No page is begun between these times."), example="09:00"),
        Item("quiet_until", tr("Go on agai&n at"), tr("May be on the next day."), example="17:30"),
    )
    disk = (
        Item(
            "least_free_gb",
            tr("Wait when the d&isk has less than"),
            tr("Free space, on each disk that is written to."),
            decimals=1,
            step=0.5,
            zero=tr("never"),
        ),
    )
    return Sheet(
        Section.BACKGROUND,
        tr("Background"),
        "circle-pause",
        tr("What goes on beside your other work, and when it waits."),
        (Group(tr("Desktop"), desktop), Group(tr("Consideration"), polite)),
        (Group(tr("Quiet hours"), quiet), Group(tr("Disk"), disk)),
    )


def _library() -> Sheet:
    usual = (
        Item(
            "keep_removed",
            tr("&Keep what is removed from the list"),
            tr("Its text stays in the library and can be found there. Your files are never touched."),
        ),
        Item(
            "library_limit_mb",
            tr("&Largest size"),
            tr("When the library is larger, the oldest documents that are not in the list leave it."),
            step=500,
            zero=tr("no limit"),
        ),
        Item(
            "library_days",
            tr("Keep doc&uments for"),
            tr("Those that are not in the list leave the library when they are older."),
            step=30,
            zero=tr("ever"),
        ),
    )
    return Sheet(
        Section.LIBRARY,
        tr("Library"),
        "layers",
        tr("Everything that was recognised is kept on this computer, until you remove it."),
        (Group("", usual),),
        (),
    )
