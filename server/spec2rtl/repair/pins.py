"""Ports that a repair or an edit must keep: the tests and the design around it rely on them."""

from collections.abc import Collection

from spec2rtl.events import Task
from spec2rtl.syntax.lexer import code
from spec2rtl.syntax.modules import Module, find_module


def broken_pin(
    before: str, after: str, *, task: Task, module: str, used: Collection[str]
) -> str | None:
    """Say which port of the designer's module a text may not drop or add; None: it fits.

    A repair keeps all ports. An edit keeps those that the tests use: the rest is the instruction's
    to decide. Where the tests use a name that the designer's module lacks, its header is itself at
    fault: then a repair is held to what the tests use, too. Widths and directions may be the very
    fault, so they are for the compiler and the tests to judge.
    """
    old, new = find_module(before, module), find_module(after, module)
    if task == "generate" or old is None or new is None or not (old.clean and new.clean):
        return None
    strict = task == "repair" and set(used) <= {t.text for t in code(before[old.start : old.end])}
    had, has = _ports(old), _ports(new)
    for name in had:
        if name not in has and (strict or name in used):
            return f"drops the port `{name}`, which {'a repair must keep' if strict else 'its tests use'}"
    added = next((name for name in has if strict and name not in had), None)
    return f"adds the port `{added}`, which a repair may not" if added else None


def _ports(module: Module) -> list[str]:
    return [port.name for port in module.interface.ports]
