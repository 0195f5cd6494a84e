import msgspec
import pytest

from spec2rtl.journal.redact import Redactor

KEY = "sk-ant-0123456789"
QUOTED = 'pass"word\\é9'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("nothing here", "nothing here"),
        (f"key {KEY}.", "key [redacted]."),
        ({"a": [1, None, True, {"b": f"x{KEY}{KEY}"}]}, None),
        ({f"path/{KEY}": 1.5}, {"path/[redacted]": 1.5}),
        ({"message": f"bad key: {QUOTED}"}, {"message": "bad key: [redacted]"}),
        ("EMPTY is a placeholder", "EMPTY is a placeholder"),
        (f"{KEY}-longer", "[redacted]"),
    ],
)
def test_json(value: object, expected: object) -> None:
    redactor = Redactor([KEY, f"{KEY}-longer", QUOTED, "EMPTY", ""])
    document = redactor.json(msgspec.json.encode(value))
    expected = expected or {"a": [1, None, True, {"b": "x[redacted][redacted]"}]}
    assert msgspec.json.decode(document) == expected


def test_untouched_documents_keep_their_bytes() -> None:
    document = b'{ "a" : 1.0, "b":"\\u0041" }'
    assert Redactor([KEY]).json(document) is document


def test_text() -> None:
    assert Redactor([KEY]).text(f"{KEY}/spec.md") == "[redacted]/spec.md"
