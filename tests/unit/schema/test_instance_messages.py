"""What a second start says to the first: bounded, versioned, and with names that are no text."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.instance import (
    INSTANCE_HEADER,
    LONGEST_PATH,
    MAX_INSTANCE,
    MOST_PATHS,
    InstanceAction,
    InstanceMessage,
    InstanceReply,
    message_length,
    pack_message,
    pack_reply,
    unpack_message,
    unpack_reply,
)


def payload(packed: bytes) -> bytes:
    assert message_length(packed[: INSTANCE_HEADER.size]) == len(packed) - INSTANCE_HEADER.size
    return packed[INSTANCE_HEADER.size :]


@given(st.lists(st.binary(max_size=80), max_size=20), st.sampled_from(InstanceAction), st.text(max_size=30))
def test_messages_come_back_as_they_were(paths: list[bytes], action: InstanceAction, token: str) -> None:
    message = InstanceMessage(action, tuple(paths), token)
    assert unpack_message(payload(pack_message(message))) == message


def test_the_longest_message_fits() -> None:
    message = InstanceMessage(InstanceAction.OPEN, (b"x" * LONGEST_PATH,) * MOST_PATHS, "t" * 512)
    assert unpack_message(payload(pack_message(message))) == message


def test_replies_come_back_as_they_were() -> None:
    reply = InstanceReply(1, False, "No.")
    assert unpack_reply(payload(pack_reply(reply))) == reply


@given(st.binary(max_size=200))
def test_what_is_no_message_is_refused(noise: bytes) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        unpack_message(noise)
    assert caught.value.code in (ErrorCode.PROTOCOL, ErrorCode.USAGE)


def test_another_version_is_told_as_such() -> None:
    with pytest.raises(DesktopOcrError) as caught:
        unpack_message(msgspec.msgpack.encode({"version": 99, "message": {"something": "else"}}))
    assert caught.value.code is ErrorCode.USAGE
    assert "another version" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        {"action": "open", "paths": [b"x"] * (MOST_PATHS + 1), "token": ""},
        {"action": "open", "paths": [b"x" * (LONGEST_PATH + 1)], "token": ""},
        {"action": "open", "paths": [], "token": "t" * 513},
        {"action": "format the disk", "paths": [], "token": ""},
        {"action": "open", "paths": ["text"], "token": ""},
    ],
)
def test_what_is_beyond_the_limits_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        unpack_message(msgspec.msgpack.encode({"version": 1, "message": content}))
    assert caught.value.code is ErrorCode.PROTOCOL


@pytest.mark.parametrize("length", [0, MAX_INSTANCE + 1, 2**32 - 1])
def test_lengths_beyond_the_limit_are_refused_before_anything_is_read(length: int) -> None:
    with pytest.raises(DesktopOcrError):
        message_length(INSTANCE_HEADER.pack(length))


def test_tokens_that_are_no_text_are_not_sent() -> None:
    with pytest.raises(DesktopOcrError):
        pack_message(InstanceMessage(InstanceAction.SHOW, (), "\udcff"))
