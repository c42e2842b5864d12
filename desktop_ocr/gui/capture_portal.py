"""A picture of the screen from the desktop itself, through its portal: the one way there is under Wayland.

The desktop lets the user choose the region, or asks whether we may see the screen, by its own rules.
See https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Screenshot.html
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from desktop_ocr.gui.notification_ports import session_bus
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

SERVICE = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SCREENSHOT = "org.freedesktop.portal.Screenshot"
REQUEST = "org.freedesktop.portal.Request"
ASK_SECONDS = 10.0
CHOOSE_SECONDS = 300.0  # for the user to choose a region
CHOSEN, GIVEN_UP = 0, 1


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
    try:
        return await _asked(address)
    except (OSError, DBusErrorResponse, RouterClosed, RuntimeError, ValueError, TimeoutError, EOFError) as error:
        raise _not_to_be_had(str(error) or type(error).__name__) from error


async def _asked(address: str) -> Path | None:
    from jeepney import DBusAddress, MatchRule, message_bus, new_method_call
    from jeepney.io.asyncio import Proxy, open_dbus_router
    from jeepney.wrappers import unwrap_msg

    async with open_dbus_router(bus=address) as router:
        token = f"desktop_ocr_{os.getpid()}_{os.urandom(4).hex()}"
        sender = router.unique_name.lstrip(":").replace(".", "_")
        # Listened to before it is asked: the answer may come before the reply to the call.
        handle = f"{PATH}/request/{sender}/{token}"
        rule = MatchRule(type="signal", interface=REQUEST, member="Response", path=handle)
        with router.filter(rule, bufsize=4) as signals:
            await asyncio.wait_for(Proxy(message_bus, router).AddMatch(rule), ASK_SECONDS)
            call = new_method_call(
                DBusAddress(PATH, SERVICE, SCREENSHOT),
                "Screenshot",
                "sa{sv}",
                ("", {"interactive": ("b", True), "modal": ("b", True), "handle_token": ("s", token)}),
            )
            unwrap_msg(await asyncio.wait_for(router.send_and_get_reply(call), ASK_SECONDS))
            answer = await asyncio.wait_for(signals.get(), CHOOSE_SECONDS)
    return _file_of(answer.body)


def _file_of(body: tuple[object, ...]) -> Path | None:
    """The file that an answer names.

    Raises:
        ValueError: it names none.
    """
    if len(body) != 2 or body[0] not in (CHOSEN, GIVEN_UP):
        raise ValueError("it was refused")
    if body[0] == GIVEN_UP:
        return None
    uri = body[1].get("uri", ("s", ""))[1] if isinstance(body[1], dict) else ""
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
