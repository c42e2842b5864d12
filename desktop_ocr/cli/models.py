"""`desktop-ocr models`: what there is, and installing, removing, checking and importing models."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from desktop_ocr.cli.model_progress import ModelProgress
from desktop_ocr.cli.streams import printable
from desktop_ocr.core.paths import AppPaths, user_paths
from desktop_ocr.core.settings_file import load_settings
from desktop_ocr.models.breaker import Breaker
from desktop_ocr.models.catalog import CATALOG
from desktop_ocr.models.disk import megabytes
from desktop_ocr.models.downloaded import DownloadedModels
from desktop_ocr.models.installer import Installer
from desktop_ocr.models.listing import listed
from desktop_ocr.models.models_file import load_models_file, make_models_file
from desktop_ocr.models.planning import check_known, check_plan, plan_install, remove_model
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.model_store import InstallPlan, StoredModel, StoreState

_STATES = {
    StoreState.INSTALLED: "installed",
    StoreState.AVAILABLE: "available",
    StoreState.BROKEN_OFF: "broken off",
    StoreState.UNAVAILABLE: "cannot be used here",
}


def add_models(parser: argparse.ArgumentParser) -> None:
    """The subcommand's arguments."""
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="all models, installed or not (default)")
    # Without a default of its own it keeps what was said before the action.
    listing.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print as JSON")
    install = actions.add_parser("install", help="download models", description=_INSTALL)
    install.add_argument("names", nargs="+", metavar="NAME", help="a model, a pipeline, or a profile: fast, full")
    install.add_argument("--yes", action="store_true", help="do not ask")
    remove = actions.add_parser("remove", help="delete downloaded models")
    remove.add_argument("names", nargs="+", metavar="NAME", help="a model")
    verify = actions.add_parser("verify", help="read installed models again and compare their checksums")
    verify.add_argument("names", nargs="*", metavar="NAME", help="a model (default: all that are installed)")
    importing = actions.add_parser("import", help="take over models from another machine", description=_IMPORT)
    importing.add_argument("folder", type=Path, metavar="FOLDER", help="a model's folder, or a folder of such")
    actions.add_parser("file", help="your models file: where it is, and what is wrong in it", description=_FILE)


_INSTALL = (
    "Download models from the model host of your settings. Size and licence are shown, and you are asked first. A"
    " download that breaks off goes on where it stopped when the command is given again."
)
_IMPORT = (
    "Take over models that were downloaded on another machine: folders as model hosts have them, with inference.yml"
    " and weights, or their archives (NAME_infer.tar)."
)
_FILE = (
    "Print where your models file is; one that explains itself is made where there is none. It says which model does"
    " what."
)


def run_models(options: argparse.Namespace) -> int:
    """Run the subcommand; returns its exit code: 2 for a name that is not known, 130 after Ctrl-C."""
    try:
        return _run(options)
    except DesktopOcrError as error:
        sys.stderr.write(f"desktop-ocr: {printable(str(error))}\n")
        return 2 if error.code is ErrorCode.USAGE else 1


def _run(options: argparse.Namespace) -> int:
    paths = user_paths()
    store = ModelStore(paths.models, paths.downloaded_models)
    if options.action == "install":
        return _install(paths, store, options.names, agreed=options.yes)
    if options.action == "remove":
        return _each(options.names, lambda name: remove_model(store, name), "removed")
    if options.action == "verify":
        return _verify(store, options.names)
    if options.action == "import":
        return _import(paths, options.folder)
    if options.action == "file":
        return _file(paths)
    return _list(store, as_json=options.json)


def _list(store: ModelStore, *, as_json: bool) -> int:
    models = listed(store)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(models), indent=2).decode() + "\n")
        return 0
    rows = [("ROLE", "MODEL", "SIZE", "LICENCE", "STATE")]
    rows += [(str(model.role), model.id, megabytes(model.size), model.licence, _state(model)) for model in models]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
    return 0


def _state(model: StoredModel) -> str:
    words = _STATES.get(model.state, model.state.value)
    if model.state is StoreState.INSTALLED:
        return f"{words}, came with the program" if model.bundled else words
    if model.state is StoreState.BROKEN_OFF:
        return f"{words}, {megabytes(model.done)} are there"
    return words


# --- installing -------------------------------------------------------------------------------------------------


