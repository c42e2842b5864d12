"""Video memory: the probe against a fake NVML (no GPU is needed), and the fake against the real bindings."""

from __future__ import annotations

import inspect
import os
import re
import sys

import pynvml
import pytest

from desktop_ocr.memory import foreign_use
from desktop_ocr.memory.gpu import RETRY_SECONDS, GpuProbe
from tests.fakes.fake_nvml import (
    MIB,
    FakeGpu,
    FakeNvml,
    NVMLError,
    NVMLError_DriverNotLoaded,
    NVMLError_GpuIsLost,
    NVMLError_LibraryNotFound,
    NVMLError_NoPermission,
    NVMLError_NotSupported,
    NVMLError_Uninitialized,
)

OURS, SECOND, OTHER, FOREIGN = 101, 102, 300, 9999
VISIBLE = {OURS, SECOND, OTHER}
MB = 1e6


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def probe_of(nvml: FakeNvml, clock: Clock | None = None) -> GpuProbe:
    return GpuProbe(nvml, clock=clock or Clock(), pid_exists=VISIBLE.__contains__)


def mb(mib: float) -> float:
    return pytest.approx(mib * MIB / MB)


# The fake itself -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in dir(FakeNvml) if name.startswith("nvml")])
def test_the_real_module_has_what_the_fake_has(name) -> None:
    real, fake = getattr(pynvml, name), getattr(FakeNvml(), name)
    assert list(inspect.signature(real).parameters) == list(inspect.signature(fake).parameters)


@pytest.mark.parametrize("error", NVMLError.__subclasses__(), ids=lambda error: error.__name__)
def test_the_errors_are_those_of_the_real_module(error) -> None:
    real = getattr(pynvml, error.__name__)
    assert issubclass(real, pynvml.NVMLError)
    assert pynvml.NVMLError(error.number).value == error().value
    assert type(pynvml.NVMLError(error.number)) is real
    assert real.__hash__ is None
    assert error.__hash__ is None


@pytest.mark.parametrize("name", [name for name in dir(FakeNvml) if name.startswith("NVML_")])
def test_the_constants_are_those_of_the_real_module(name) -> None:
    assert getattr(pynvml, name) == getattr(FakeNvml, name)


def test_the_structs_have_the_attributes_that_are_read() -> None:
    assert {"total", "used", "free"} <= {name for name, _ in pynvml.c_nvmlMemory_t._fields_}
    sample = {name for name, _ in pynvml.c_nvmlProcessUtilizationSample_t._fields_}
    assert {"pid", "timeStamp", "smUtil"} <= sample
    assert {"pid", "usedGpuMemory"} <= {name for name, _ in pynvml.c_nvmlProcessInfo_v3_t._fields_}


def test_the_probe_uses_nothing_that_the_fake_lacks() -> None:
    source = inspect.getsource(inspect.getmodule(GpuProbe)) + inspect.getsource(foreign_use)
    used = set(re.findall(r"nvml\.(\w+)", source)) - {"NVMLError"}
    assert used == {name for name in dir(FakeNvml) if name.startswith(("nvml", "NVML_"))}


# What is told --------------------------------------------------------------------------------------------------------


def test_all_gpus_are_told_with_what_we_hold() -> None:
    first = FakeGpu(b"Fake A", used=2000 * MIB, compute={OURS: 600 * MIB, OTHER: 700 * MIB})
    second = FakeGpu("Fake B", used=1000 * MIB, compute={OURS: 100 * MIB, SECOND: 50 * MIB})
    gpus, by_pid = probe_of(FakeNvml(first, second)).sample([OURS, SECOND])
    assert [(gpu.index, gpu.name) for gpu in gpus] == [(0, "Fake A"), (1, "Fake B")]
    assert [gpu.ours_mb for gpu in gpus] == [mb(600), mb(150)]
    assert [gpu.used_mb for gpu in gpus] == [mb(2000), mb(1000)]
    assert [gpu.total_mb for gpu in gpus] == [mb(8192)] * 2
    assert not any(gpu.estimated for gpu in gpus)
    assert by_pid == {OURS: mb(700), SECOND: mb(50)}


def test_computing_and_drawing_are_one_list() -> None:
    """A process in both holds its memory once."""
    gpu = FakeGpu(compute={OURS: 300 * MIB}, graphics={OURS: 300 * MIB, SECOND: 20 * MIB, OTHER: 90 * MIB})
    gpus, by_pid = probe_of(FakeNvml(gpu)).sample([OURS, SECOND])
    assert gpus[0].ours_mb == mb(320)
    assert by_pid == {OURS: mb(300), SECOND: mb(20)}


