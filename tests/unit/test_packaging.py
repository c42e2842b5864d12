"""What an installation has to hold: one OpenCV, the package's data, and a start that loads no model library."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import importlib.resources
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]
OPENCV = ("opencv-contrib-python", "opencv-python", "opencv-python-headless")
# What belongs to the hosts: the window and the command line never load it.


@functools.cache
def constraints() -> dict[str, str]:
    """Package and version of each line of the constraints."""
    text = (REPOSITORY / "installer" / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    pins = dict(re.fullmatch(r"([\w.-]+)==([\w.+!]+)", line).groups() for line in lines)
    return {_normal(name): version for name, version in pins.items()}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_three_opencv_packages_are_of_one_version():
    installed = {name: importlib.metadata.version(name) for name in OPENCV}
    assert len(set(installed.values())) == 1, installed
    version = installed[OPENCV[0]]
    # Read, not imported: cv2 does not belong into a process of the tests (Qt is there).
    spec = importlib.util.find_spec("cv2")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).with_name("version.py").read_text(encoding="utf-8"))
    found = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    assert found["opencv_version"] == version
    pins = constraints()
    assert {pins[name] for name in OPENCV} == {version}


def test_the_constraints_name_every_requirement():
    pins = constraints()
    missing, seen, ahead = set(), set(), [("desktop-ocr", extra) for extra in ("", "test")]
    while ahead:
        distribution, extra = ahead.pop()
        for text in importlib.metadata.requires(distribution) or ():
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            name = _normal(requirement.name)
            if name not in pins and name != "desktop-ocr":
                missing.add(name)
            new = {(name, wanted) for wanted in {"", *requirement.extras}} - seen
            seen |= new
            ahead += new
    assert not missing


def test_direct_requirements_are_pinned_at_what_is_installed():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = constraints()
    for text in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        requirement = Requirement(text)
        name = _normal(requirement.name)
        assert name in pins, name
        if requirement.marker is None or requirement.marker.evaluate():
            assert importlib.metadata.version(name) == pins[name], "run ./installer/bootstrap.sh test"


def test_every_data_file_is_declared():
    """A file that is missing here is missing in a wheel; an editable installation would not notice."""
    package = REPOSITORY / "desktop_ocr"
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["desktop_ocr"]
    declared = {file for pattern in patterns for file in package.glob(pattern)}
    there = {file for file in package.rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc"}}
    assert there - declared == set()


@pytest.mark.parametrize(
    "file", ["py.typed", "models/layouts/PP-OCRv6_small_det/inference.yml", "gui/icons/file-text.svg"]
)
def test_package_data_are_there(file: str):
    assert importlib.resources.files("desktop_ocr").joinpath(file).is_file()
