"""What a candidate may not call while it is judged."""

import pytest

from spec2rtl.evals.gate import reaches_out, writes_files


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
        ("`define NAME finish\ninitial $`NAME;", "$"),
        ("`define CALL(x) x``ish\ninitial `CALL($fin);", "``"),
        ('`include "/data/answer.sv"', "`include"),
        ('`define TAKE `include "answer.sv"\n`TAKE', "`include"),
        ("initial force a = 0;", "force"),
        ("assign y = $root.tb.good1.y;", "$root"),
        ('initial $readmemh("answer.hex", m);', "$readmemh"),
    ],
)
def test_what_ends_the_run_or_reaches_out_is_refused(text: str, found: str | None) -> None:
    assert reaches_out(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('initial $display("debugging is allowed");', None),
        ('initial $readmemh("table.hex", m);', None),
        ('initial f = $fopen("results.xml");', "$fopen"),
        ("`define W $fwrite\ninitial `W(f, x);", "$fwrite"),
        ('initial $writememh("results.xml", m);', "$writememh"),
    ],
)
def test_files_are_written_by_nobody(text: str, found: str | None) -> None:
    assert writes_files(text) == found
