"""From a generator's reply to the whole text of a candidate."""

from collections import Counter

from msgspec import Struct

from spec2rtl.events import Task
from spec2rtl.repair.blocks import Malformed, has_edit_blocks, read_edit_blocks
from spec2rtl.repair.edits import (
    EditFailure,
    Splice,
    apply_edits,
    newline_of,
    splice,
    with_newlines,
)
from spec2rtl.repair.fences import NoCode, code_of
from spec2rtl.repair.headers import agrees, with_header
from spec2rtl.rtl import Interface, Language
from spec2rtl.syntax.lexer import Kind, tokenize
from spec2rtl.syntax.modules import Module, find_module, modules


class Code(Struct, frozen=True):
    """The whole new text of the file, and what was done to the reply to get it."""

    rtl: str
    notes: tuple[str, ...] = ()


class Unusable(Struct, frozen=True):
    """Why a reply holds no usable code: one sentence for the user and for the next prompt."""

    why: str


class _Wanted(Struct, frozen=True):
    """What a reply is read against."""

    task: Task
    module: str
    base: str
    interface: Interface | None
    language: Language
    elsewhere: frozenset[str]


def read_reply(
    reply: str,
    *,
    task: Task,
    module: str,
    base: str,
    interface: Interface | None,
    language: Language,
    truncated: bool,
    elsewhere: frozenset[str] = frozenset(),
) -> Code | Unusable:
    """Make the reply's modules, or its edits, part of `base`; never raises.

    `interface` is the one that the module must show; None where it isn't known completely. Only
    `generate` puts it in the place of another. Modules that other files hold (`elsewhere`) are left
    out of the reply: those files don't change.
    """
    wanted = _Wanted(task, module, base, interface, language, elsewhere)
    if "\0" in reply:
        return Unusable("The reply holds a NUL character: it is no text.")
    text = with_newlines(reply, "\n")
    read = (
        _edited(text, wanted, truncated)
        if has_edit_blocks(text)
        else _written(text, wanted, truncated)
    )
    if isinstance(read, Code) and task != "generate" and read.rtl == base:
        return Unusable("The reply changes nothing.")
    return read


# --- search/replace blocks


def _edited(text: str, wanted: _Wanted, truncated: bool) -> Code | Unusable:
    edits = read_edit_blocks(text)
    if isinstance(edits, Malformed):
        cut = "The reply was cut at the token limit: " if truncated else ""
        return Unusable(f"{cut}{edits.why}.")
    rtl = apply_edits(wanted.base, edits)
    if isinstance(rtl, EditFailure):
        return Unusable(f"Search/replace block {rtl.index + 1} can't be applied: {rtl.why}.")
    if find_module(rtl, wanted.module) is None:
        return Unusable(f"The edits leave no module `{wanted.module}`.")
    return Code(rtl)


# --- whole modules


def _written(text: str, wanted: _Wanted, truncated: bool) -> Code | Unusable:
    source = code_of(text)
    if isinstance(source, NoCode):
        cut = "The reply was cut at the token limit: " if truncated else ""
        return Unusable(cut + source.why)
    found = modules(source.text)
    problem = _problem(found, wanted, source.closed, truncated)
    if problem:
        return Unusable(problem)
    code, notes = _without_others(source.text, found, wanted)
    found = modules(code) if notes else found
    if wanted.task == "generate" and wanted.interface:
        code, changed = _with_known_header(code, found, wanted, wanted.interface)
        notes += changed
    names = [m.name for m in modules(code)]
    if wanted.module not in names and not _only_replaces(names, wanted):
        named = ", ".join(f"`{name}`" for name in names)
        return Unusable(f"The reply holds {named} but no module `{wanted.module}`.")
    if wanted.task == "generate":
        return Code(_completed(code, wanted.base), notes)
    merged = _merged(code, wanted.base)
    return merged if isinstance(merged, Unusable) else Code(merged, notes)


def _problem(
    found: tuple[Module, ...], wanted: _Wanted, closed: bool, truncated: bool
) -> str | None:
    """What makes the modules of a reply unusable whatever is in them."""
    cut = next((m for m in found if not m.finished), None)
    if cut and truncated:
        return f"The reply was cut at the token limit before the `endmodule` of `{cut.name}`."
    if cut and not closed:
        return f"The reply ends before the `endmodule` of `{cut.name}`."
    name, times = Counter(m.name for m in found).most_common(1)[0]
    if times > 1:
        return f"The reply holds the module `{name}` {times} times."
    if truncated and not closed and wanted.module not in {m.name for m in found}:
        return f"The reply was cut at the token limit before the module `{wanted.module}`."
    return None