def _install(paths: AppPaths, store: ModelStore, names: Sequence[str], *, agreed: bool) -> int:
    installer = _installer(paths)
    plan = plan_install(store, installer, names)
    for model in plan.left_out:
        sys.stderr.write(f"{model.id} is left out. {model.reason}\n")
    if not plan.models:
        sys.stdout.write("Everything that can be used here is installed.\n" if plan.left_out else "It is installed.\n")
        return 0
    check_plan(plan, store)
    if not agreed and not _agreed(plan):
        return 1
    breaker = Breaker()
    stopping = signal.signal(signal.SIGINT, lambda *_: breaker.pull())
    terminating = signal.signal(signal.SIGTERM, lambda *_: breaker.pull())
    try:
        with ModelProgress(plan.models) as progress:
            return _install_all(plan, installer, breaker, progress)
    finally:
        signal.signal(signal.SIGINT, stopping)
        signal.signal(signal.SIGTERM, terminating)


def _install_all(plan: InstallPlan, installer: Installer, breaker: Breaker, progress: ModelProgress) -> int:
    """One after the other; what fails does not keep the rest from coming, unless it would fail as well."""
    failed = 0
    for model in plan.models:
        try:
            _in_thread(lambda model=model: installer.install(model.id, breaker, progress.of(model.id)))  # type: ignore[misc]
        except DesktopOcrError as error:
            failed += 1
            progress.failed(model.id, str(error))
            if error.code is ErrorCode.CANCELLED:
                return 130
            if error.code in (ErrorCode.DISK_FULL, ErrorCode.NO_PERMISSION):
                return 1
        else:
            progress.finished(model.id)
    return 1 if failed else 0


def _in_thread(work: Callable[[], None]) -> None:
    """Signals are heard by the main thread alone, and only while it does not wait for a network itself.

    A connection that is being made cannot be broken off: after a signal its thread is not waited for longer.
    """
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
    if errors:
        raise errors[0]


def _agreed(plan: InstallPlan) -> bool:
    """Ask on a terminal; elsewhere say how to agree."""
    out = sys.stderr
    known = {model.id: model for model in CATALOG}
    out.write(f"From {plan.host}, into {plan.folder} ({megabytes(plan.free)} free):\n")
    for model in plan.models:
        there = f", {megabytes(model.done)} of it are there" if model.done else ""
        out.write(f"  {model.id}: {known[model.id].title}, about {megabytes(model.size)}{there}, {model.licence}\n")
    out.write(f"About {megabytes(plan.missing)} are to be downloaded.\n")
    if not sys.stdin.isatty():
        out.write("Nothing was downloaded: agree with --yes.\n")
        return False
    out.write("Download? [y/N] ")
    out.flush()
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    out.write("Nothing was downloaded.\n")
    return False


# --- the others -------------------------------------------------------------------------------------------------


def _verify(store: ModelStore, names: Sequence[str]) -> int:
    installed = [model.id for model in listed(store) if model.state is StoreState.INSTALLED and not model.parts]

    def verify(name: str) -> None:
        check_known(name)
        store.verify(name)

    return _each(names or installed, verify, "fine")


def _import(paths: AppPaths, folder: Path) -> int:
    refused = []

    def told(place: Path, what: str | DesktopOcrError) -> None:
        if isinstance(what, str):
            sys.stdout.write(f"{what}: imported\n")
            sys.stdout.flush()
        else:
            refused.append(place)
            sys.stderr.write(f"desktop-ocr: {printable(f'{place}: {what}')}\n")

    _installer(paths).take_over(folder, Breaker(), told)
    return 1 if refused else 0


def _file(paths: AppPaths) -> int:
    make_models_file(paths.models_file)
    sys.stdout.write(f"{printable(str(paths.models_file))}\n")
    problems = load_models_file(paths.models_file).problems
    for problem in problems:
        sys.stderr.write(f"{printable(problem)}\n")
    return 1 if problems else 0


def _each(names: Sequence[str], act: Callable[[str], None], done: str) -> int:
    code = 0
    for name in dict.fromkeys(names):
        try:
            act(name)
        except DesktopOcrError as error:
            code = max(code, 2 if error.code is ErrorCode.USAGE else 1)
            sys.stderr.write(f"desktop-ocr: {printable(str(error))}\n")
        else:
            sys.stdout.write(f"{name}: {done}\n")
            sys.stdout.flush()
    return code


def _installer(paths: AppPaths) -> Installer:
    loaded = load_settings(paths.settings)
    for problem in loaded.problems:
        sys.stderr.write(f"{printable(problem)}\n")
    return Installer(DownloadedModels(paths.downloaded_models), loaded.settings)
