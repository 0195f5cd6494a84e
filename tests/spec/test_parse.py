"""The parser takes any text: it never raises and is never slow."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spec2rtl.rtl import split_lines
from spec2rtl.spec.comments import comment_at, spec_comments
from spec2rtl.spec.header import header
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse

ALPHABET = (
    "`a` input output inout [7:0] [W-1:0] 8-bit `W` bits ** __ reset rst_n clk (default: 8) ( ) , :"
    " - * 1. # ## Inputs Outputs Parameters | |--|--| 00 01 11 10 -> --1--> --- module foo #( ; //"
    " spec: /* */ \" when must active low asynchronous time 0ns State Next x = ' \\ < <sup> ~ ``` •"
    " \t \n \n\n \r\n \x00 \u2028 é 𝔸"
)
TEXTS = st.lists(st.sampled_from(ALPHABET.split(" ")), max_size=60).map(" ".join)


def check(spec: Spec, text: str) -> None:
    """Every place lies within the text, and the interface is one."""
    last = len(split_lines(text))
    places = [*spec.ports, *spec.parameters, *spec.clocks, *spec.resets, *spec.issues]
    assert all(1 <= place.line <= last for place in places)
    spans = [*spec.requirements, *spec.exact]
    assert all(1 <= span.line <= span.end_line <= last for span in spans)
    names = [port.name for port in spec.ports]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)
    if interface := spec.interface("m"):
        assert header(interface, "verilog").endswith(");")


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    check(parse(text), text)


@settings(max_examples=400)
@given(TEXTS)
def test_any_text_that_looks_like_a_spec(text: str) -> None:
    check(parse(text), text)
    check(parse(f"---\n{text}\n---\n{text}"), f"---\n{text}\n---\n{text}")


@given(TEXTS)
def test_any_verilog(text: str) -> None:
    lines = split_lines(text)
    for comment in spec_comments(text):
        assert comment.line <= comment.end_line <= len(lines)
        assert comment.text.count("\n") == comment.end_line - comment.line
        found = comment_at(text, comment.line)
        assert found is not None


SIZE = 100_000
LARGE = {
    "a word": "a",
    "spans": "`a` ",
    "stars": "*",
    "pipes": "| ",
    "brackets": "[",
    "parentheses": "(`a",
    "quotes": "> ",
    "bullets": "- ",
    "ports": "- `clk`: input\n",
    "a long list": "input a, ",
    "tables": "a | b\n",
    "values": "0 1\n",
    "labels": "00 01 11 10\n",
    "arrows": "A --x--> B\n",
    "a long arrow": "A --x- ",
    "headers": "module x #(\n",
    "rows": "| State | Next state |\n",
    "comments": "/*",
    "defaults": "`W = default ",
    "sentences": "reset, a. ",
    "blank lines": "\n",
}


@pytest.mark.parametrize("piece", LARGE.values(), ids=LARGE)
def test_large_text(piece: str) -> None:
    """The bound is far above what a quadratic pattern would keep to, on any machine."""
    text = piece * (SIZE // len(piece))
    start = time.process_time()
    parse(text)
    spec_comments(text)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("what", ["Inputs", "Parameters"])
def test_many_names(what: str) -> None:
    text = f"## {what}\n" + "".join(f"- `rst{n}` [W{n}-1:0]: data\n" for n in range(3000))
    start = time.process_time()
    spec = parse(text)
    assert time.process_time() - start < 10
    assert len(spec.ports) + len(spec.parameters) >= 3000


def test_all_at_once() -> None:
    text = "\n".join(piece * (10_000 // len(piece)) for piece in LARGE.values())
    assert len(text) > 200_000
    start = time.process_time()
    check(parse(text), text)
    assert time.process_time() - start < 20
