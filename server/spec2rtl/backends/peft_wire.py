"""What we and the transformers worker say to each other, a line of JSON each."""

from typing import Literal

import msgspec
from msgspec import Struct

from spec2rtl.chat import Prompt
from spec2rtl.config import settings

Precision = Literal["bf16", "fp32", "4bit"]
Device = Literal["cuda", "mps", "cpu"]


class Options(Struct, frozen=True):
    """How a model is loaded and kept; see the settings `peft_…`."""

    merge: settings.Merge = "auto"
    precision: settings.Precision = "auto"
    device: settings.Device = "auto"
    max_tokens: int = 2048
    idle_seconds: float = 900.0


class Load(Struct, frozen=True, tag="load"):
    """The first line: what to load; a base or an adapter is a folder or a name on the hub."""

    base: str
    adapter: str | None
    options: Options


class Ask(Struct, frozen=True, tag="ask"):
    """Reply to a prompt; whatever is said of it carries its number."""

    number: int
    prompt: Prompt


class Cancel(Struct, frozen=True, tag="cancel"):
    """Nobody waits for this reply any more."""

    number: int


class Loading(Struct, frozen=True, tag="loading"):
    """How far downloading or loading is; bytes."""

    what: str
    done: int
    total: int


class Loaded(Struct, frozen=True, tag="loaded"):
    """The model answers now."""


class Piece(Struct, frozen=True, tag="piece"):
    """A piece of a reply."""

    number: int
    text: str


class Done(Struct, frozen=True, tag="done"):
    """A reply is complete, or was cancelled."""

    number: int
    prompt_tokens: int
    completion_tokens: int
    truncated: bool


class Failed(Struct, frozen=True, tag="failed"):
    """Why there is no reply; number 0: why there is no model, after which the worker ends."""

    error: str
    number: int = 0


Request = Load | Ask | Cancel
Answer = Loading | Loaded | Piece | Done | Failed

_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def read_request(line: bytes) -> Request:
    """Read what is said to the worker."""
    return _requests.decode(line)


def read_answer(line: bytes) -> Answer:
    """Read what the worker says."""
    return _answers.decode(line)