@pytest.mark.parametrize("missing", ["compute", "graphics"])
def test_one_list_alone_will_do(missing) -> None:
    gpu = FakeGpu(**{"compute": {OURS: 10 * MIB}, "graphics": {OURS: 10 * MIB}, missing: None})
    assert probe_of(FakeNvml(gpu)).sample([OURS])[0][0].ours_mb == mb(10)


def test_without_hosts_nothing_is_ours() -> None:
    gpus, by_pid = probe_of(FakeNvml(FakeGpu(used=7000 * MIB, compute={FOREIGN: None}))).sample([])
    assert gpus[0].ours_mb == 0.0
    assert not gpus[0].estimated
    assert by_pid == {}


def test_hosts_that_hold_nothing_hold_nothing() -> None:
    """Everything that the driver names is known here: what grew is a game."""
    gpu = FakeGpu(compute={OTHER: 100 * MIB})
    probe = probe_of(FakeNvml(gpu))
    probe.mark_baseline()
    gpu.used += 3000 * MIB
    gpus, by_pid = probe.sample([OURS])
    assert (gpus[0].ours_mb, gpus[0].estimated, by_pid) == (0.0, False, {OURS: 0.0})


# Estimates -----------------------------------------------------------------------------------------------------------


def test_windows_gives_no_figures_so_the_difference_stands_in() -> None:
    gpu = FakeGpu(used=500 * MIB, compute={OTHER: None})
    probe = probe_of(FakeNvml(gpu))
    probe.mark_baseline()
    gpu.used, gpu.compute = 1300 * MIB, {OTHER: None, OURS: None}
    gpus, by_pid = probe.sample([OURS, SECOND])
    assert (gpus[0].ours_mb, gpus[0].estimated) == (mb(800), True)
    assert by_pid == {OURS: None, SECOND: 0.0}


def test_a_number_larger_than_the_card_is_no_figure() -> None:
    """Older bindings hand the driver's "not available" through."""
    gpu = FakeGpu(compute={OURS: 0xFFFF_FFFF_FFFF_FFFF})
    probe = probe_of(FakeNvml(gpu))
    probe.mark_baseline()
    gpu.used += 300 * MIB
    assert probe.sample([OURS])[1] == {OURS: None}
    assert probe.sample([OURS])[0][0].ours_mb == mb(300)


@pytest.mark.parametrize("listed", [{FOREIGN: 900 * MIB}, {}], ids=["names of another system", "empty lists"])
def test_in_a_container_the_difference_stands_in(listed) -> None:
    gpu = FakeGpu(used=500 * MIB)
    probe = probe_of(FakeNvml(gpu))
    probe.mark_baseline()
    gpu.used, gpu.compute = 1400 * MIB, listed
    gpus, by_pid = probe.sample([OURS, SECOND])
    assert (gpus[0].ours_mb, gpus[0].estimated) == (mb(900), True)
    assert by_pid == {OURS: None, SECOND: None}


def test_a_card_without_lists_is_estimated() -> None:
    gpu = FakeGpu(compute=None, graphics=None)
    probe = probe_of(FakeNvml(gpu))
    probe.mark_baseline()
    gpu.used += 40 * MIB
    assert probe.sample([OURS])[0][0].estimated
    assert probe.sample([OURS])[0][0].ours_mb == mb(40)


def test_a_host_that_is_on_the_gpu_for_certain_is_never_silently_0() -> None:
    """Process ids of the container and of the system outside may be equal by chance."""
    gpu = FakeGpu(compute={OTHER: 900 * MIB})
    probe = probe_of(FakeNvml(gpu))
    probe.mark_baseline()
    gpu.used += 900 * MIB
    assert probe.sample([OURS], users=[OURS], certain=True)[0][0].ours_mb == mb(900)
    assert probe.sample([OURS], users=[OURS], certain=False)[0][0].ours_mb == 0.0


def test_hosts_that_cannot_be_on_the_gpu_are_not_suspected() -> None:
    gpu = FakeGpu(compute={FOREIGN: 900 * MIB})
    probe = probe_of(FakeNvml(gpu))
    probe.mark_baseline()
    gpu.used += 900 * MIB
    gpus, by_pid = probe.sample([OURS], users=[])
    assert (gpus[0].ours_mb, gpus[0].estimated, by_pid) == (0.0, False, {OURS: 0.0})
    gpu.used += 100 * MIB
    assert probe.sample([OURS, SECOND], users=[SECOND])[0][0].ours_mb == mb(100), "what others used was the baseline"


def test_a_driver_that_names_one_of_us_sees_all_of_us() -> None:
    """Another card's strangers are not us then."""
    first, second = FakeGpu(compute={OURS: 200 * MIB}), FakeGpu(compute={FOREIGN: 900 * MIB})
    probe = probe_of(FakeNvml(first, second))
    probe.mark_baseline()
    second.used += 900 * MIB
    gpus, by_pid = probe.sample([OURS, SECOND], users=[OURS, SECOND], certain=True)
    assert [gpu.ours_mb for gpu in gpus] == [mb(200), 0.0]
    assert by_pid == {OURS: mb(200), SECOND: 0.0}


