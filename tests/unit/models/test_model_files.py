"""What comes with weights: `inference.yml` is read by paddleocr, which evaluates some of it."""

from __future__ import annotations

import pytest

from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.models.model_files import CONFIG_BYTES, check_config, format_of, kept, missing
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.fakes.fake_model_host import config_of

# As the makers' own files have it: parts that are named once and used again.
WITH_ALIASES = b"""
Global: {model_name: UVDoc}
Hpi:
  backend_configs:
    paddle_infer: {trt_dynamic_shapes: &shapes {x: [[1, 3, 32, 32], [1, 3, 64, 64]]}}
    tensorrt: {dynamic_shapes: *shapes}
"""
# Each level has ten of the one below.
BOMB = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30)
)


def test_the_models_name_is_read() -> None:
    assert check_config(config_of("UVDoc")) == "UVDoc"
    assert check_config(config_of("UVDoc"), "UVDoc") == "UVDoc"
    assert check_config(WITH_ALIASES) == "UVDoc"


@pytest.mark.parametrize("scale", ["1./255.", "0.00392", "1/255", "1.0 / 255.0", "1e-3", ".5"])
def test_numbers_and_one_division_are_numbers(scale: str) -> None:
    check_config(config_of("UVDoc").replace(b"1./255.", b"'" + scale.encode() + b"'"))


@pytest.mark.parametrize(
    "scale",
    ["__import__('os').system('x')", "1/0", "9**9**9", "1/255/2", "len", "", "/", "1/2e999", "(1)", "1\n+1", "١/٢"],
)
def test_programs_are_not(scale: str) -> None:
    import json

    data = config_of("UVDoc").replace(b"1./255.", json.dumps(scale).encode())
    with pytest.raises(DesktopOcrError, match="program") as caught:
        check_config(data)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"just text",
        b"\x00\xff\xfe",
        b"a: !!python/object/apply:os.system [x]",
        b"a: !!python/name:os.system",
        b"Global: {model_name: !!python/object/new:str [x]}",
        b"{Global: 3}",
        b"Global: {model_name: ../../x}",
        b"Global: {model_name: [UVDoc]}",
        b"x: " + b"[" * 5000,
        b"x: " + b"[" * 60 + b"]" * 60,
        b"#" * (CONFIG_BYTES + 1),
        config_of("UVDoc") + b"more: {scale: [1, 'len']}\n",
        config_of("UVDoc") + b"more: [{scale: {scale: 'len'}}]\n",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_what_is_no_plain_table_of_a_model_is_refused(data: bytes) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        check_config(data)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED


@pytest.mark.parametrize(
    "deep",
    [b"[" * 200_000, b"x: " + b"{a: " * 200_000, b"- " * 200_000, b"? " * 200_000, b"[" * 200_000 + b"]" * 200_000],
    ids=["lists", "tables", "items", "keys", "closed"],
)
def test_brackets_without_end_do_not_end_the_process(deep: bytes) -> None:
    with pytest.raises(DesktopOcrError, match="nested too deeply") as caught:
        check_config(deep)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED


def test_many_aliases_take_no_time() -> None:
    assert check_config(BOMB + config_of("UVDoc")) == "UVDoc"


def test_another_models_name_is_refused() -> None:
    with pytest.raises(DesktopOcrError, match="SLANet_plus"):
        check_config(config_of("SLANet_plus"), "UVDoc")


def test_formats_are_known_by_their_files() -> None:
    assert format_of(["inference.onnx", "inference.yml", "README.md"]) is PackageFormat.ONNX
    assert format_of(["inference.pdiparams", "inference.json", "inference.yml"]) is PackageFormat.PADDLE
    assert format_of(["inference.pdiparams", "inference.pdmodel", "inference.yml"]) is PackageFormat.PADDLE
    assert format_of(["model.safetensors", "config.json"]) is PackageFormat.SAFETENSORS
    assert format_of(["inference.pdiparams", "inference.yml"]) is None
    assert format_of(["model_state.pdparams", "inference.yml", "config.json"]) is None
    assert missing(PackageFormat.PADDLE, ["inference.pdiparams", "inference.yml"]) == "inference.json"


def test_nothing_that_can_run_is_kept() -> None:
    for kind in PackageFormat:
        assert not [name for name in kept(kind) if name.endswith((".py", ".pdparams", ".bin", ".pkl", ".so"))]
