"""What is said to a model and what it answers, as values."""

from typing import Any, Literal

from msgspec import Struct, field

Role = Literal["generator", "reflector", "test_writer"]


class Message(Struct, frozen=True):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Prompt(Struct, frozen=True):
    """A request to a model.

    `prefix` is the beginning of the reply, to be continued (only for a model that `continues`;
    the reply's text then includes it). `schema` asks for a reply that is one JSON object of that
    JSON Schema. The first `stable` messages recur in later prompts of the run: cache them.
    `temperature` None: the model's own.
    """

    messages: tuple[Message, ...]
    prefix: str = ""
    schema: dict[str, Any] | None = None
    stable: int = 0
    temperature: float | None = None
    max_tokens: int = 4096
    seed: int | None = None


class Usage(Struct, frozen=True):
    """Tokens and price of one or more replies; `cost_usd` is None where no price is known.

    Of several replies it is the price of those whose price is known: a lower bound.
    `prompt_tokens` counts the whole prompt, the `cached_tokens` among them included.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None

    def __add__(self, other: "Usage") -> "Usage":
        costs = [u.cost_usd for u in (self, other) if u.cost_usd is not None]
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            sum(costs) if costs else None,
        )


class Delta(Struct, frozen=True, tag="delta"):
    """A piece of a reply, as it arrives."""

    text: str


class Progress(Struct, frozen=True, tag="progress"):
    """Something that must happen before the reply, such as a download; bytes or steps."""

    what: str
    done: int
    total: int


class Restart(Struct, frozen=True, tag="restart"):
    """What was streamed so far is void: the reply begins afresh (a dropped stream)."""

    why: str


class Reply(Struct, frozen=True, tag="reply"):
    """A whole reply; `truncated` when the token limit cut it."""

    text: str
    usage: Usage = field(default_factory=Usage)
    truncated: bool = False


Chunk = Delta | Progress | Restart | Reply
