"""Which formats there are: ours, and those of other packages, which the document host alone may load."""

from __future__ import annotations

import asyncio
import logging
from importlib.metadata import entry_points

from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.document_messages import Formats, ListFormats
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import EXPORTERS, FORMAT_NAME, FORMAT_SUFFIX, FORMATS, MOST_LETTERS, FormatInfo

log = logging.getLogger(__name__)

SECONDS = 60.0
_OURS = frozenset(info.name for info in FORMATS)


class FormatList:
    """The formats, asked for once."""

    def __init__(self, reader: HostSlot) -> None:
        """Ask `reader`."""
        self._reader = reader
        self._known: tuple[FormatInfo, ...] | None = None

    async def all(self) -> tuple[FormatInfo, ...]:
        """All of them. No document host is started where no other package brings any."""
        if self._known is None:
            if not await asyncio.to_thread(brought_names):
                self._known = FORMATS
            else:
                try:
                    reply = await self._reader.ask(ListFormats(), Formats, SECONDS)
                except DesktopOcrError as error:
                    log.warning("the formats of other packages are not known: %s", error.code)
                    return FORMATS
                self._known = (*FORMATS, *(info for info in reply.formats if _is_sound(info)))
        return self._known

    async def named(self, name: str) -> FormatInfo:
        """The format of that name; other packages are only looked for where it is none of ours.

        Raises:
            DesktopOcrError: USAGE, there is none; EXPORT_FAILED, its package does not work.
        """
        infos = FORMATS if name in _OURS else await self.all()
        for info in infos:
            if info.name == name:
                return info
        brought = await asyncio.to_thread(lambda: [one for one in entry_points(group=EXPORTERS) if one.name == name])
        if brought:
            package = brought[0].dist.name if brought[0].dist is not None else "?"
            raise DesktopOcrError(
                ErrorCode.EXPORT_FAILED,
                f"The format '{name}' of the package '{package}' does not work.",
                "Update that package or remove it; the program's log says more.",
            )
        raise DesktopOcrError(
            ErrorCode.USAGE, f"There is no format '{name}'.", f"Choose of {', '.join(one.name for one in infos)}."
        )


def brought_names() -> list[str]:
    """Names of other packages' formats, whether or not they work; nothing of them is imported for it."""
    return sorted({point.name for point in entry_points(group=EXPORTERS)} - _OURS)


def _is_sound(info: FormatInfo) -> bool:
    """Whether what another process says can be believed."""
    return (
        not info.ours
        and info.name not in _OURS
        and FORMAT_NAME.fullmatch(info.name) is not None
        and FORMAT_SUFFIX.fullmatch(info.suffix) is not None
        and max(len(info.title), len(info.text)) <= MOST_LETTERS
    )
