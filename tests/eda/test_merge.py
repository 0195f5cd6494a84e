"""What several tools say of one design, as one list."""

import re
import time

import msgspec
import pytest

from spec2rtl.eda.merge import Said, merged
from spec2rtl.eda.slang import Slang
from spec2rtl.rtl import Design, Diagnostic, SourceFile

SYNTAX = "2:1-9 error syntax-error iverilog"


def one(text: str) -> Diagnostic:
    """A diagnostic of `LINE:COLUMN-END severity code source`."""
    place, severity, code, source = text.split()
    line, column, end = re.split("[:-]", place)
    value = {
        "file": "m.v",
        "line": int(line),
        "column": int(column),
        "end_line": int(line),
        "end_column": int(end),
        "severity": severity,
        "code": code,
        "message": "said",
        "source": source,
    }
    return msgspec.convert(value, Diagnostic)


def check(iverilog: list[str], slang: list[str], lint: list[str], expected: list[str]) -> None:
    said = Said(
        tuple(map(one, slang)),
        tuple(map(one, iverilog)),
        tuple(map(one, lint)),
        compiles=not any(" error " in text for text in iverilog),
        version="11.0",
    )
    shown = [
        f"{d.line}:{d.column} {d.severity} {d.code} {d.source}: {d.message}" for d in merged(said)
    ]
    assert shown == expected


@pytest.mark.parametrize(
    ("iverilog", "slang", "lint", "expected"),
    [
        ([], [], [], []),
        # The same text, whatever each calls it.
        (
            ["2:3-6 error undeclared-identifier iverilog"],
            ["2:3-6 error unknown-name slang"],
            [],
            ["2:3 error undeclared-identifier iverilog: said (slang agrees)"],
        ),
        # The same name of the fault on one line.
        (
            ["2:3-6 error port-width iverilog"],
            ["2:9-12 error port-width slang"],
            [],
            ["2:3 error port-width iverilog: said (slang agrees)"],
        ),
        # Two faults on one line are two.
        (
            ["2:3-6 warning width-mismatch iverilog"],
            ["2:9-12 warning truncation slang"],
            [],
            ["2:3 warning width-mismatch iverilog: said", "2:9 warning truncation slang: said"],
        ),
        (
            ["2:3-6 error unsupported-construct iverilog"],
            [],
            [],
            [
                "2:3 error unsupported-construct iverilog: said "
                "(valid SystemVerilog, not simulated by Icarus 11)"
            ],
        ),
        (
            [],
            ["2:3-6 error odd slang"],
            [],
            ["2:3 warning odd slang: said (not valid SystemVerilog, though Icarus 11 compiles it)"],
        ),
        # Warnings about a text that can't be read are guesses.
        (
            [SYNTAX],
            ["2:1-3 error expected-token slang", "3:1-2 warning unused slang"],
            [],
            ["2:1 error syntax-error iverilog: said (slang agrees)"],
        ),
        # What one message warns of is what the compile failed by.
        (
            ["2:3-6 warning undefined-macro iverilog", "2:3-6 error undefined-macro iverilog"],
            [],
            [],
            ["2:3 error undefined-macro iverilog: said"],
        ),
        # A lint that says what a compiler has said is silent.
        (
            [],
            ["2:3-4 warning latch slang"],
            ["2:3-4 warning latch yosys", "1:1-2 warning latch yosys"],
            ["1:1 warning latch yosys: said", "2:3 warning latch slang: said"],
        ),
        # Where the file is missing, slang can't know.
        (
            ["1:1-9 error include-not-found iverilog"],
            ["1:5-7 error include-not-found slang"],
            [],
            ["1:1 error include-not-found iverilog: said"],
        ),
    ],
)
def test_merged(
    iverilog: list[str], slang: list[str], lint: list[str], expected: list[str]
) -> None:
    check(iverilog, slang, lint, expected)


def test_slang_that_was_not_asked_agrees_to_nothing() -> None:
    found = merged(Said(None, (one(SYNTAX),)))
    assert [d.message for d in found] == ["said"]


def test_thousands_are_merged_in_no_time() -> None:
    many = tuple(one(f"{n}:3-6 warning unused slang") for n in range(1, 5_001))
    began = time.perf_counter()
    assert len(merged(Said(many, (), compiles=True, version="11.0"))) == len(many)
    assert time.perf_counter() - began < 5  # compared each with each it takes ten times that


async def test_a_timescale_is_wanted_nowhere() -> None:
    scaled = SourceFile("/n.sv", "`timescale 1ns/1ps\nmodule n; endmodule\n")
    slang = Slang()
    try:
        found = await slang.check(
            Design((SourceFile("/m.sv", "module m; n n(); endmodule\n"), scaled))
        )
    finally:
        await slang.aclose()
    assert [d.code for d in found or ()] == ["missing-time-scale"]
    assert merged(Said(found)) == ()
