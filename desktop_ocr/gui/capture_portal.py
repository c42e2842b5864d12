"""A picture of the screen from the desktop itself, through its portal: the one way there is under Wayland.

The desktop lets the user choose the region, or asks whether we may see the screen, by its own rules.
See https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Screenshot.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from desktop_ocr.gui.notification_ports import session_bus
from desktop_ocr.gui.portal import GIVEN, GIVEN_UP, open_portal
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

SCREENSHOT = "org.freedesktop.portal.Screenshot"
CHOOSE_SECONDS = 300.0  # for the user to choose a region


async def portal_shot(address: str | None = None) -> Path | None:
    """Have the desktop take a picture.

    Args:
        address: of the message bus; None for the user's own.

    Returns:
        The file it was written to, or None where the user gave up.

    Raises:
        DesktopOcrError: there is no portal, or it does not do this.
    """
    from jeepney import DBusErrorResponse
    from jeepney.io.common import RouterClosed

    address = address or session_bus()
    if address is None:
        raise _not_to_be_had("there is no session bus")
    options = {"interactive": ("b", True), "modal": ("b", True)}
    try:
        async with open_portal(address) as portal:
            return _file_of(
                *await portal.ask(SCREENSHOT, "Screenshot", "s", ("",), options, answer_seconds=CHOOSE_SECONDS)
            )
    except (OSError, DBusErrorResponse, RouterClosed, RuntimeError, ValueError, TimeoutError, EOFError) as error:
        raise _not_to_be_had(str(error) or type(error).__name__) from error


def _file_of(code: int, given: dict[str, Any]) -> Path | None:
    """The file that an answer names.

    Raises:
        ValueError: it names none.
    """
    if code not in (GIVEN, GIVEN_UP):
        raise ValueError("it was refused")
    if code == GIVEN_UP:
        return None
    uri = given.get("uri", ("s", ""))[1]
    parts = urlsplit(str(uri))
    if parts.scheme != "file" or not parts.path:
        raise ValueError("it gave no file")
    return Path(unquote(parts.path))


def _not_to_be_had(why: str) -> DesktopOcrError:
    return DesktopOcrError(
        ErrorCode.NO_PERMISSION,
        tr("The desktop gave no picture of the screen ({why}).").format(why=why),
        tr("Copy a region with the desktop's own screenshot tool, and paste it here (Ctrl+V)."),
    )
