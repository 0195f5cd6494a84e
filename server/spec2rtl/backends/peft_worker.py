"""The process that runs a transformers model: `python -m spec2rtl.backends.peft_worker`.

It reads one `Load`, then an `Ask` at a time; nobody asks for long: it ends, and its memory is free.
"""

import os
import queue
import sys
import threading
import traceback
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from spec2rtl.backends.peft_wire import (
    Answer,
    Ask,
    Cancel,
    Failed,
    Load,
    Loaded,
    Piece,
    read_request,
)
from spec2rtl.backends.worker import take_stdout
from spec2rtl.errors import BackendError

if TYPE_CHECKING:
    from spec2rtl.backends.peft_load import Local


class Service:
    """One model and the requests for it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._asked: queue.Queue[Ask] = queue.Queue()
        self._cancelled = 0  # replies are asked for in the order of their numbers

    def listen(self, lines: BinaryIO) -> None:
        """Take requests until whoever makes them is gone; then so are we."""
        for line in lines:
            match read_request(line):
                case Ask() as ask:
                    self._asked.put(ask)
                case Cancel(number):
                    self._cancelled = number
                case Load():
                    raise ValueError("a second order")
        os._exit(0)

    def serve(self, order: Load) -> None:
        """Load the model, and reply until nobody has asked for long."""
        try:
            local = self._load(order)
        except BackendError as error:
            return self._tell(Failed(str(error)))
        self._tell(Loaded())
        while True:
            try:
                ask = self._asked.get(timeout=order.options.idle_seconds)
            except queue.Empty:
                return None
            if ask.number > self._cancelled:
                self._reply(local, ask)

    def _load(self, order: Load) -> "Local":
        try:
            from spec2rtl.backends import peft_load
        except ModuleNotFoundError as error:
            raise BackendError(
                f"{error.name} is not installed; pip install 'spec2rtl[local]', "
                "or choose another backend"
            ) from None
        return peft_load.load(order, self._tell)

    def _reply(self, local: "Local", ask: Ask) -> None:
        from spec2rtl.backends.peft_reply import reply

        number = ask.number
        try:
            self._tell(
                reply(
                    local,
                    ask,
                    emit=lambda text: self._tell(Piece(number, text)),
                    cancelled=lambda: self._cancelled >= number,
                )
            )
        except BackendError as error:
            self._tell(Failed(str(error), number))

    def _tell(self, answer: Answer) -> None:
        self._out.write(msgspec.json.encode(answer) + b"\n")
        self._out.flush()


def main() -> None:
    """Serve one model."""
    service = Service(take_stdout())
    order = read_request(sys.stdin.buffer.readline())
    assert isinstance(order, Load)
    # Requests are heard while a reply is written, or the model is still being loaded.
    threading.Thread(target=service.listen, args=[sys.stdin.buffer], daemon=True).start()
    status = 0
    try:
        service.serve(order)
    except BaseException:  # a library's
        traceback.print_exc()
        status = 1
    os._exit(status)  # an orderly end would wait for the thread that holds standard input


if __name__ == "__main__":
    main()
