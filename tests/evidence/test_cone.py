"""The cone of influence of a signal, and what is known of names, from the syntax alone."""

import time
from textwrap import dedent

import pytest

from spec2rtl.evidence.cone import Hierarchy, cone
from spec2rtl.evidence.netlist import memories, netlists
from spec2rtl.evidence.slice import constants
from spec2rtl.rtl import Design, SourceFile

TEXT = dedent("""\
    `define STEP 4'd1
    module top #(
      parameter int W = 4
    ) (
      input  logic         clk, rst_n,
      input  logic [W-1:0] data,
      input  logic         go, stop,
      output logic [W-1:0] out,
      output logic         busy, done,
      output logic [3:0]   count
    );
      typedef enum logic [1:0] {IDLE, RUN = 2, LAST} state_t;
      state_t state, next;
      logic [W-1:0] kept;
      function automatic logic [W-1:0] twice(input logic [W-1:0] x);
        return x << 1;
      endfunction
      always_ff @(posedge clk or negedge rst_n)
        if (!rst_n) state <= IDLE;
        else state <= next;
      always_comb begin
        next = state;
        unique case (state)
          IDLE: if (go) next = RUN;
          RUN: begin
            next = LAST;
          end
          LAST, 2'd1: next = IDLE;
        endcase
      end
      for (genvar i = 0; i < W; i++) begin : g
        always_ff @(posedge clk) if (state == RUN) kept[i] <= data[i];
      end
      assign out = twice(kept), done = state == LAST;
      always @(posedge clk) if (stop) count <= 0; else count <= count + `STEP;
      latch #(.W(1)) u (.*, .q(busy), .d(state != IDLE));
    endmodule
    module latch #(parameter W = 1) (input logic clk, d, output logic q);
      always_latch if (clk) q = d;
    endmodule
""")

ROWS = {
    "count": ({1, 10, 35}, {"clk", "stop", "count", "`STEP"}),
    "done": ({9, 12, 13, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 34}, {"go", "next", "LAST"}),
    "out": ({8, 14, 15, 16, 17, 32, 34, 24}, {"twice", "kept", "data", "W", "go"}),
    "busy": ({36, 38, 39, 19, 20, 24}, {"u.q", "u.d", "u.clk", "clk", "state", "go"}),
}


def hierarchy() -> Hierarchy:
    return Hierarchy(netlists(Design((SourceFile("/m.sv", TEXT),))), "top")


@pytest.mark.parametrize("name", ROWS)
def test_cones(name: str) -> None:
    lines, names = ROWS[name]
    found = cone(hierarchy(), [name])
    assert lines <= {line.line for line in found.lines}
    assert names <= {node.full.removeprefix("top.") for node in found.nodes}
    assert found.distances[hierarchy().node(name)] == 0


def test_what_has_no_say() -> None:
    found = cone(hierarchy(), ["count"])
    assert {line.line for line in found.lines} == {1, 5, 7, 10, 35}


def test_constants() -> None:
    found = constants(netlists(Design((SourceFile("/m.sv", TEXT),)))["top"], {"W": "9"})
    assert {name: int(bits.text, 2) for name, bits in found.items()} == {
        "W": 9,
        "IDLE": 0,
        "RUN": 2,
        "LAST": 3,
    }


def test_labels_in_a_module_of_many_ports() -> None:
    ports = "".join(f", input [7:0] p{n}" for n in range(3000))
    text = f"module m(output [7:0] q{ports});\n  assign q = p1;\nendmodule\n"
    netlist = netlists(Design((SourceFile("/m.v", text),)))["m"]
    began = time.process_time()
    assert constants(netlist, {}) == {}
    assert time.process_time() - began < 5


def test_labels_of_a_package_in_another_file() -> None:
    package = "package p;\n  typedef enum logic [1:0] {IDLE, RUN = 2, LAST} state_t;\nendpackage\n"
    module = (
        "module m import p::*; (input state_t s, output q);\n  assign q = s == LAST;\nendmodule\n"
    )
    design = Design((SourceFile("/p.sv", package), SourceFile("/m.sv", module)))
    found = constants(netlists(design)["m"], {})
    assert {name: int(bits.text, 2) for name, bits in found.items()} == {
        "IDLE": 0,
        "RUN": 2,
        "LAST": 3,
    }


def test_a_long_chain_of_alternatives_is_read_to_its_end() -> None:
    tests = " else ".join(f"if (a == {n}) q = {n};" for n in range(300))
    text = (
        f"module m(input [9:0] a, input en, output reg [9:0] q);\n  always @* begin {tests}\n"
        "    if (en) q = 0;\n  end\nendmodule\n"
    )
    netlist = netlists(Design((SourceFile("/m.v", text),)))["m"]
    *_, last, after = (d for d in netlist.drivers["q"] if not d.declares)
    assert sorted(last.guards) == sorted(
        [*((f"a=={n}", False) for n in range(299)), ("a==299", True)]
    )
    assert after.guards == (("en", True),)


def test_memories_of_modules_that_hold_themselves_end() -> None:
    more = "".join(f"module n{i}; endmodule\n" for i in range(60))
    text = (
        "module t; reg [7:0] m [0:3];\n"
        "  generate if (0) begin t a(); t b(); end endgenerate\nendmodule\n"
    )
    known = netlists(Design((SourceFile("/t.v", text + more),)))
    assert list(memories(known, "t", "t")) == ["t.m"]
