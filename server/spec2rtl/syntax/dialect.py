"""SystemVerilog in a text that its file's name calls Verilog."""

from spec2rtl.syntax.lexer import Kind, Token, code
from spec2rtl.syntax.lint import Fault

SYSTEMVERILOG = "systemverilog"
"""The code of the warning."""

_WORDS = frozenset(
    """
    logic bit byte shortint int longint string var always_comb always_ff always_latch final typedef
    enum struct union packed package endpackage import export interface endinterface modport unique
    unique0 priority return break continue foreach
    """.split()  # noqa: SIM905
)
_FILLS = frozenset(("'0", "'1", "'x", "'X", "'z", "'Z"))
_NAMED = 3


def systemverilog(text: str) -> list[Token]:
    """The words that SystemVerilog has and Verilog-2001 lacks, each where it comes first."""
    found: dict[str, Token] = {}
    for token in code(text):
        if token.text in _FILLS or (token.kind is Kind.KEYWORD and token.text in _WORDS):
            found.setdefault(token.text, token)
    return list(found.values())


def foreign_words(text: str) -> Fault | None:
    """Say of a Verilog file that compiles that other tools may refuse it."""
    words = systemverilog(text)
    if not words:
        return None
    named = ", ".join(f"`{word.text}`" for word in words[:_NAMED])
    more = ", …" if len(words) > _NAMED else ""
    message = (
        f"SystemVerilog in a Verilog file: {named}{more}; iverilog takes it, other tools go by the "
        "file's name and refuse it: name it .sv (`language: systemverilog`) or write Verilog-2001"
    )
    return Fault(words[0].start, words[0].end, "warning", SYSTEMVERILOG, message)