def test_nothing_can_be_estimated_without_a_baseline() -> None:
    gpus, by_pid = probe_of(FakeNvml(FakeGpu(compute={OURS: None}))).sample([OURS])
    assert (gpus[0].ours_mb, gpus[0].estimated, by_pid) == (None, False, {OURS: None})


def test_less_than_the_baseline_is_nothing() -> None:
    gpu = FakeGpu(used=500 * MIB, compute={OURS: None})
    probe = probe_of(FakeNvml(gpu))
    probe.mark_baseline()
    gpu.used = 300 * MIB
    assert probe.sample([OURS])[0][0].ours_mb == 0.0


# Failures ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [NVMLError_LibraryNotFound, NVMLError_DriverNotLoaded])
def test_a_driver_that_cannot_be_started_is_asked_every_30_s(error, caplog) -> None:
    caplog.set_level("INFO")
    nvml, clock = FakeNvml(FakeGpu()), Clock()
    nvml.init_error = error()
    probe = probe_of(nvml, clock)
    for _ in range(50):
        assert probe.sample([OURS]) == ((), {OURS: None})
        clock.now += 1
    assert nvml.inits == 2
    assert len(caplog.records) == 1, "said once"
    nvml.init_error = None
    clock.now += RETRY_SECONDS
    assert len(probe.sample([OURS])[0]) == 1
    assert "back" in caplog.text


def test_a_driver_that_goes_comes_back() -> None:
    nvml, clock = FakeNvml(FakeGpu(used=500 * MIB)), Clock()
    probe = probe_of(nvml, clock)
    probe.mark_baseline()
    nvml.count_error = NVMLError_Uninitialized()
    assert probe.sample([OURS]) == ((), {OURS: None})
    assert not nvml.running
    nvml.count_error = None
    clock.now += RETRY_SECONDS - 1
    assert probe.sample([OURS])[0] == (), "not yet"
    clock.now += 1
    nvml.gpus[0].compute, nvml.gpus[0].used = {OURS: None}, 800 * MIB
    assert probe.sample([OURS])[0][0].ours_mb == mb(300), "the baseline is still known"


def test_a_lost_card_leaves_the_others() -> None:
    first, second = FakeGpu(error=NVMLError_GpuIsLost()), FakeGpu(compute={OURS: 10 * MIB})
    nvml, clock = FakeNvml(first, second), Clock()
    probe = probe_of(nvml, clock)
    gpus, by_pid = probe.sample([OURS])
    assert [(gpu.index, gpu.ours_mb) for gpu in gpus] == [(1, mb(10))]
    assert by_pid == {OURS: mb(10)}
    first.error = None
    clock.now += RETRY_SECONDS
    assert len(probe.sample([OURS])[0]) == 2
    assert nvml.inits == 2


def test_a_card_that_may_not_be_asked_is_no_reason_to_start_afresh(caplog) -> None:
    caplog.set_level("INFO")
    nvml, clock = FakeNvml(FakeGpu(error=NVMLError_NoPermission()), FakeGpu()), Clock()
    probe = probe_of(nvml, clock)
    for _ in range(100):
        assert len(probe.sample([OURS])[0]) == 1
        clock.now += 1
    assert nvml.inits == 1
    assert len(caplog.records) == 1


def test_a_card_without_a_name_gets_one(monkeypatch) -> None:
    nvml = FakeNvml(FakeGpu())

    def no_name(_handle: FakeGpu) -> str:
        raise NVMLError_NotSupported

    monkeypatch.setattr(nvml, "nvmlDeviceGetName", no_name)
    assert probe_of(nvml).sample([])[0][0].name == "GPU 0"


def test_no_cards_and_a_closed_probe() -> None:
    nvml = FakeNvml()
    probe = probe_of(nvml)
    assert probe.sample([OURS]) == ((), {OURS: None})
    probe.close()
    assert not nvml.running
    nvml.gpus.append(FakeGpu())
    assert probe.sample([OURS])[0] == ()
    probe.close()


def test_without_the_bindings_there_are_no_gpus(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    probe = GpuProbe()
    assert probe.sample([os.getpid()]) == ((), {os.getpid(): None})


def test_the_real_bindings_on_this_machine() -> None:
    """With a driver or without one: whatever is told makes sense."""
    probe = GpuProbe()
    gpus, by_pid = probe.sample([os.getpid()])
    assert set(by_pid) == {os.getpid()}
    for gpu in gpus:
        assert 0 <= gpu.used_mb <= gpu.total_mb
    probe.close()
