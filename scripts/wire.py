"""The TypeScript twin of what is said between server and editor."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from msgspec import Struct, inspect

from spec2rtl.doctor import Report
from spec2rtl.events import Event
from spec2rtl.journal.views import RunList
from spec2rtl.lsp import wire
from spec2rtl.lsp.tools import CheckAnswer, SimulationAnswer

FILE = Path(__file__).parent.parent / "client-vscode" / "src" / "wire.gen.ts"

EVENTS = get_args(Event)
ROOTS: tuple[type[Struct], ...] = (
    *(
        kind
        for kind in vars(wire).values()
        if isinstance(kind, type) and issubclass(kind, Struct) and kind is not Struct
        if not kind.__name__.startswith("_")
    ),
    *EVENTS,
    CheckAnswer,
    SimulationAnswer,
    Report,
    RunList,
)
ANSWERS = {
    wire.GENERATE: "RunAnswer",
    wire.REPAIR: "RunAnswer",
    wire.EDIT: "RunAnswer",
    wire.UPDATE: "RunAnswer",
    wire.CHECK: "CheckAnswer",
    wire.SIMULATE: "SimulationAnswer",
    wire.REFLECT: "Proposals",
    wire.CANCEL: "Cancelled",
    wire.DOCTOR: "Report",
    wire.RUNS: "RunList",
    wire.RUN: "RunDetail",
    wire.RESUME_RUN: "RunAnswer",
    wire.EXPORT_RUN: "ExportedRun",
    wire.DELETE_RUN: "RunArgs",
    wire.APPLY_RUN: "Applied",
    wire.TESTS: "TestList",
    wire.SPECS: "SpecList",
    wire.WAVES: "Waves",
}
HEAD = """// Generated from the server's types by `make generated`: do not edit.
"""


def text() -> str:
    """The whole file."""
    parts = [HEAD, _constants(), _commands()]
    parts += [_interface(kind) for kind in sorted(_reachable(), key=lambda k: k.__name__)]
    events = " | ".join(kind.__name__ for kind in EVENTS)
    parts.append(f"/** What happens in a run. */\nexport type Event = {events};\n")
    return "\n".join(parts)


def _constants() -> str:
    """The names of commands, notifications and the settings' section."""
    names = {k: v for k, v in vars(wire).items() if k.isupper() and isinstance(v, str)}
    lines = (f"export const {name} = {json.dumps(value)};" for name, value in names.items())
    return "\n".join(lines) + "\n"


def _commands() -> str:
    lines = (
        f"  {json.dumps(name)}: {{ argument: {_argument(name)}; answer: {answer} }};"
        for name, answer in ANSWERS.items()
    )
    doc = "/** Each command's one argument and its answer. */"
    return "\n".join([doc, "export interface Commands {", *lines, "}", ""])


def _argument(command: str) -> str:
    kind = wire.ARGUMENTS[command]
    return kind.__name__ if kind else "void"


def _reachable() -> set[type[Struct]]:
    found: set[type[Struct]] = set()
    pending = list(ROOTS)
    while pending:
        kind = pending.pop()
        if kind not in found:
            found.add(kind)
            pending += [inner for field in _info(kind).fields for inner in _structs(field.type)]
    return found


def _info(kind: type[Struct]) -> inspect.StructType:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return info


def _structs(of: inspect.Type) -> Iterator[type[Struct]]:
    match of:
        case inspect.StructType(cls=cls):
            yield cls
        case inspect.UnionType(types=types):
            for one in types:
                yield from _structs(one)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            yield from _structs(item)
        case inspect.TupleType(item_types=items):
            for one in items:
                yield from _structs(one)
        case _:
            pass


def _interface(kind: type[Struct]) -> str:
    info = _info(kind)
    doc = " ".join((kind.__doc__ or "").split()).replace("*/", "* /")
    given = kind.__name__.endswith(("Args", "Options"))
    lines = [f"  readonly {info.tag_field}: {json.dumps(info.tag)};"] if info.tag_field else []
    lines += [
        f"  readonly {field.encode_name}{'?' if given and not field.required else ''}: {_type(field.type)};"
        for field in info.fields
    ]
    return "\n".join([f"/** {doc} */", f"export interface {kind.__name__} {{", *lines, "}", ""])


def _type(of: inspect.Type) -> str:
    match of:
        case inspect.StructType(cls=cls):
            return cls.__name__
        case inspect.UnionType(types=types):
            return " | ".join(map(_type, types))
        case inspect.LiteralType(values=values):
            return " | ".join(json.dumps(value) for value in values)
        case inspect.EnumType(cls=cls):
            return " | ".join(json.dumps(member.value) for member in cls)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return f"readonly ({_type(item)})[]"
        case inspect.TupleType(item_types=items):
            return f"readonly [{', '.join(map(_type, items))}]"
        case inspect.DictType(value_type=value):
            return f"Record<string, {_type(value)}>"
        case _:
            return _PLAIN.get(type(of), "unknown")


_PLAIN: dict[type[Any], str] = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
}
