"""Whatever a host says: it is refused, or it is something that can be stored and shown."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.hosts.answers import PARENTS_VERDICTS, LieError, check_answer, check_exported, told
from desktop_ocr.schema import frames
from desktop_ocr.schema.document_messages import (
    Bitmap,
    DocumentInfo,
    Exported,
    FinishExport,
    Inspect,
    MakePicture,
    Picture,
    PreparedPage,
    PreparePage,
    Source,
    TextLayer,
)
from desktop_ocr.schema.engine_messages import Arrange, HostMemory, LoadedModel, Recognise, Recognised, Refine
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.memory import FrameworkMemory
from desktop_ocr.schema.messages import Failed, ReplyBody, RequestBody
from desktop_ocr.schema.results import (
    MOST_COLUMNS,
    MOST_ROWS,
    Block,
    BlockKind,
    Cell,
    Line,
    PageNote,
    PageResult,
    PageSource,
    StepCost,
    Table,
    Word,
)
from desktop_ocr.text.markdown import markdown
from desktop_ocr.text.plain import plain_text
from tests.fakes.lies import changed, encoded

SOURCE, BITMAP = Source("/a.pdf"), Bitmap("/run/page.rgb", 40, 60, 100.0)
POLYGON = (1.0, 1.0, 30.0, 1.0, 30.0, 9.0, 1.0, 9.0)
LINE = Line("two words", POLYGON, 0.9, (Word("two", POLYGON, 0.9), Word("words", POLYGON, 0.9)))
LAYER = TextLayer(40.0, 60.0, (LINE,), ((0.0, 0.0, 9.0, 9.0),), ((0.0, 5.0, 9.0, 6.0),))
TABLE = Table(2, 2, (Cell(0, 0, "two words", (1,)), Cell(1, 0, "wide", (), 1, 2, box=(1.0, 1.0, 2.0, 2.0))), "rulings")
RESULT = PageResult(
    3,
    40.0,
    60.0,
    100.0,
    0,
    PageSource.RECOGNISED,
    (LINE, LINE),
    (
        Block(BlockKind.SECTION_HEADER, (1.0, 1.0, 30.0, 9.0), (0,), level=2),
        Block(BlockKind.TABLE, (1.0, 1.0, 30.0, 9.0), (1,), table=TABLE),
        Block(BlockKind.CAPTION, (1.0, 1.0, 30.0, 9.0), caption_of=1),
    ),
    (StepCost("text", 0.1, 300.0),),
    (PageNote("left-out", "Formulas left out: model not installed."),),
    ("a", "b"),
    (Feature.FORMULAS,),
)
MEMORY = HostMemory(300.0, 400.0, (FrameworkMemory("paddle", 1.0, 2.0),))
RECOGNISED = Recognised(RESULT, MEMORY, (LoadedModel("layout", 1.0, 100.0),))
PREPARE = PreparePage(SOURCE, 3, 200, 24_000_000, TextLayerMode.AUTO, "/run/page.rgb")
PICTURE = MakePicture(SOURCE, 3, 400, 400, 0, "/run/a.picture")
HONEST: dict[str, tuple[RequestBody, ReplyBody]] = {
    "document": (Inspect(SOURCE), DocumentInfo("PDF", 3, "ab" * 32, 12)),
    "bitmap": (PREPARE, PreparedPage(BITMAP, None, "a picture", 0.1)),
    "layer": (PREPARE, PreparedPage(None, LAYER, "sound", 0.1)),
    "picture": (PICTURE, Picture("/run/a.picture", 300, 400, 612.0, 792.0)),
    "recognised": (Recognise(3, BITMAP), RECOGNISED),
    "arranged": (Arrange(3, LAYER), RECOGNISED),
    "refined": (Refine(RESULT, Feature.FORMULAS, BITMAP), RECOGNISED),
    "exported": (FinishExport(1), Exported("/out/a.md", 12, False, ("/out/a-pictures/1.png",), ("A note.",))),
    "failed": (PREPARE, Failed(ErrorInfo(ErrorCode.DAMAGED, "The page is damaged.", "Get it again."))),
}


def through_the_pipe(request: RequestBody, payload: bytes) -> ReplyBody:
    """What of an answer comes out at the parent.

    Raises:
        LieError, frames.FrameError: nothing.
    """
    reply = frames.unpack_reply(payload).body
    check_answer(request, reply)
    if isinstance(reply, Exported):
        check_exported(reply, Path("/out/a.md"))
    return Failed(told(reply.error)) if isinstance(reply, Failed) else reply


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize("name", HONEST)
def test_honest_answers_pass(name: str) -> None:
    request, reply = HONEST[name]
    assert through_the_pipe(request, encoded(1, msgspec.to_builtins(reply))) == reply


@given(name=st.sampled_from(sorted(HONEST)), seed=st.integers(0, 2**32), times=st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_no_lie_gets_through(name: str, seed: int, times: int) -> None:
    request, reply = HONEST[name]
    lie = changed(msgspec.to_builtins(reply), random.Random(seed), times)
    try:
        passed = through_the_pipe(request, encoded(1, lie))
    except (LieError, frames.FrameError):
        return
    for leaf in leaves(msgspec.to_builtins(passed)):
        assert not isinstance(leaf, float) or math.isfinite(leaf)
        assert not isinstance(leaf, int) or -(2**63) <= leaf < 2**63  # what a database takes
    msgspec.json.decode(msgspec.json.encode(passed), type=type(passed))
    match passed:
        case Recognised(result=result):
            assert result.page == 3
            assert isinstance(markdown(result) + plain_text(result), str)
        case Exported(path=path, others=others):
            assert {Path(path).parent, *(Path(other).parent.parent for other in others)} <= {Path("/out"), Path("/")}
        case PreparedPage(bitmap=bitmap, layer=layer):
            assert (bitmap is None) != (layer is None)
        case Failed(error=error):
            assert error.code not in PARENTS_VERDICTS
            assert 0 < len(error.message) <= 500
            assert error.message.isprintable()
        case _:
            pass


def lies() -> Iterator[tuple[str, RequestBody, ReplyBody]]:
    def result(**changes: Any) -> Recognised:
        return Recognised(msgspec.structs.replace(RESULT, **changes))

    request = Recognise(3, BITMAP)
    yield "another page", request, result(page=4)
    yield "another version", request, result(schema_version=1)
    yield "no size", request, result(width=0.0)
    yield "a crooked page", request, result(rotation=45)
    far = (1e6, 1.0, 2e6, 1.0, 2e6, 9.0, 1e6, 9.0)
    yield "far off the page", request, result(lines=(msgspec.structs.replace(LINE, polygon=far), LINE))
    sure = msgspec.structs.replace(LINE, words=(Word("x", POLYGON, 7.0),))
    yield "more than sure", request, result(lines=(sure, LINE))
    yield "a terminal's commands", request, result(notes=(PageNote("x", "\x1b[2J"),))
    huge = Block(BlockKind.TABLE, RESULT.blocks[1].box, (1,), table=Table(MOST_ROWS, MOST_COLUMNS, ()))
    yield "a table without end", request, result(blocks=(RESULT.blocks[0], huge))
    deep = msgspec.structs.replace(RESULT.blocks[0], level=70)
    yield "a heading of level 70", request, result(blocks=(deep, *RESULT.blocks[1:]))
    yield "neither picture nor text", PREPARE, PreparedPage(None, None, "", 0.0)
    yield "picture and text", PREPARE, PreparedPage(BITMAP, LAYER, "", 0.0)
    elsewhere = msgspec.structs.replace(BITMAP, path="/home/somebody/letter")
    yield "a picture elsewhere", PREPARE, PreparedPage(elsewhere, None, "", 0.0)
    large = msgspec.structs.replace(BITMAP, width=100_000, height=100_000)
    yield "a picture over the limit", PREPARE, PreparedPage(large, None, "", 0.0)
    always = msgspec.structs.replace(PREPARE, text_layer=TextLayerMode.ALWAYS_OCR)
    yield "text that nobody asked for", always, PreparedPage(None, LAYER, "", 0.0)
    yield "a drawing elsewhere", PICTURE, Picture("/etc/passwd", 300, 400, 612.0, 792.0)
    yield "a drawing larger than asked for", PICTURE, Picture("/run/a.picture", 3000, 400, 612.0, 792.0)
    for code in sorted(PARENTS_VERDICTS):
        yield f"the parent's verdict {code}", PREPARE, Failed(ErrorInfo(code, "It waits for ever."))
    yield "a file that changes for ever", PREPARE, Failed(ErrorInfo(ErrorCode.FILE_CHANGED, "Open it again."))


@pytest.mark.parametrize(("request_", "reply"), [pytest.param(*rest, id=name) for name, *rest in lies()])
def test_lies_of_the_right_types_are_refused(request_: RequestBody, reply: ReplyBody) -> None:
    with pytest.raises(LieError):
        check_answer(request_, reply)


@pytest.mark.parametrize(
    "reply",
    [
        DocumentInfo("PDF", 3, "../../x", 12),
        DocumentInfo("PDF", 3, "ab" * 32, 2**63),
        DocumentInfo("PDF", -1, "ab" * 32, 1),
        PreparedPage(BITMAP, None, "", float("nan")),
        PreparedPage(msgspec.structs.replace(BITMAP, dpi=float("nan")), None, "", 0.0),
        Picture("/run/a.picture", 10, 10, float("nan"), 10.0),
        Picture("/run/a.picture", 10, 10, 0.0, 10.0),
        HostMemory(-1.0, 0.0),
        HostMemory(float("inf"), 0.0),
        Recognised(msgspec.structs.replace(RESULT, models=("x" * 5000,))),
    ],
)
def test_numbers_and_texts_that_cannot_be_are_not_even_read(reply: ReplyBody) -> None:
    with pytest.raises(frames.FrameError):
        frames.unpack_reply(encoded(1, msgspec.to_builtins(reply)))


def test_lone_surrogates_are_not_even_read() -> None:
    payload = encoded(1, {"type": "Failed", "error": {"code": "damaged", "message": "abc", "advice": ""}})
    with pytest.raises(frames.FrameError):
        frames.unpack_reply(payload.replace(b"abc", b"\xed\xa0\x80"))


@pytest.mark.parametrize(
    "done",
    [
        Exported("/etc/passwd", 1, False),
        Exported("/out/../etc/a.md", 1, False),
        Exported("a.md", 1, False),
        Exported("/out/a.md", 1, False, ("/out/../b",)),
        Exported("/out/a.md", 1, False, ("/home/x/b.png",)),
        Exported("/out/a.md", 1, False, (), ("\x1b]0;title\x07",)),
        Exported("https://example.org/a.md", 1, False),
        Exported("/out/a\0.md", 1, False),
    ],
)
def test_exports_lie_where_they_should(done: Exported) -> None:
    with pytest.raises(LieError):
        check_exported(done, Path("/out/a.md"))


def test_a_hosts_sentence_is_one_line_that_ends() -> None:
    error = told(ErrorInfo(ErrorCode.DAMAGED, "It is\n\x1b[31mred\x00.", "x" * 10_000))
    assert error.message == "It is [31mred ."
    assert len(error.advice) == 500
    assert told(ErrorInfo(ErrorCode.DAMAGED, "\n")).message == "It could not be done."
