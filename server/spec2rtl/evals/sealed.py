"""A VerilogEval test bench, sealed against the design under test: pure.

The bench of the benchmark prints its verdict, which a design can print as well, and keeps its
counts and its reference where a hierarchical name reaches them. Here all modules, instances and
tasks of bench and reference get names with a secret in them, and the bench reports, in a line that
begins with another secret, what it counted and a signature of the reference's answers at every
edge of its clock. A report counts only if its number of samples, its end time and its signature
are those of the reference's own run: whoever stops the simulation early, or forces the inputs so
that the reference says something easier, has changed one of them.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from spec2rtl.syntax.lexer import Kind, Token, brackets, code, tokenize

FORM = 2
"""Grows when the report changes its meaning."""

DESIGN = "TopModule"
REFERENCE = "RefModule"
BENCH = "tb"
CLOCK = "clk"
ANSWER = "_ref"
"""Behind the name of an output, in the bench: what the reference answers."""
GIVEN = "_dut"
"""The same, of the design."""
_COUNTS = re.compile(r'^"Mismatches: %\w+ in %\w+ samples"$')


class Report(Struct, frozen=True):
    """What the sealed bench reported."""

    mismatches: int
    samples: int
    end: str
    signature: str

    def agrees(self, reference: "Report") -> bool:
        """Was it the same test, with the same answers of the reference?"""
        ours = (self.samples, self.end, self.signature)
        return ours == (reference.samples, reference.end, reference.signature)


class Sealed(Struct, frozen=True):
    """Bench and reference under secret names; `top` is the bench's, `reference` stands in as a
    design under test. `design` is the name of the design's instance in the bench, `answers` are the
    bench's names for the reference's outputs."""

    bench: str
    model: str
    reference: str
    top: str
    mark: str
    secret: str
    design: str
    answers: tuple[str, ...]

    def spoken(self, text: str) -> str:
        """Take the secret out of a message."""
        return text.replace(f"_{self.secret}", "")

    def read(self, log: str) -> Report | None:
        """Find the report; None where there is none, or more than one."""
        found = re.findall(rf"^{self.mark} (\d+) (\d+) (\S+) (\S+)$", log, re.MULTILINE)
        if len(found) != 1:
            return None
        mismatches, samples, end, signature = found[0]
        return Report(int(mismatches), int(samples), end, signature)


def seal(
    bench: str, reference: str, *, secret: str, mark: str, until: str | None = None
) -> Sealed | None:
    """Seal a test bench; None where it isn't one of the form that we know.

    `until` is an output at whose first wrong sample the simulation ends: for a recording.
    """
    tokens = code(bench)
    counts, answers = _counts(tokens), _answers(tokens)
    end = _last_endmodule(tokens, bench)
    tested = next((b.text for a, b in pairwise(tokens) if a.text == DESIGN), None)
    if counts is None or end is None or tested is None or not answers:
        return None
    if BENCH not in _declared(tokens):
        return None
    more = _signature(secret, mark, counts, answers) + (_ending(until) if until else "")
    signed = bench[:end] + more + bench[end:]
    inner = _declared(code(reference)) | {REFERENCE}
    hidden = {name: f"{name}_{secret}" for name in _declared(tokens) | inner | _instances(tokens)}
    hidden.pop(DESIGN, None)
    stand_in = {name: f"{name}_x{secret}" for name in inner} | {REFERENCE: DESIGN}
    return Sealed(
        bench=renamed(signed, hidden),
        model=renamed(reference, hidden),
        reference=renamed(reference, stand_in),
        top=hidden[BENCH],
        mark=mark,
        secret=secret,
        design=hidden[tested],
        answers=tuple(answers),
    )


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Put other names in the place of some; a port's name after a dot stays."""
    parts: list[str] = []
    at, before = 0, ""
    for token in tokenize(text):
        parts.append(text[at : token.start])
        word = token.text
        is_name = token.kind is Kind.NAME and (before != "." or _after_name(parts))
        parts.append(names.get(word, word) if is_name else word)
        at, before = token.end, word
    return "".join([*parts, text[at:]])


def _after_name(parts: Sequence[str]) -> bool:
    """Does the dot that was just written follow a name, as in a hierarchical one?"""
    text = "".join(parts[-4:]).rstrip().removesuffix(".").rstrip()
    return bool(text) and (text[-1].isalnum() or text[-1] in "_]")


def _counts(tokens: list[Token]) -> str | None:
    """What the bench prints as its verdict: mismatches and samples, as it names them."""
    for i, token in enumerate(tokens):
        if token.kind is Kind.STRING and _COUNTS.match(token.text):
            rest = tokens[i + 1 :]
            end = next((n for n, t in enumerate(rest) if t.text == ")"), 0)
            return "".join(t.text for t in rest[:end]).removeprefix(",") or None
    return None


def _answers(tokens: list[Token]) -> list[str]:
    """The bench's names for the reference's outputs."""
    partners = brackets(tokens)
    for i, token in enumerate(tokens[:-2]):
        if token.text == REFERENCE and tokens[i + 2].text == "(":
            inside = tokens[i + 3 : partners[i + 2]]
            return [t.text for t in inside if t.kind is Kind.NAME and t.text.endswith(ANSWER)]
    return []


def _last_endmodule(tokens: list[Token], text: str) -> int | None:
    """Where the bench's own module ends."""
    inside = False
    for token, after in zip(tokens, tokens[1:] + tokens[-1:], strict=True):
        if token.text == "module":
            inside = after.text == BENCH
        elif token.text == "endmodule" and inside:
            return token.start
    return None


def _declared(tokens: list[Token]) -> set[str]:
    """Names of modules, tasks and functions: what a name from elsewhere could reach."""
    found: set[str] = set()
    for i, token in enumerate(tokens):
        if token.text == "module" and i + 1 < len(tokens):
            found.add(tokens[i + 1].text)
        elif token.text in {"task", "function"}:
            end = next((n for n in range(i, len(tokens)) if tokens[n].text in {"(", ";"}), i)
            found.add(tokens[end - 1].text)
    return found


def _instances(tokens: list[Token]) -> set[str]:
    modules = _declared(tokens) | {REFERENCE, DESIGN}
    return {
        after.text
        for token, after in pairwise(tokens)
        if token.text in modules and after.kind is Kind.NAME
    }


def _signature(secret: str, mark: str, counts: str, answers: list[str]) -> str:
    """Declarations that sign the known bits and the known ones' values at every edge."""
    s, answer = secret, "{" + ", ".join(answers) + "}"
    return f"""
  localparam w_{s} = $bits({answer}) + 64;
  bit [w_{s}-1:0] known_{s}, value_{s}, sign_{s} = 0;
  always @(posedge {CLOCK}, negedge {CLOCK}) begin
    value_{s} = {answer};
    known_{s} = ~({answer} ^ {answer});
    sign_{s} = {{sign_{s}[w_{s}-2:0], sign_{s}[w_{s}-1]}} + value_{s};
    sign_{s} = {{sign_{s}[w_{s}-4:0], sign_{s}[w_{s}-1:w_{s}-3]}} ^ known_{s};
  end
  final $display("\\n{mark} %0d %0d %0d %h", {counts}, $time, sign_{s});
"""


def _ending(output: str) -> str:
    """The bench's own comparison of an output, which ends the simulation."""
    wanted, given = output + ANSWER, output + GIVEN
    differ = f"{wanted} !== ({wanted} ^ {given} ^ {wanted})"
    return f"  always @(posedge {CLOCK}, negedge {CLOCK}) if ({differ}) $finish;\n"
