"""The lock and the socket of the one window, in one process: two objects stand for two starts."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.single_instance import (
    LOCK_NAME,
    SingleInstance,
    activation_token,
    messages_for,
    only_one,
)
from desktop_ocr.core.socket_paths import reachable
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.instance import (
    INSTANCE_HEADER,
    MOST_PATHS,
    InstanceAction,
    InstanceMessage,
    InstanceReply,
    message_length,
    pack_reply,
    unpack_message,
)

SHOW = [InstanceMessage(InstanceAction.SHOW)]


@pytest.fixture
def paths(user_home: Path) -> AppPaths:
    return AppPaths(user_home / "data", user_home / "cache", user_home / "config", user_home / "run")


@pytest.fixture
def first(paths: AppPaths) -> Iterator[SingleInstance]:
    made = only_one(paths, SHOW)
    assert made is not None
    yield made
    made.release()


Reply = Callable[[InstanceMessage], bytes]


@contextmanager
def answering(instance: SingleInstance, reply: Reply) -> Iterator[list[InstanceMessage]]:
    """The first one's window, as far as its socket goes."""
    descriptor = instance.take_listening()
    assert descriptor is not None
    heard: list[InstanceMessage] = []
    listening = socket.socket(fileno=descriptor)

    def serve() -> None:
        while True:
            try:
                connection, _peer = listening.accept()
            except OSError:
                return
            with closing(connection):
                header = connection.recv(INSTANCE_HEADER.size, socket.MSG_WAITALL)
                if not header:
                    return
                heard.append(unpack_message(connection.recv(message_length(header), socket.MSG_WAITALL)))
                connection.sendall(reply(heard[-1]))

    thread = threading.Thread(target=serve)
    thread.start()
    instance.ready()
    try:
        yield heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        listening.close()


def taken(_message: InstanceMessage) -> bytes:
    return pack_reply(InstanceReply(1, True))


def test_the_second_leaves_its_message_and_gets_no_window(first: SingleInstance, paths: AppPaths) -> None:
    with answering(first, taken) as heard:
        assert only_one(paths, messages_for([Path("/a/b.pdf")], token="go")) is None  # noqa: S106
        assert heard == [InstanceMessage(InstanceAction.OPEN, (b"/a/b.pdf",), "go")]


def test_lock_and_socket_are_for_this_user_alone(first: SingleInstance, paths: AppPaths) -> None:
    assert stat.S_IMODE(first.address.stat().st_mode) == 0o600
    assert stat.S_IMODE((paths.data / LOCK_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.runtime.stat().st_mode) == 0o700


def test_the_right_passes_on_when_it_is_released(first: SingleInstance, paths: AppPaths) -> None:
    assert not SingleInstance(paths).claim()
    first.release()
    assert not first.address.exists()
    second = SingleInstance(paths)
    assert second.claim()
    second.release()


def test_leftovers_of_a_dead_one_are_taken_over(paths: AppPaths) -> None:
    paths.data.mkdir(parents=True, exist_ok=True)
    paths.runtime.mkdir(parents=True, exist_ok=True, mode=0o700)
    (paths.data / LOCK_NAME).write_bytes(b"\xc1 no message, and longer than what will be written" * 20)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(SingleInstance(paths).address))
    made = only_one(paths, SHOW)
    assert made is not None
    assert made.held
    holder = made.holder()
    assert holder is not None
    assert (holder.pid, holder.ready) == (os.getpid(), False)
    made.ready()
    assert (again := made.holder()) is not None
    assert again.ready
    made.release()


def test_one_that_hangs_is_told(first: SingleInstance, paths: AppPaths) -> None:
    first.ready()  # it listens, and never takes anything up
    with pytest.raises(DesktopOcrError, match=f"process {os.getpid()}.* does not answer") as caught:
        only_one(paths, SHOW, answer_seconds=0.05)
    assert caught.value.code is ErrorCode.TIMED_OUT


