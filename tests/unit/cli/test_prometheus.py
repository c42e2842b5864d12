from __future__ import annotations

import msgspec
import pytest

from desktop_ocr.cli.prometheus import exposition
from desktop_ocr.schema.memory import GpuMemory, MemorySample, MemoryStats, ModelState
from tests.fakes.fake_program import CANNED_SAMPLE, CANNED_STATS
from tests.unit.cli.exposition import parse

WINDOW = msgspec.structs.replace(CANNED_STATS, pid=7)
OF = (("pid", "7"), ("program", "window"))


def value(stats: MemoryStats, name: str, *labels: tuple[str, str]) -> float:
    return parse(exposition([stats]))[f"desktop_ocr_{name}"][1][OF + labels]


def test_bytes_seconds_and_ratios() -> None:
    assert value(WINDOW, "ram_bytes") == 879e6
    assert value(WINDOW, "host_ram_bytes", ("host_pid", "4001"), ("role", "engine")) == 620e6
    assert value(WINDOW, "pressure_ratio") == 0.81
    assert value(WINDOW, "pressure_level") == 1
    assert value(WINDOW, "sample_timestamp_seconds") == 1700000000.5
    assert value(WINDOW, "service_wait_seconds_total", ("device", "gpu:0")) == 9
    assert value(WINDOW, "feature_memory_bytes", ("feature", "layout")) == 85e6


def test_what_only_goes_up_is_a_counter() -> None:
    families = parse(exposition([WINDOW]))
    assert {name for name, (kind, _) in families.items() if kind == "counter"} == {
        "desktop_ocr_model_loads_total",
        "desktop_ocr_service_acquired_total",
        "desktop_ocr_service_wait_seconds_total",
        "desktop_ocr_service_timeouts_total",
        "desktop_ocr_service_restarts_total",
    }


def test_the_state_of_a_model_is_one_of_four() -> None:
    series = parse(exposition([WINDOW]))["desktop_ocr_model_state"][1]
    det = {dict(labels)["state"]: number for labels, number in series.items() if dict(labels)["model"] == "det"}
    assert det == {state: float(state is ModelState.LOADED) for state in ModelState}


def test_what_is_not_known_is_left_out() -> None:
    families = parse(exposition([WINDOW]))
    gpus = families["desktop_ocr_program_gpu_memory_bytes"][1]
    assert gpus == {(*OF, ("gpu", "0")): 1800e6}
    assert families["desktop_ocr_program_gpu_memory_estimated"][1][(*OF, ("gpu", "0"))] == 1
    idle = families["desktop_ocr_model_idle_remaining_seconds"][1]
    assert [(dict(labels)["model"], number) for labels, number in idle.items()] == [("rec", 252.0)]


def test_the_machine_counts_once_whoever_asks() -> None:
    other = msgspec.structs.replace(WINDOW, pid=8, title="convert")
    families = parse(exposition([WINDOW, other]))
    assert families["desktop_ocr_machine_ram_bytes"][1] == {(): 16000e6}
    assert len(families["desktop_ocr_ram_bytes"][1]) == 2
    assert families["desktop_ocr_programs"][1] == {(): 2.0}


def test_without_a_program_there_is_the_machine() -> None:
    families = parse(exposition([], CANNED_SAMPLE))
    assert families["desktop_ocr_programs"][1] == {(): 0.0}
    assert families["desktop_ocr_machine_ram_used_bytes"][1] == {(): 12900e6}
    assert "desktop_ocr_ram_bytes" not in families


@pytest.mark.parametrize("name", ['a "b" c', "a\\b", "a\nb", "a,b}", "日本", "\\n", ""])
def test_labels_are_escaped(name: str) -> None:
    sample = MemorySample(1.0, 1.0, 0.0, gpus=(GpuMemory(0, name, 10.0, 5.0),))
    (labels,) = parse(exposition([], sample))["desktop_ocr_gpu_memory_bytes"][1]
    assert dict(labels)["name"] == name


@pytest.mark.parametrize("number", [0.0, 1e-9, 1e20, 0.1, float("inf"), float("-inf"), float("nan")])
def test_every_number_can_be_read(number: float) -> None:
    stats = msgspec.structs.replace(WINDOW, pressure=msgspec.structs.replace(WINDOW.pressure, share=number))
    assert value(stats, "pressure_ratio") == pytest.approx(number, nan_ok=True)
    broken = msgspec.structs.replace(WINDOW, ram_budget=number)
    assert parse(exposition([broken]))
