"""Asks before text leaves the machine, and before tests run unconfined: each once a workspace."""

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Literal

from lsprotocol import types
from msgspec import Struct

from spec2rtl.backends.name import parse_backend
from spec2rtl.config.folders import data_dir
from spec2rtl.config.settings import Settings
from spec2rtl.errors import InputError
from spec2rtl.lsp.protocol import attribute
from spec2rtl.lsp.server import Server
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.rtl import digest
from spec2rtl.session import Order
from spec2rtl.wiring import unconfined

Risk = Literal["remote", "unconfined"]
"""Text leaves the machine; tests run without a sandbox."""


class _Question(Struct, frozen=True):
    """What is asked, its two answers, and the line that follows the second."""

    to: Risk
    text: str
    yes: str
    no: str
    refused: str


async def consent(ls: Server, order: Order, notices: list[str]) -> None:
    """Show what was chosen; where a backend is remote and the user must be asked, ask.

    Raises `InputError` when the answer is no.
    """
    for line in notices:
        ls.log(f"Spec2RTL: {line}")
    remote = {name for name in (order.generator, order.reflector) if parse_backend(name).remote}
    if remote:
        what = " and ".join(sorted(remote))
        question = _Question(
            "remote",
            f"specification, RTL and tests of this workspace are sent to {what}",
            yes="Send",
            no="Don't send",
            refused=f"nothing was sent to {what}: you did not agree; choose a local generator",
        )
        await _ask(ls, question)


async def consent_unconfined(ls: Server, settings: Settings) -> None:
    """Ask before tests run where no sandbox works; raises `InputError` when the answer is no."""
    if unconfined(settings, await asyncio.to_thread(best_sandbox)):
        question = _Question(
            "unconfined",
            "no sandbox works on this machine: tests and simulations of this workspace can read "
            "and write all that you can; only their time, memory and output are limited",
            yes="Run",
            no="Don't run",
            refused="nothing was run: no sandbox works here, and you did not agree to go without; "
            "the doctor says how to get one",
        )
        await _ask(ls, question)


async def _ask(ls: Server, question: _Question) -> None:
    async with ls.consenting:  # runs that begin together ask once
        if question.to in ls.consented:
            return
        workspace = _workspace(ls)
        if workspace and question.to in await asyncio.to_thread(_agreed, workspace):
            return
        if not ls.client.asks:
            ls.tell(f"Spec2RTL: {question.text}", types.MessageType.Warning)
            ls.consented.add(question.to)
            return
        answer = await ls.protocol.ask(
            types.WINDOW_SHOW_MESSAGE_REQUEST,
            types.ShowMessageRequestParams(
                types.MessageType.Warning,
                f"Spec2RTL: {question.text}.",
                [types.MessageActionItem(question.yes), types.MessageActionItem(question.no)],
            ),
        )
        if attribute(answer, "title") != question.yes:
            raise InputError(question.refused)
        ls.consented.add(question.to)
        if workspace:
            await asyncio.to_thread(_remember, workspace, question.to)


def _workspace(ls: Server) -> Path | None:
    """The file that remembers for a workspace, beside the journal; None: there is no folder."""
    folders = "\n".join(sorted(map(str, ls.workspaces.folders)))
    return data_dir(os.environ) / "agreed" / digest(folders)[:16] if folders else None


def _agreed(workspace: Path) -> set[str]:
    try:
        return set(workspace.read_text("utf-8").split())
    except (OSError, ValueError):
        return set()


def _remember(workspace: Path, risk: Risk) -> None:
    with contextlib.suppress(OSError):  # then it is asked again
        workspace.parent.mkdir(parents=True, exist_ok=True)
        workspace.write_text("\n".join(sorted({*_agreed(workspace), risk})), "utf-8")
