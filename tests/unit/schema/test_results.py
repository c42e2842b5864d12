from __future__ import annotations

import msgspec
import pytest

from desktop_ocr.schema.results import Block, BlockKind, check_page_result
from tests.fakes.fake_host import fake_result

GOOD = fake_result(0)
replace = msgspec.structs.replace


def test_a_good_result_passes() -> None:
    check_page_result(GOOD)


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, width=float("nan")),
        replace(GOOD, dpi=0.0),
        replace(GOOD, rotation=45),
        replace(GOOD, page=-1),
        replace(GOOD, lines=(replace(GOOD.lines[0], confidence=1.5),)),
        replace(GOOD, lines=(replace(GOOD.lines[0], polygon=(float("inf"),) * 8),)),
        replace(GOOD, blocks=()),
        replace(GOOD, blocks=(*GOOD.blocks, *GOOD.blocks)),
        replace(GOOD, blocks=(Block(BlockKind.TEXT, (0, 0, 1, 1), (0, 1)),)),
    ],
    ids=["nan", "dpi", "rotation", "page", "confidence", "polygon", "dropped", "doubled", "unknown line"],
)
def test_what_a_host_must_not_send_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_page_result(bad)  # type: ignore[arg-type]
