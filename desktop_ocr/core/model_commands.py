"""The part of `SessionApi` that is about models on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_ocr.core.model_store import ModelShelf
from desktop_ocr.schema.model_store import InstallPlan, StoredModel


class ModelCommands:
    """Hands them on to the session's shelf."""

    _shelf: ModelShelf

    async def stored_models(self) -> list[StoredModel]:
        """See `SessionApi.stored_models`."""
        return await self._shelf.models()

    async def plan_install(self, names: Sequence[str]) -> InstallPlan:
        """See `SessionApi.plan_install`."""
        return await self._shelf.plan(names)

    async def install_models(self, names: Sequence[str]) -> None:
        """See `SessionApi.install_models`."""
        await self._shelf.install(names)

    async def cancel_install(self, name: str) -> None:
        """See `SessionApi.cancel_install`."""
        await self._shelf.cancel(name)

    async def remove_model(self, name: str) -> None:
        """See `SessionApi.remove_model`."""
        await self._shelf.remove(name)

    async def verify_model(self, name: str) -> None:
        """See `SessionApi.verify_model`."""
        await self._shelf.verify(name)

    async def import_models(self, folder: Path) -> list[str]:
        """See `SessionApi.import_models`."""
        return await self._shelf.take_over(folder)
