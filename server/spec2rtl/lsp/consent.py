"""Asks before text leaves the machine, once for a workspace."""

from typing import TYPE_CHECKING

from lsprotocol import types

from spec2rtl.backends.name import parse_backend
from spec2rtl.errors import InputError
from spec2rtl.lsp import wire
from spec2rtl.session import Order

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

YES, NO = "Send", "Don't send"


async def consent(ls: "Server", order: Order, notices: list[str]) -> None:
    """Show what was chosen; where a backend is remote and the user must be asked, ask.

    Raises `InputError` when the answer is no.
    """
    for line in notices:
        ls.log(f"Spec2RTL: {line}")
    remote = [name for name in {order.generator, order.reflector} if _remote(name)]
    if not remote or ls.consented:
        return
    if ls.client.options.remote == "allowed":
        return
    what = " and ".join(sorted(remote))
    if ls.client.options.remote is None:
        ls.tell(f"Spec2RTL: specification, RTL and tests are sent to {what}")
        ls.consented = True
        return
    answer = await ls.protocol.ask(
        types.WINDOW_SHOW_MESSAGE_REQUEST,
        types.ShowMessageRequestParams(
            types.MessageType.Warning,
            f"Spec2RTL will send specification, RTL and tests of this workspace to {what}.",
            [types.MessageActionItem(YES), types.MessageActionItem(NO)],
        ),
    )
    if getattr(answer, "title", None) != YES:
        raise InputError(f"nothing was sent to {what}: you did not agree; choose a local generator")
    ls.consented = True
    ls.emit(wire.CONSENTED, {})


def _remote(name: str) -> bool:
    return parse_backend(name).remote
