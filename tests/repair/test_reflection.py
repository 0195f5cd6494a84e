import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.repair.edits import Edit
from spec2rtl.repair.reflection import SCHEMA, Reflection, Unreadable, read_reflection

WHOLE = {
    "root_cause": "The reset is asynchronous.",
    "lines": [3, 4],
    "edits": [{"search": "a", "replace": "b"}],
    "instruction": None,
}


def check(reply: str, expected: Reflection) -> None:
    assert read_reflection(reply) == expected


def test_what_the_schema_asks_for_is_read() -> None:
    jsonschema.validate(WHOLE, SCHEMA)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    check(json.dumps(WHOLE), Reflection("The reset is asynchronous.", (3, 4), (Edit("a", "b"),)))


def test_fences_prose_around_them_and_missing_fields() -> None:
    reply = 'Here:\n```json\n{"root_cause": "x", "instruction": "do"}\n```\nDone.'
    check(reply, Reflection("x", instruction="do"))
    check('\n{"root_cause": "x"}\n', Reflection("x"))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "empty"),
        ("It is wrong.", "not one JSON object"),
        ('{"root_cause": "x"', "not one JSON object"),
        ('{"root_cause": "x"} {"root_cause": "y"}', "not one JSON object"),
        ("[1]", "Expected `object`, got `array`"),
        ("{}", "missing required field `root_cause`"),
        ('{"root_cause": 3}', "Expected `str`, got `int` - at `$.root_cause`"),
        ('{"root_cause": " "}', "no root cause"),
        ('{"root_cause": "x", "lines": ["3"]}', "at `$.lines[0]`"),
        ('{"root_cause": "x", "edits": [{"search": "a"}]}', "`replace`"),
        ('{"root_cause": "x", "edits": [{"search": "", "replace": "b"}]}', "empty search"),
        ("[" * 100_000, "not"),
    ],
)
def test_unreadable(reply: str, why: str) -> None:
    read = read_reflection(reply)
    assert isinstance(read, Unreadable)
    assert why in read.why


@given(st.text(max_size=100) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_never_raises(reply: str) -> None:
    read_reflection(reply)
