"""The kinds of fault that a compiler reports, each under a stable name.

The name is `Diagnostic.code`; messages change between iverilog 11, 12 and 13, names don't.
"""

import re

from msgspec import Struct


class Fault(Struct, frozen=True):
    """A kind of fault: its name, what it says in one sentence, the messages that mean it."""

    code: str
    meaning: str
    messages: str


UNCLASSIFIED = "unclassified"

# The first that matches counts, so the particular stands before the general.
FAULTS = (
    Fault(
        "internal-error",
        "The compiler itself broke, mostly on a wrong design.",
        r"^assert: |failed assertion|Assertion .* failed|Segmentation fault|^Aborted"
        r"|^internal error|Code generator failure",
    ),
    Fault(
        "unterminated-string",
        "A string is not closed on its line.",
        r"clos(e|ing) quote (of|for) string|unterminated string",
    ),
    Fault(
        "syntax-error",
        "The parser stopped at text that fits no rule of the language; the fault is here or before.",
        r"^syntax error|^Syntax (error )?in |[Mm]alformed (statement|event control|conditional expression)"
        r"|[Ii]nvalid (module item|module instantiation|event control)|^Errors in "
        r"|Incomprehensible|^[Uu]nmatched character|^I give up|invalid character|parse error"
        r"|literal has no digits|Superfluous comma|Invalid port connection|regions cannot nest",
    ),
    Fault(
        "missing-endmodule",
        "The text ends inside a module.",
        r"missing endmodule",
    ),
    Fault(
        "missing-end",
        "A `begin` has no `end`.",
        r"missing end\b",
    ),
    Fault(
        "unsupported-construct",
        "The language has this, the simulator doesn't.",
        r"not (currently |yet )?supported|requires SystemVerilog|qualities are ignored"
        r"|not (yet )?implemented|I do(n't| not) know how to|^cannot determine the sensitivity",
    ),
    Fault(
        "not-an-lvalue",
        "An `always` or `initial` assigns to something that is no variable, mostly a wire.",
        r"not a valid l-value|not valid (in assign l-value|as argument to inout)|l-value too complex"
        r"|[Aa]ssignment to const signal|make no sense in l-value|l-values",
    ),
    Fault(
        "assign-to-reg",
        "An `assign`, gate or module output drives a `reg`.",
        r"cannot be driven by (a )?(primitive|continuous)",
    ),
    Fault(
        "multiple-drivers",
        "A signal that takes one driver has several.",
        r"multiple drivers|assign to unresolved wires|also continuously assigned"
        r"|driven by more than one",
    ),
    Fault(
        "declared-after-use",
        "A name is used above its declaration.",
        r"declaration after use",
    ),
    Fault(
        "not-constant",
        "A constant is wanted and something else stands there.",
        r"Unable to bind parameter|constant expression|must be (a )?constant|is not constant"
        r"|[Cc]annot evaluate genvar|Unable to evaluate (msb|lsb|parameter|real parameter)",
    ),
    Fault(
        "missing-genvar",
        "A generate loop runs over a name that is no genvar.",
        r"genvar is missing|[Mm]issing genvar",
    ),
    Fault(
        "unknown-module",
        "A module is instantiated that no source holds.",
        r"[Uu]nknown module type|module was missing",
    ),
    Fault(
        "unknown-function",
        "A function is called that is declared nowhere.",
        r"No function named|[Ss]ystem function .* not defined|is not a function",
    ),
    Fault(
        "unknown-task",
        "A task is called that is declared nowhere.",
        r"unknown task|Can't find task|[Ss]ystem task .* (not defined|is not)",
    ),
    Fault(
        "undeclared-identifier",
        "A name is used that is declared nowhere.",
        r"Unable to bind|Could not find variable|not defined in this context"
        r"|^event .* not found|^register .* unknown|^[Nn]o wire|Cannot find scope"
        r"|Scope of .* not found|not \(yet\) defined|^Undefined type|not been imported"
        r"|does not have a (property|method|member)|is not a member of",
    ),
    Fault(
        "port-not-found",
        "An instance connects a port that its module doesn't have.",
        r"is not a port of|did not find a matching identifier",
    ),
    Fault(
        "port-count",
        "An instance connects more ports than its module has.",
        r"Wrong number of ports",
    ),
    Fault(
        "argument-count",
        "A call gives too few or too many arguments.",
        r"missing/empty parameters|Too (many|few) arguments|[Ww]rong number of"
        r"|extra parameter override|Parm count mismatch",
    ),
    Fault(
        "port-not-declared",
        "A name in the port list has no direction.",
        r"is not declared within module",
    ),
    Fault(
        "port-unconnected",
        "An instance leaves a port open.",
        r"dangling (input|output|inout) port|port unconnected",
    ),
    Fault(
        "port-output-not-net",
        "A module's output is connected to something that nothing can drive.",
        r"port expression must support",
    ),
    Fault(
        "port-declaration-mismatch",
        "A port's two declarations disagree on its width.",
        r"net declaration .*that does not match|has a vectored net declaration"
        r"|inherits dimensions|^(Scalar|Vectored) port",
    ),
    Fault(
        "input-is-reg",
        "An input or inout is declared as a `reg`.",
        r"is declared as (input|inout|a real inout)",
    ),
    Fault(
        "width-mismatch",
        "Two sides that are joined differ in width.",
        r"expects \d+ bit(s|\(s\))?, (got|given)|width mismatch|width must match",
    ),
    Fault(
        "literal-truncated",
        "A number doesn't fit its own width.",
        r"[Nn]umeric constant truncated|[Ee]xtra digits given",
    ),
    Fault(
        "redefinition",
        "A module or a macro is defined twice.",
        r"^Module .* was already declared|^redefinition of",
    ),
    Fault(
        "duplicate-declaration",
        "A name is declared twice in one scope.",
        r"already been declared|definition conflicts|Duplicate enumeration|have the same value"
        r"|already (declared|defined|has a port declaration)",
    ),
    Fault(
        "enum-value-overflow",
        "An enumeration has more members than its width can tell apart.",
        r"inferred value that overflowed",
    ),
    Fault(
        "parameter-not-found",
        "A parameter is set that the module doesn't have.",
        r"parameter .* not found|Cannot override (local)?param",
    ),
    Fault(
        "index-out-of-range",
        "An index lies outside of the declared range.",
        r"out of (range|bounds?)|is (after|before) vector|selecting (after|before)",
    ),
    Fault(
        "range-reversed",
        "A part select runs against the declared direction.",
        r"is out of order",
    ),
    Fault(
        "select-of-scalar",
        "A bit is selected from something that has one bit, or is a real.",
        r"can ?not select part of",
    ),
    Fault(
        "array-index",
        "An array is used without its index, or with too many.",
        r"needs (an array index|\d+ indices)|Cannot assign to array|number of indices"
        r"|part select on array|array slice|foreach loop variables",
    ),
    Fault(
        "bad-range",
        "A declared size is zero, negative or not known.",
        r"Dimension|dimension is not allowed|size must be greater",
    ),
    Fault(
        "concatenation",
        "A concatenation holds a part without a width, or a bad repeat count.",
        r"[Cc]oncatenation|indefinite width",
    ),
    Fault(
        "not-allowed-in-function",
        "A function holds what takes time.",
        r"[Ff]unctions? cannot|final procedures cannot",
    ),
    Fault(
        "not-allowed-in-automatic",
        "Something automatic is used where it could outlive its scope.",
        r"automatically allocated",
    ),
    Fault(
        "system-task",
        "A task for test benches stands where hardware is described.",
        r"^System task .* cannot be synthesized",
    ),
    Fault(
        "always-kind",
        "The body of an `always_comb`, `always_ff` or `always_latch` doesn't fit its kind.",
        r"always_(comb|ff|latch)",
    ),
    Fault(
        "always-without-delay",
        "An `always` without event or delay would run forever.",
        r"always process (does not|may not) have any delay",
    ),
    Fault(
        "sensitivity",
        "A sensitivity list holds nothing, or more than it says.",
        r"@\* |sensitivit",
    ),
    Fault(
        "type-mismatch",
        "A value's type doesn't fit its place.",
        r"(explicit|implicitly) cast|type mismatch|doesn't match the context type|assign non-array"
        r"|real (value|operands)|not be real|type clash",
    ),
    Fault(
        "implicit-net",
        "A name that nothing declares became a one-bit wire.",
        r"implicit definition of wire",
    ),
    Fault(
        "undefined-macro",
        "A macro is used that nothing defines.",
        r"macro .* undefined",
    ),
    Fault(
        "macro-arguments",
        "A macro is used with too few or too many arguments.",
        r"(many|few) (macro )?arguments|argument list for",
    ),
    Fault(
        "directive",
        "A compiler directive is malformed or out of place.",
        r"`(ifn?def|elsif|else|endif|define|undef|resetall|unconnected_drive|nounconnected_drive)"
        r"|Invalid `|Stray tic|malformed `|macro names cannot|[Uu]nterminated comment in define|keywords",
    ),
    Fault(
        "include-not-found",
        "An included file is nowhere to be found.",
        r"Include file .* not found",
    ),
    Fault(
        "file-not-found",
        "A file of the command can't be opened.",
        r"No such file or directory|Permission denied|Unable to open|Is a directory",
    ),
    Fault(
        "timescale",
        "A timescale is wrong, or some modules have none.",
        r"timescale|time ?unit|time ?precision",
    ),
    Fault(
        "label-mismatch",
        "The name after an `end` isn't that of its beginning.",
        r"[Ee]nd label|doesn't match (begin|module|function|task)",
    ),
    Fault(
        "gate-terminals",
        "A gate has too few or too many connections or delays.",
        r"primitive must have|Gates do not have port names|delay(s| arguments) ?$|Logic gate port",
    ),
    Fault(
        "no-top-module",
        "No module is a top: there is none, or each is instantiated by another.",
        r"^No top level modules",
    ),
    Fault(
        "top-not-found",
        "The module to compile is in no source.",
        r"root module",
    ),
    Fault(
        "not-elaborated",
        "An expression or a statement couldn't be understood.",
        r"(Unable|unable) to elaborate|Failed to (elaborate|evaluate|synthesize)"
        r"|Unable to evaluate|Cannot evaluate",
    ),
    Fault(
        "specify-path",
        "A specify path names a port that isn't there or runs the wrong way.",
        r"Path (source|destination|delay)|[Pp]arallel connection",
    ),
    Fault(
        "not-in-scope",
        "A jump leaves a scope that it isn't in.",
        r'Cannot "return"|Return statement is not|Cannot disable',
    ),
    Fault(
        UNCLASSIFIED,
        "A message that we don't know; its text is the tool's own.",
        r"(?!)",
    ),
)

CODES = {fault.code: fault.meaning for fault in FAULTS}
"""What each code means."""

_PATTERNS = tuple(re.compile(fault.messages) for fault in FAULTS)


def classify(message: str) -> str:
    """Name the kind of fault that iverilog's message means."""
    for fault, pattern in zip(FAULTS, _PATTERNS, strict=True):
        if pattern.search(message):
            return fault.code
    return UNCLASSIFIED