def test_one_that_cannot_be_reached_is_told(first: SingleInstance, paths: AppPaths) -> None:
    first.deaf()
    with pytest.raises(DesktopOcrError, match="cannot be reached"):
        only_one(paths, SHOW, leaving_seconds=0.0)


def test_who_comes_while_the_first_one_leaves_gets_the_window(first: SingleInstance, paths: AppPaths) -> None:
    first.deaf()
    releasing = threading.Timer(0.2, first.release)
    releasing.start()
    second = only_one(paths, SHOW)
    releasing.join()
    assert second is not None
    second.release()


def test_what_the_first_one_does_not_take_is_said(first: SingleInstance, paths: AppPaths) -> None:
    with (
        answering(first, lambda _m: pack_reply(InstanceReply(1, False, "Not now."))),
        pytest.raises(DesktopOcrError, match="Not now"),
    ):
        only_one(paths, SHOW)


def test_more_files_than_a_message_holds_come_in_several(first: SingleInstance, paths: AppPaths) -> None:
    files = [Path(f"/a/{number}.png") for number in range(2 * MOST_PATHS + 1)]
    with answering(first, taken) as heard:
        assert only_one(paths, messages_for(files)) is None
        assert [len(message.paths) for message in heard] == [MOST_PATHS, MOST_PATHS, 1]
        assert [Path(os.fsdecode(path)) for message in heard for path in message.paths] == files


def test_paths_are_made_absolute_and_need_not_be_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = os.fsdecode(b"caf\xe9.pdf")
    (message,) = messages_for([Path(odd), Path("../x.pdf"), Path("/abs.pdf")])
    here = os.fsencode(tmp_path)
    assert message.paths == (here + b"/caf\xe9.pdf", os.fsencode(tmp_path.parent) + b"/x.pdf", b"/abs.pdf")


def test_links_in_paths_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scans").mkdir()
    (tmp_path / "link").symlink_to("scans")
    monkeypatch.chdir(tmp_path)
    assert messages_for([Path("link/a.pdf")])[0].paths == (os.fsencode(tmp_path / "link" / "a.pdf"),)


def test_no_files_are_one_message() -> None:
    assert messages_for([], InstanceAction.SHOW) == SHOW


def test_long_folders_do_not_matter(user_home: Path) -> None:
    deep = user_home / ("d" * 90) / ("e" * 90)
    paths = AppPaths(user_home / "data", user_home / "cache", user_home / "config", deep / "run")
    first = only_one(paths, SHOW)
    assert first is not None
    with answering(first, taken) as heard:
        assert only_one(paths, SHOW) is None
    assert heard == SHOW
    with reachable(first.address) as name:
        assert name != str(first.address)
    first.release()


def test_other_data_are_another_window(first: SingleInstance, paths: AppPaths, tmp_path: Path) -> None:
    assert first.held
    other = only_one(AppPaths(tmp_path / "other", paths.cache, paths.config, paths.runtime), SHOW)
    assert other is not None
    assert other.address.parent == first.address.parent
    other.release()


def test_the_first_one_is_found_whatever_its_temporary_folder(
    first: SingleInstance, paths: AppPaths, tmp_path: Path
) -> None:
    with answering(first, taken) as heard:
        assert only_one(AppPaths(paths.data, paths.cache, paths.config, tmp_path / "elsewhere"), SHOW) is None
    assert heard == SHOW


def test_without_a_lock_the_window_opens_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    made = only_one(AppPaths(tmp_path / "data", tmp_path, tmp_path, tmp_path / "run"), SHOW)
    assert made is not None
    assert not made.held
    assert made.take_listening() is None
    made.release()


def test_a_runtime_folder_that_is_a_link_of_somebody_elses_is_not_used(
    paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 123_456)
    made = only_one(paths, SHOW)
    assert made is not None
    assert made.held
    assert made.take_listening() is None
    made.release()


def test_the_desktops_token_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    monkeypatch.setenv("DESKTOP_STARTUP_ID", "host_TIME7")
    assert activation_token() == "host_TIME7"
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "wayland")
    assert activation_token() == "wayland"
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "x" * 10_000)
    assert activation_token() == ""
