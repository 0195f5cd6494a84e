"""The body of a Messages request: what is cached, what is thought, how an answer is structured.

Three facts of the API (version 2026-10-21) shape it. It takes no temperature and no seed, so
`Prompt.temperature` and `Prompt.seed` go unused. From Claude 5.5 on it refuses a forced tool, so
the tool is offered and asked for. Claude 5 and later think before they answer, and thoughts count
as output tokens.
"""

import re
from typing import Any

from spec2rtl.chat import Message, Prompt

TOOL = "answer"

ASK = f"Answer by calling the tool `{TOOL}` exactly once, with nothing before or after the call."

THINKING_TOKENS = 16_384
"""Room for thoughts above `Prompt.max_tokens`; a ceiling, not a cost."""


def build(prompt: Prompt, model: str, *, strict: bool) -> dict[str, Any]:
    """Build the arguments of `messages.create`; `strict` has the server enforce the schema."""
    stable = prompt.messages[: prompt.stable]
    system = [message for message in prompt.messages if message.role == "system"]
    turns = [message for message in prompt.messages if message.role != "system"]
    stable_turns = sum(message.role != "system" for message in stable)

    blocks = [_text(message.content) for message in system]
    if prompt.schema is not None:
        blocks.append(_text(ASK))
    if blocks and stable:
        _cache(blocks[-1])
    messages = [_turn(turn) for turn in turns]
    if stable_turns:
        _cache(messages[stable_turns - 1]["content"][0])

    body: dict[str, Any] = {
        "model": model,
        "max_tokens": prompt.max_tokens + (THINKING_TOKENS if thinks(model) else 0),
        "messages": messages,
    }
    if blocks:
        body["system"] = blocks
    if prompt.schema is not None:
        body["tools"] = [_tool(prompt.schema, strict)]
        body["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": True}
    return body


def thinks(model: str) -> bool:
    """Does this model think unless told otherwise? (Those before Claude 5 don't.)"""
    return not re.match(r"claude-(?:(?:opus|sonnet|haiku)-4|3)\b", model)


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _turn(message: Message) -> dict[str, Any]:
    return {"role": message.role, "content": [_text(message.content)]}


def _cache(block: dict[str, Any]) -> None:
    """Have the prompt cached up to and including this block."""
    block["cache_control"] = {"type": "ephemeral"}


def _tool(schema: dict[str, Any], strict: bool) -> dict[str, Any]:
    tool = {"name": TOOL, "description": "Takes the whole answer.", "input_schema": schema}
    return {**tool, "strict": True} if strict else tool
