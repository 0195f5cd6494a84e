"""A reflector's answer: the root cause of a failure and how to mend it."""

import re
from typing import Any, Literal

import msgspec
from msgspec import Struct

from spec2rtl.repair.edits import Edit


class Query(Struct, frozen=True):
    """A question to the recording of a failing test.

    `first`: when a condition first holds; `count`: at how many clock edges it does between two
    times, such as those of a handshake; `stuck`: what never changes.
    """

    kind: Literal["first", "count", "stuck"]
    condition: str | None = None
    from_ns: float | None = None
    to_ns: float | None = None


class Reflection(Struct, frozen=True):
    """A diagnosis; `edits` where the repair is exact, else `instruction` to the generator.

    With `queries` it is none yet: they are to be answered first.
    """

    root_cause: str
    lines: tuple[int, ...] = ()
    edits: tuple[Edit, ...] | None = None
    instruction: str | None = None
    queries: tuple[Query, ...] | None = None


class Unreadable(Struct, frozen=True):
    """Why an answer is no reflection, in one sentence."""

    why: str


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "root_cause": {
            "type": "string",
            "description": "What is wrong in the RTL and why that makes it fail, in a sentence.",
        },
        "lines": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "The numbers of the lines of the RTL that are at fault.",
        },
        "edits": {
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "properties": {
                    "search": {
                        "type": "string",
                        "description": "A text that occurs exactly once in the RTL, as it is"
                        " there, without line numbers.",
                    },
                    "replace": {"type": "string", "description": "What takes its place."},
                },
                "required": ["search", "replace"],
                "additionalProperties": False,
            },
            "description": "The repair as exact edits; null when it can't be given so.",
        },
        "instruction": {
            "type": ["string", "null"],
            "description": "What the designer should change; null when the edits say it all.",
        },
    },
    "required": ["root_cause", "lines", "edits", "instruction"],
    "additionalProperties": False,
}

QUERIES: dict[str, Any] = {
    "type": ["array", "null"],
    "items": {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": ["first", "count", "stuck"]},
            "condition": {
                "type": ["string", "null"],
                "description": "For first and count: a Verilog expression of signals of the top"
                " module, or of those below it by their path.",
            },
            "from_ns": {"type": ["number", "null"]},
            "to_ns": {"type": ["number", "null"]},
        },
        "required": ["kind", "condition", "from_ns", "to_ns"],
        "additionalProperties": False,
    },
    "description": "Questions to the recording, instead of a diagnosis, which is asked for again"
    " with their answers; else null.",
}
"""What the schema has besides, where a failing test was recorded."""


def schema(*, recorded: bool) -> dict[str, Any]:
    """Give the schema of a reflection; one on a recording may ask questions first."""
    if not recorded:
        return SCHEMA
    return SCHEMA | {
        "properties": SCHEMA["properties"] | {"queries": QUERIES},
        "required": [*SCHEMA["required"], "queries"],
    }


_FENCED = re.compile(r"^[ \t]*```[\w-]*[ \t]*\n(.*?)^[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)


def read_reflection(text: str, *, may_ask: bool = False) -> Reflection | Unreadable:
    """Read the JSON of a reflection, in a fence or bare; never raises.

    `may_ask`: questions alone are an answer too.
    """
    fenced = _FENCED.search(text)
    body = (fenced[1] if fenced else text).strip()
    if not body:
        return Unreadable("the reply is empty")
    try:
        reflection = msgspec.json.decode(body.encode(errors="replace"), type=Reflection)
    except msgspec.ValidationError as error:
        return Unreadable(f"the reply is not a reflection: {error}")
    except (msgspec.DecodeError, RecursionError) as error:
        return Unreadable(f"the reply is not one JSON object: {error}")
    return _checked(reflection, may_ask=may_ask)


def _checked(reflection: Reflection, *, may_ask: bool) -> Reflection | Unreadable:
    if not reflection.root_cause.strip() and not (may_ask and reflection.queries):
        asks = bool(reflection.queries)
        return Unreadable("the reply only asks" if asks else "the reply names no root cause")
    if any(not edit.search.strip() for edit in reflection.edits or ()):
        return Unreadable("an edit of the reply has an empty search text")
    return reflection
