"""What a text declares, uses and includes: pure.

It looks for patterns and parses nothing: thousands of files must be read in seconds, and what it
finds decides only which files are looked at.
"""

import re
from functools import lru_cache

from spec2rtl.eda.includes import included_by_macros
from spec2rtl.syntax.keywords import KEYWORDS
from spec2rtl.syntax.lexer import last_large, plain

_LARGE = 1 << 16
_REMEMBERED = 1024
"""Of smaller texts: most files around the one that is typed in stay the same."""

_DECLARED = re.compile(
    r"^[ \t]*(?:\(\*.*?\*\)\s*)?(?:module|macromodule|interface|package|program|primitive)\s+"
    r"(?:automatic\s+|static\s+)?([A-Za-z_]\w*)",
    re.MULTILINE,
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_PLACED = re.compile(
    r"(?<![\w$.`])([A-Za-z_]\w*+)"
    r"(?=\s*(?:#|::|\.\s*[A-Za-z_])|\s+(?:\\\S|(`?[A-Za-z_]\w*)))"
)
"""A name where a module's may stand: before parameters, a name of its own, a member or `::`."""
_PRIMITIVE = re.compile(r"(?:;|\b(?:begin|end|else|generate))\s*([A-Za-z_]\w*)\s*\(")
_ALIAS = re.compile(r"`define\s+\w+[ \t]+([A-Za-z_]\w*)[ \t]*$", re.MULTILINE)
_CALL = re.compile(r"`\w+\s*(\([^()]{0,999}(?:\([^()]{0,999}\)[^()]{0,999}){0,50}\))")
_NO_INSTANCES = KEYWORDS | {
    *("`ifdef", "`ifndef", "`elsif", "`else", "`endif", "`define", "`undef", "`include")
}
"""What follows a name that is none of an instance."""
_MACRO = re.compile(r"`define\s+([A-Za-z_]\w*)(?:[ \t]+([^\s;\\]+)[ \t\r]*$)?", re.MULTILINE)
_MACRO_USE = re.compile(r"`(?!(?:define|undef|ifn?def|elsif)\b)([A-Za-z_]\w*)")
_DIRECTIVE = re.compile(
    r"[ \t]*`(?:define|undef|ifn?def|elsif|else|endif|include|timescale|default_nettype|resetall"
    r"|(?:end)?celldefine|pragma|line)\b(?:\\\r?\n|[^\n])*"
)
_INCLUDE = re.compile(r'^[ \t]*`include\s+"([^"\n]+)"', re.MULTILINE)


@last_large
def declared(text: str) -> frozenset[str]:
    """The modules, packages and interfaces that a text declares."""
    return frozenset(_DECLARED.findall(plain(text)))


@last_large
def words(text: str) -> frozenset[str]:
    """All names in a text but for those in comments and strings."""
    return frozenset(_WORD.findall(plain(text)))


def used(text: str) -> frozenset[str]:
    """The names of modules, packages and interfaces that a text may use.

    Only what stands where one may: a signal can have the name of a module that is none of its own.
    """
    return _used(text) if len(text) > _LARGE else _used_by_small(text)


def _used(text: str) -> frozenset[str]:
    bare = plain(text)
    found = {name for name, after in _PLACED.findall(bare) if after not in _NO_INSTANCES}
    found.update(_PRIMITIVE.findall(bare))
    if "`" in bare:
        found.update(_ALIAS.findall(bare))
        inner = " ".join(_CALL.findall(bare))  # by its argument a macro may instantiate a module
        found.update({*_WORD.findall(inner)}.difference(_WORD.findall(_CALL.sub(" ", bare))))
    return frozenset(found.difference(_DECLARED.findall(bare)))


_used_by_small = lru_cache(_REMEMBERED)(_used)


@last_large
def included(text: str) -> list[str]:
    """The names that `include directives give."""
    return [*_INCLUDE.findall(text), *included_by_macros(text)]


@last_large
def macros(text: str) -> dict[str, str]:
    """The macros that a text defines: a plain value, or nothing where it is none."""
    return dict(_MACRO.findall(plain(text))) if "`define" in text else {}


@last_large
def lacking(text: str) -> frozenset[str]:
    """The macros that a text uses and does not define, and the directives it gives."""
    if "`" not in text:
        return frozenset()
    return frozenset(_MACRO_USE.findall(plain(text))).difference(macros(text))


def only_directives(text: str) -> bool:
    """Does a text hold nothing else, so that it may be compiled wherever it was written for?"""
    return not _DIRECTIVE.sub("", plain(text)).strip()
