"""Benchmarks' problems are found in words and in structure, others are not."""

from pathlib import Path

import pytest
from msgspec import structs

from spec2rtl.chat import Message
from spec2rtl.errors import InputError
from training.decontaminate import Forbidden, refuse, report
from training.families import draw
from training.records import Sample

DATA = Path(__file__).parents[3] / "shared" / "data"
PROMPT = (
    "The traffic light goes from green to yellow after exactly nine cycles of the clock and "
    "then to red, where it stays until somebody presses the button."
)
RTL = """\
module light(input clk, input rst, input go, output reg [1:0] colour);
  reg [3:0] left;
  always @(posedge clk) begin
    if (rst) begin colour <= 2'd0; left <= 4'd9; end
    else if (left != 4'd0) left <= left - 4'd1;
    else if (go) begin colour <= colour + 2'd1; left <= 4'd9; end
  end
endmodule
"""


def sample(prompt: str = "Something else.", rtl: str = "") -> Sample:
    turn = (Message("user", prompt),)
    return Sample("x", "spec", turn, (Message("assistant", rtl),), "m", "o", "MIT", rtl=rtl)


@pytest.fixture
def forbidden(tmp_path: Path) -> Forbidden:
    (tmp_path / "Prob1_prompt.txt").write_text(PROMPT)
    (tmp_path / "Prob1_ref.sv").write_text(RTL)
    return Forbidden([tmp_path])


def renamed(rtl: str) -> str:
    return (
        rtl.replace("light", "lamp").replace("left", "rest").replace("colour", "c")
        .replace("4'd9", "4'd7").replace(";", " ;  // said anew\n")
    )  # fmt: skip


def test_items_in_another_order_are_the_same_design(tmp_path: Path) -> None:
    items = [
        f"  assign y{n} = {' ^ '.join(f'a[{i}]' for i in range(n + 1))};\n" for n in range(2, 5)
    ]
    ports = "input [7:0] a, output y2, output y3, output y4"
    written, again = (
        f"module m({ports});\n{''.join(order)}endmodule\n" for order in (items, items[::-1])
    )
    (tmp_path / "Prob3_ref.sv").write_text(written)
    hit = Forbidden([tmp_path]).hit(sample(rtl=renamed(again)))
    assert hit
    assert hit.what == "100% of the design's structure"


def test_a_body_too_short_for_a_run_of_tokens(tmp_path: Path) -> None:
    short = "module RefModule(input in, output logic zorro);\n  assign zorro = in;\nendmodule\n"
    (tmp_path / "Prob2_ref.sv").write_text(short)
    forbidden = Forbidden([tmp_path])
    again = short.replace("RefModule", "top").replace("\n  ", " // anew\n")
    again = again.replace("logic", "wire")
    hit = forbidden.hit(sample(rtl=again))
    assert hit
    assert hit.where == "Prob2_ref.sv"
    assert forbidden.hit(sample(rtl=short.replace("zorro", "y"))) is None


def test_an_answer_is_looked_at_where_there_is_no_rtl(forbidden: Forbidden) -> None:
    turns = (Message("assistant", f"```verilog\n{RTL}```"),)
    hit = forbidden.hit(structs.replace(sample(), completion=turns))
    assert hit
    assert hit.where == "Prob1_ref.sv"


@pytest.mark.parametrize(
    ("found", "where"),
    [
        (sample(), None),
        (sample(PROMPT), "Prob1_prompt.txt"),
        (sample("Please: " + PROMPT.upper().replace(" ", "\n")), "Prob1_prompt.txt"),
        (sample(PROMPT[:60]), None),
        (sample(rtl=f"module m(input a, output y);\n// {PROMPT}\nendmodule"), "Prob1_prompt.txt"),
        (sample(rtl=RTL), "Prob1_ref.sv"),
        (sample(rtl=renamed(RTL)), "Prob1_ref.sv"),
        (sample(rtl="module m(input a, output y); assign y = ~a; endmodule"), None),
    ],
)
def test_what_is_found(forbidden: Forbidden, found: Sample, where: str | None) -> None:
    hit = forbidden.hit(found)
    assert (hit.where if hit else None) == where


def test_a_json_line_of_any_schema(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text(f'{{"a": [{{"b": "{PROMPT}"}}]}}\nnot json\n')
    hit = Forbidden([tmp_path]).hit(sample(PROMPT))
    assert hit is not None
    assert hit.where == "set.jsonl:1"


def test_the_trainers_refuse(forbidden: Forbidden, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"d\.jsonl: 1 samples are a benchmark's problems"):
        refuse([sample(PROMPT)], [str(tmp_path)], Path("d.jsonl"))
    refuse([sample(PROMPT)], [], Path("d.jsonl"))
    refuse([sample()], [str(tmp_path)], Path("d.jsonl"))


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no benchmark found"):
        Forbidden([tmp_path])


def test_the_report_counts(forbidden: Forbidden) -> None:
    kept, hits = forbidden.split([sample(PROMPT), sample()])
    assert kept == []  # the same id: both go
    text = report(len(kept), hits, forbidden.problems)
    assert "0 samples kept, 1 removed, held against 2 texts" in text
    assert "| x | Prob1_prompt.txt | the words “" in text


@pytest.mark.skipif(not DATA.is_dir(), reason="the benchmarks' development data are not here")
def test_most_of_our_own_designs_are_no_benchmark_problem() -> None:
    forbidden = Forbidden([DATA])
    sources = draw(2, 0)
    samples = [sample(rtl=s.rtl) for s in sources]
    assert sum(forbidden.hit(s) is not None for s in samples) < 0.2 * len(samples)
