"""The process that runs llama.cpp: `python -m spec2rtl.backends.llama_server`.

It reads one `Order` from its standard input, loads the model, writes one `Ready` to its standard
output and serves the OpenAI protocol on 127.0.0.1 until its standard input ends.
"""

import os
import sys
from importlib import import_module
from typing import Any

import msgspec
from msgspec import Struct

from spec2rtl.backends.worker import take_stdout

CONTEXT = 16384
"""Tokens of prompt and reply together; 28 KiB each with the 1.5B."""

PROMPT_CACHE_MIB = 512
"""Where the states of earlier prompts are kept, so that two roles don't evict each other."""

ERRORS_ONLY = 1


class Order(Struct, frozen=True):
    """What to serve, and the key without which nobody is answered."""

    model: str
    key: str


class Ready(Struct, frozen=True):
    """The server answers at `url`; `error` says why it doesn't."""

    url: str = ""
    error: str = ""


def main() -> None:
    """Serve until the parent is gone."""
    out = take_stdout()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    server = None
    try:
        server = _serve(order)
        ready = Ready(url=server.listening_address)
    except ModuleNotFoundError:
        ready = Ready(
            error="xllamacpp, which runs embedded models, is not installed; "
            "pip install xllamacpp, or choose another backend"
        )
    except Exception as error:  # whatever keeps llama.cpp from starting
        ready = Ready(error=f"{order.model} can't be loaded: {' '.join(str(error).split())}")
    out.write(msgspec.json.encode(ready) + b"\n")
    out.close()
    if server:
        sys.stdin.buffer.read()
    os._exit(0)  # an orderly end would wait for replies that nobody reads


def _serve(order: Order) -> Any:
    xllamacpp = import_module("xllamacpp")  # it has no types
    params = xllamacpp.CommonParams()
    params.model.path = order.model
    params.api_keys = [order.key]
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.ui = False
    params.verbosity = ERRORS_ONLY
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
