"""The YAML block between two `---` lines at a spec's head."""

import difflib
from collections.abc import Callable
from typing import Any, cast

import yaml
from msgspec import Struct, field

from spec2rtl.rtl import Language, split_lines
from spec2rtl.spec.model import FrontMatter, SpecIssue
from spec2rtl.spec.require import ALLOWED, Require, read_require

_MOST_CHARACTERS = 20_000
# PyYAML lets these through for odd tags, numbers and dates.
_UNREADABLE = (
    yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError,
    RecursionError,
)  # fmt: skip
_KEYS = ("module", "tests", "language", "sources", "require")
BAD_BUDGET = "front-matter-bad-budget"
"""The issue of a budget that can't be read: without it a verdict would say too much."""
BAD_LANGUAGE = "front-matter-bad-language"
"""The issue of a language that we don't write: no other would be what was asked for."""
_CODES = {"require": BAD_BUDGET, "language": BAD_LANGUAGE}
_LANGUAGES: dict[str, Language] = {
    "verilog": "verilog",
    "systemverilog": "systemverilog",
    "sv": "systemverilog",
    "v": "verilog",
}


class Head(Struct, frozen=True):
    """The front matter, the body below it and the number of the body's first line."""

    body: str
    first_line: int = 1
    front_matter: FrontMatter = field(default_factory=FrontMatter)
    issues: tuple[SpecIssue, ...] = ()


def read(text: str) -> Head:
    """Split a spec into front matter and body; a block that isn't YAML is an issue."""
    lines = split_lines(text.removeprefix("\ufeff"))
    if lines[0].rstrip() != "---":
        return Head("\n".join(lines))
    end = next((n for n in range(1, len(lines)) if lines[n].rstrip() in {"---", "..."}), None)
    block = lines[1:end] if end else []
    # A rule at the head of a document is not front matter: that has a key or nothing in it.
    if end is None or (any(line.strip() for line in block) and not any(":" in b for b in block)):
        return Head("\n".join(lines))
    front_matter, issues = _parse(block)
    return Head("\n".join(lines[end + 1 :]), end + 2, front_matter, issues)


def _parse(block: list[str]) -> tuple[FrontMatter, tuple[SpecIssue, ...]]:
    if sum(map(len, block)) > _MOST_CHARACTERS:
        message = "the front matter is too long; it is ignored"
        return FrontMatter(), (SpecIssue("front-matter-invalid", message, 1),)
    try:
        data: object = yaml.safe_load("\n".join(block))
    except _UNREADABLE as error:
        mark = getattr(error, "problem_mark", None)
        line = 2 + min(mark.line, len(block)) if mark is not None else 1
        message = "the front matter is not valid YAML; it is ignored"
        return FrontMatter(), (SpecIssue("front-matter-invalid", message, line),)
    if data is None:
        return FrontMatter(), ()
    if not isinstance(data, dict):
        message = "the front matter must be `key: value` lines; it is ignored"
        return FrontMatter(), (SpecIssue("front-matter-invalid", message, 1),)
    return _take(cast("dict[object, object]", data), block)


def _take(
    data: dict[object, object], block: list[str]
) -> tuple[FrontMatter, tuple[SpecIssue, ...]]:
    values: dict[str, Any] = {}
    issues: list[SpecIssue] = []
    lines = {line.partition(":")[0].strip("\"' "): n for n, line in enumerate(block, start=2)}
    for key, value in data.items():
        name = key if isinstance(key, str) else "?"
        line = lines.get(name, 1)
        if name not in _KEYS:
            issues.append(SpecIssue("front-matter-unknown-key", _unknown(name), line))
        elif value is not None:
            expected, take = _READERS[name]
            taken = take(value)
            if taken is None:
                message = f"front matter: `{name}` must be {expected}"
                code = _CODES.get(name, "front-matter-bad-value")
                issues.append(SpecIssue(code, message, line))
            elif name == "require":
                values[name], unread = _budgets(cast("tuple[str, ...]", taken), block, line)
                issues += unread
            else:
                values[name] = taken
    return FrontMatter(**values), tuple(issues)


def _budgets(
    texts: tuple[str, ...], block: list[str], line: int
) -> tuple[tuple[Require, ...], list[SpecIssue]]:
    """Read budgets; each that can't be read is an issue on its line."""
    found: list[Require] = []
    issues: list[SpecIssue] = []
    for text in _rejoined(texts):
        budget = read_require(text)
        if budget is None:
            at = next((n for n, row in enumerate(block, start=2) if text in row), line)
            message = f"front matter: `require`: `{text[:80]}` is no budget; allowed are {ALLOWED}"
            issues.append(SpecIssue(BAD_BUDGET, message, at))
        else:
            found.append(budget)
    return tuple(found), issues


def _rejoined(texts: tuple[str, ...]) -> list[str]:
    """Undo YAML's splitting of `[latency(a, b) <= 8]` without quotes at the comma."""
    joined: list[str] = []
    for text in texts:
        if joined and joined[-1].count("(") > joined[-1].count(")"):
            joined[-1] += f", {text}"
        else:
            joined.append(text)
    return joined


def _unknown(key: str) -> str:
    near = difflib.get_close_matches(key[:80], _KEYS, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(_KEYS)}"
    return f"front matter: unknown key `{key[:80]}`; {hint}"


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


def _name(value: object) -> str | None:
    text = _text(value)
    return text if text and text.isascii() and text.isidentifier() else None


def _language(value: object) -> Language | None:
    return _LANGUAGES.get(value.strip().lower()) if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value.strip(),) if value.strip() else None
    if isinstance(value, list):
        items = cast("list[object]", value)
        texts = [item.strip() for item in items if isinstance(item, str) and item.strip()]
        return tuple(texts) if len(texts) == len(items) else None
    return None


_READERS: dict[str, tuple[str, Callable[[object], object]]] = {
    "module": ("a Verilog identifier", _name),
    "tests": ("a path", _text),
    "language": ("verilog or systemverilog", _language),
    "sources": ("a path or a list of paths", _texts),
    "require": ("a budget or a list of budgets, each in quotes", _texts),
}
