from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.schema import frames
from desktop_ocr.schema.document_messages import PreparePage, Source
from desktop_ocr.schema.engine_messages import Recognised
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.messages import Ping, Reply, Request
from tests.fakes.fake_host import fake_result


def test_what_is_packed_is_unpacked() -> None:
    body = PreparePage(Source("/ä/\u6587.pdf", "pw"), 3, 200, 10_000_000, TextLayerMode.AUTO, "/tmp/x")
    request = Request(7, body)
    frame = frames.pack(request)
    assert frames.payload_length(frame[:4]) == len(frame) - 4
    assert frames.unpack_request(frame[4:]) == request
    reply = Reply(7, Recognised(fake_result(2)))
    assert frames.unpack_reply(frames.pack(reply)[4:]) == reply


def test_a_length_over_the_cap_is_refused() -> None:
    with pytest.raises(frames.FrameError):
        frames.payload_length(frames.HEADER.pack(frames.MAX_FRAME + 1))
    with pytest.raises(frames.FrameError):
        frames.payload_length(b"\x00\x00")


@given(st.binary(max_size=200))
def test_nonsense_is_refused_and_nothing_else_is_raised(data: bytes) -> None:
    try:
        frames.unpack_reply(data)
    except frames.FrameError:
        return


def test_a_reply_that_nests_without_end_is_refused() -> None:
    with pytest.raises(frames.FrameError):
        frames.unpack_reply(b"\x82\xa6number\x01\xa1x" + b"\x91" * 100_000 + b"\xc0")


def test_a_request_is_no_reply() -> None:
    with pytest.raises(frames.FrameError):
        frames.unpack_reply(frames.pack(Request(1, Ping()))[4:])
