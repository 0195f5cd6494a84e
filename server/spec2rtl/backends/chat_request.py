"""The body of an OpenAI chat request, and what to leave out for a server that refuses a field."""

import json
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from spec2rtl.chat import Message, Prompt

Continuation = Literal["none", "implied", "flagged"]
"""How a server is told to continue the last assistant message.

`none`: it can't; `implied`: it always does (llama.cpp); `flagged`: by two extra fields (vLLM,
SGLang, `transformers serve`).
"""


class Shape(Struct, frozen=True):
    """Which of the optional fields a server takes; learned from its refusals."""

    format: Literal["json_schema", "json_object", "text"] = "json_schema"
    usage: bool = True
    seed: bool = True
    temperature: bool = True
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"


def build(prompt: Prompt, model: str, shape: Shape, continuation: Continuation) -> dict[str, Any]:
    """Build the arguments of `chat.completions.create`."""
    body: dict[str, Any] = {"model": model, "messages": _messages(prompt, shape, continuation)}
    body[shape.limit] = prompt.max_tokens
    if shape.usage:
        body["stream_options"] = {"include_usage": True}
    if shape.seed and prompt.seed is not None:
        body["seed"] = prompt.seed
    if shape.temperature and prompt.temperature is not None:
        body["temperature"] = prompt.temperature
    if prompt.schema is not None and shape.format != "text":
        body["response_format"] = _response_format(prompt.schema, shape)
    if prompt.prefix and continuation == "flagged":
        body["extra_body"] = {"add_generation_prompt": False, "continue_final_message": True}
    return body


def concede(shape: Shape, body: dict[str, Any], complaint: str) -> Shape | None:
    """Give up the field of `body` that a refusal complains of; None: there is none left to blame.

    A complaint that names no field is first held against the schema, then against the wish for
    usage figures: the two that small servers most often lack.
    """
    said = complaint.lower()
    if "context" in said:  # the prompt is too long, however it is dressed
        return None
    weaker = {
        "response_format": _weaker_format(shape),
        "stream_options": replace(shape, usage=False),
        "seed": replace(shape, seed=False),
        "temperature": replace(shape, temperature=False),
        "max_tokens": replace(shape, limit="max_completion_tokens"),
    }
    for field, words in _COMPLAINTS.items():
        if field in body and any(word in said for word in words):
            return weaker[field]
    for field in ("response_format", "stream_options"):
        if field in body:
            return weaker[field]
    return None


_COMPLAINTS = {
    "response_format": ("response_format", "schema", "grammar", "guided", "json_object"),
    "stream_options": ("stream_options", "include_usage"),
    "seed": ("seed",),
    "temperature": ("temperature",),
    "max_tokens": ("max_completion_tokens",),
}


def _weaker_format(shape: Shape) -> Shape:
    return replace(shape, format="json_object" if shape.format == "json_schema" else "text")


def _response_format(schema: dict[str, Any], shape: Shape) -> dict[str, Any]:
    if shape.format == "json_object":
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": True},
    }


def with_schema(prompt: Prompt) -> tuple[Message, ...]:
    """The messages, the schema spelt out in the last where nothing else tells the model of it."""
    if prompt.schema is None:
        return prompt.messages
    *before, last = prompt.messages
    ask = f"Answer with one JSON object of this JSON Schema:\n{json.dumps(prompt.schema)}"
    return (*before, replace(last, content=f"{last.content}\n\n{ask}"))


def _messages(prompt: Prompt, shape: Shape, continuation: Continuation) -> list[dict[str, str]]:
    messages = prompt.messages if shape.format == "json_schema" else with_schema(prompt)
    if prompt.prefix and continuation != "none":
        messages = (*messages, Message("assistant", prompt.prefix))
    return [{"role": m.role, "content": m.content} for m in messages]