def _only_replaces(names: list[str], wanted: _Wanted) -> bool:
    """Does a repair or an edit give only modules that the file already has?"""
    existing = {m.name for m in modules(wanted.base)}
    return wanted.task != "generate" and wanted.module in existing and existing >= set(names)


def _without_others(
    code: str, found: tuple[Module, ...], wanted: _Wanted
) -> tuple[str, tuple[str, ...]]:
    """Leave out the modules that other files hold, unless nothing else is there."""
    own = {wanted.module, *(m.name for m in modules(wanted.base))}
    others = [m for m in found if m.name in wanted.elsewhere - own]
    if not others or len(others) == len(found):
        return code, ()
    kept = splice(code, [Splice(m.start, m.end, "") for m in others])
    return kept, tuple(f"module `{m.name}` of another file left out" for m in others)


def _with_known_header(
    code: str, found: tuple[Module, ...], wanted: _Wanted, interface: Interface
) -> tuple[str, tuple[str, ...]]:
    """Give the module the header that it must have, and its name where it is the only one."""
    named = [m for m in found if m.name == wanted.module]
    target = named[0] if named else found[0]
    testbench = target.clean and not target.interface.ports
    if (not named and (len(found) > 1 or testbench)) or agrees(target, interface):
        return code, ()
    new = with_header(code, target, interface, wanted.language)
    notes = [] if named else [f"module `{target.name}` renamed `{wanted.module}`"]
    return splice(code, [Splice(target.start, target.end, new)]), (*notes, "header replaced")


# --- into the file


def _completed(code: str, base: str) -> str:
    """The reply as the whole file, with the modules of `base` that it uses but leaves out.

    Nothing else of an earlier candidate is anybody's: a stray directive must not outlive it.
    """
    earlier = {m.name: m for m in modules(base)}
    parts, at = [code.strip("\n")], 0
    held = {m.name for m in modules(code)}
    while at < len(parts):
        used = [name for m in modules(parts[at]) for name in m.instantiates]
        for name in dict.fromkeys(used):
            if name in earlier and name not in held:
                held.add(name)
                parts.append(base[earlier[name].start : earlier[name].end])
        at += 1
    return "\n\n".join(parts) + "\n"


def _merged(code: str, base: str) -> str | Unusable:
    """Put each module in the place of its namesake in `base`, and new ones after the last."""
    if not base.strip():
        return code.strip("\n") + "\n"
    newline = newline_of(base)
    existing = modules(base)
    names = [m.name for m in existing]
    splices: list[Splice] = []
    added: list[str] = []
    after = 0
    for module in modules(code):
        before = code[after : module.start]
        text = code[module.start : module.end]
        after = module.end
        if names.count(module.name) > 1:
            return Unusable(
                f"The file holds the module `{module.name}` more than once; "
                "only search/replace blocks can tell which to change."
            )
        if module.name in names:
            old = existing[names.index(module.name)]
            needs = _needs(before, base)
            splices.append(Splice(old.start, old.end, with_newlines(needs + text, newline)))
        else:
            added.append(f"{before.strip()}\n{text}".strip())
    merged = splice(base, splices)
    if added:
        gap = "\n" if merged.endswith("\n") else "\n\n"
        merged += with_newlines(gap + "\n\n".join(added) + "\n", newline)
    return merged


_ONLY_ONCE = ("`timescale", "`default_nettype", "`resetall", "`celldefine", "`endcelldefine")


def _needs(before: str, base: str) -> str:
    """What stands before a module and has to come along: packages, macros, but no comments.

    What the base has already, and what is a matter of the whole file, stays out.
    """
    tokens = [t for t in tokenize(before) if t.kind is not Kind.COMMENT]
    tokens = [t for t in tokens if not t.text.startswith(_ONLY_ONCE)]
    if not tokens:
        return ""
    needed = before[tokens[0].start : tokens[-1].end]
    return "" if needed in base.replace("\r\n", "\n") else needed + "\n\n"
