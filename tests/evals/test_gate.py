"""What a candidate may not call while it is judged."""

import pytest

from spec2rtl.evals.gate import reaches_out, without_benches, writes_files

MADE_TASK = "a system task whose name macros make up"
STRING = "a string with a line end or a macro in it"
COMMENT = "a comment of several lines behind a directive"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("assign y = $signed(a) >>> $clog2(8);", None),
        ("// $display is not called\n/* $finish; */ wire x;", None),
        ("logic q[$]; initial q[$] = 1;", None),
        ('initial $display("Mismatches: 0 in 1 samples");', None),
        ("initial $fatal;", "$fatal"),
        ("assign y = $urandom;", "$urandom"),
        ("initial begin #1 $finish; end", "$finish"),
        ("`define STOP $finish\ninitial `STOP;", "$finish"),
        ("`define NAME finish\ninitial $`NAME;", MADE_TASK),
        ("`define A $\n`define B finish\ninitial `A`B;", MADE_TASK),
        ("`define C(x) x\ninitial `C($)finish;", MADE_TASK),
        ("`define CALL(x) x``ish\ninitial `CALL($fin);", "a name that macros make up"),
        ("initial \\$finish ;", "$finish"),
        ("// a\rinitial $finish;", "$finish"),
        ("`define Q /*\ninitial $finish; /* */", "$finish"),
        ("`undef Q /*\ninitial $finish; /* */", "$finish"),
        ("`default_nettype none /*\ninitial $finish; /* */", COMMENT),
        ("`uselib /*\ninitial $finish; /* */", COMMENT),
        ('`ifdef NO\n" `endif initial $finish; // "\n', STRING),
        ('`undef Q "\\\ninitial $finish;\n', "$finish"),
        ('`celldefine "\\\ninitial $finish;\n', STRING),
        ("assign y = `W; /* that is\na $finish */", None),
        ("`timescale 1ns/1ps\n/* that is\na $finish */", None),
        ('`include "/data/answer.sv"', "`include"),
        ('`define TAKE `include "answer.sv"\n`TAKE', "`include"),
        ("initial force a = 0;", "force"),
        ("assign y = $root.tb.good1.y;", "$root"),
        ('initial $readmemh("answer.hex", m);', "$readmemh"),
    ],
)
def test_what_ends_the_run_or_reaches_out_is_refused(text: str, found: str | None) -> None:
    assert reaches_out(text) == found


def test_only_a_bench_that_nothing_starts_is_left_out() -> None:
    used = "module top(input a); b b();\nendmodule\nmodule b;\nendmodule\n"
    assert without_benches(used + "module tb;\ntop t();\nendmodule\n") == (
        used + " " * 10 + "\n" + " " * 8 + "\n" + " " * 9 + "\n"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('initial $display("debugging is allowed");', None),
        ('initial $readmemh("table.hex", m);', None),
        ('initial f = $fopen("results.xml");', "$fopen"),
        ("`define W $fwrite\ninitial `W(f, x);", "$fwrite"),
        ('initial $writememh("results.xml", m);', "$writememh"),
        ("`define FO(x) $fo``x\ninitial f = `FO(pen)(x);", "$fo"),
        ("`define N fopen\ninitial f = $`N (x);", MADE_TASK),
        ("initial f = \\$fopen (x);", "$fopen"),
        ("`define J(a, b) a``b\ninitial `J($write, memh)(x, m);", "$write"),
        ("`define P $write\n`define Q memh\ninitial `P`Q (x, m);", "$write"),
        ("`define C(x) x\ninitial `C($f)open(x);", "$f"),
        ("// a\rinitial f = $fopen(x);", "$fopen"),
        ('`ifdef NO\n" `endif initial f = $fopen(x); // "\n', STRING),
        ("initial $write(1); `define NAME(x) x``_q", None),
        ("logic q[$], p[0:$]; assign y = q[$ - 1];", None),
    ],
)
def test_files_are_written_by_nobody(text: str, found: str | None) -> None:
    assert writes_files(text) == found
