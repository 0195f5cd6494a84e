"""The test benches of the examples tell right designs from wrong ones, with real tools."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.rtl import Design, SourceFile

EXAMPLES = Path(__file__).parents[2] / "examples"
REFERENCES = Path(__file__).parent / "references"


@dataclass(frozen=True)
class Example:
    """A design that its tests pass, and the tests."""

    design: Path
    folder: str
    parameters: dict[str, int] = field(default_factory=dict)

    @property
    def top(self) -> str:
        return self.design.stem

    @property
    def tests(self) -> Path:
        return EXAMPLES / self.folder / f"test_{self.top}.py"


COUNTER = Example(REFERENCES / "counter.v", "counter")
EDGE_DETECTOR = Example(REFERENCES / "edge_detector.v", "edge_detector")
ARBITER = Example(REFERENCES / "arbiter.v", "arbiter")
FIFO = Example(REFERENCES / "fifo.v", "fifo")
SMALL_FIFO = Example(FIFO.design, "fifo", {"DEPTH": 2, "DATA_WIDTH": 1})
BIG_FIFO = Example(FIFO.design, "fifo", {"DEPTH": 32, "DATA_WIDTH": 12})
UART_TX = Example(REFERENCES / "uart_tx.v", "uart_tx")
FAST_UART_TX = Example(UART_TX.design, "uart_tx", {"CLKS_PER_BIT": 2})
PWM = Example(REFERENCES / "pwm.sv", "pwm")
WIDE_PWM = Example(PWM.design, "pwm", {"WIDTH": 6})
FIFO_REPAIR = Example(EXAMPLES / "fifo_repair" / "fifo.v", "fifo_repair")
COUNTER_EDIT = Example(EXAMPLES / "counter_edit" / "counter.v", "counter_edit")

Edits = dict[str, str]


@pytest.fixture(scope="module")
def toolchain() -> IcarusToolchain:
    return IcarusToolchain(find_tools())


async def failing(toolchain: IcarusToolchain, example: Example, edits: Edits) -> set[str]:
    """Simulate an example, edited, and name the tests that fail."""
    source = SourceFile(str(example.design), edited(example.design.read_text(), edits))
    parameters = tuple((name, str(value)) for name, value in example.parameters.items())
    design = Design((source,), top=example.top, parameters=parameters)
    testbench = load_testbench(example.tests)
    report = await toolchain.simulate(design, testbench)
    assert report.reason in {"ok", "test_failed"}, report.log
    assert {test.name for test in report.tests} == set(testbench.tests)
    return {test.name for test in report.tests if test.status != "passed"}


def edited(rtl: str, edits: Edits) -> str:
    """Replace each text where it stands, which is in one place."""
    for search, replace in edits.items():
        assert rtl.count(search) == 1, f"{search!r} is there {rtl.count(search)} times"
        rtl = rtl.replace(search, replace)
    return rtl


def label(value: object) -> str:
    """Name a row of the tables."""
    if isinstance(value, Example):
        return "-".join([value.folder, *(f"{k}={v}" for k, v in value.parameters.items())])
    if isinstance(value, dict):
        return " ".join(next(iter(value.values()), "as it is").split())[:40] or "without"
    return str(value)


# Right designs: the references, and others that a spec leaves as free to choose.
RIGHT: list[tuple[Example, Edits]] = [
    (COUNTER, {}),
    (COUNTER, {"reg [3:0] count": "reg [3:0] count = 4'd9"}),
    (COUNTER, {"count <= count + 4'd1": "count <= (count == 4'd15) ? 4'd0 : count + 1"}),
    (EDGE_DETECTOR, {}),
    (EDGE_DETECTOR, {"rise <= sig & ~sample": "rise <= (sample == 0) && (sig == 1)"}),
    (ARBITER, {}),
    (FIFO, {}),
    (FIFO, {"rd_ptr <= 0;": "rd_ptr <= 0; rd_data <= 0;"}),
    (SMALL_FIFO, {}),
    (BIG_FIFO, {}),
    (UART_TX, {}),
    (UART_TX, {"rest <= rest >> 1;": "rest <= {1'b1, rest[8:1]};"}),
    (FAST_UART_TX, {}),
    (PWM, {}),
    (WIDE_PWM, {}),
    (FIFO_REPAIR, {"case ({wr_en, rd_en})": "case ({do_write, do_read})"}),
    (
        COUNTER_EDIT,
        {
            "[3:0] count": "[7:0] count",
            "count == 4'd15": "count == 8'd255",
            "count <= 4'd0": "count <= 8'd0",
            "count + 4'd1": "count + 8'd1",
        },
    ),
]

# Wrong designs, each with a test that tells.
WRONG: list[tuple[Example, Edits, str]] = [
    (COUNTER, {"posedge clk": "posedge clk or posedge rst"}, "reset_waits_for_the_clock"),
    (COUNTER, {"posedge clk": "negedge clk"}, "counts_and_wraps"),
    (COUNTER, {"else if (en)": "else"}, "holds_while_disabled"),
    (COUNTER, {"else if (en)": "else if (!en)"}, "counts_and_wraps"),
    (COUNTER, {"if (rst)\n": "if (!rst)\n"}, "counts_and_wraps"),
    (COUNTER, {"if (rst)\n": "if (rst && !en)\n"}, "reset_wins_over_enable"),
    (COUNTER, {"if (rst)\n": "if (1'b0)\n"}, "reset_clears"),
    (COUNTER, {"4'd0": "4'd1"}, "reset_clears"),
    (COUNTER, {"count + 4'd1": "count - 4'd1"}, "counts_and_wraps"),
    (COUNTER, {"count + 4'd1": "count == 4'd14 ? 4'd0 : count + 4'd1"}, "counts_and_wraps"),
    (COUNTER, {"count + 4'd1": "count == 4'd15 ? 4'd15 : count + 4'd1"}, "counts_and_wraps"),
    (COUNTER, {"[3:0] count": "[2:0] count"}, "counts_and_wraps"),
    (COUNTER, {"[3:0] count": "[4:0] count"}, "counts_and_wraps"),
    (EDGE_DETECTOR, {"posedge clk": "posedge clk or posedge rst"}, "reset_waits_for_the_clock"),
    (EDGE_DETECTOR, {"posedge clk": "negedge clk"}, "pulses_of_one_cycle_are_seen"),
    (EDGE_DETECTOR, {"sig & ~sample": "~sig & sample"}, "one_pulse_for_a_rising_edge"),
    (EDGE_DETECTOR, {"sig & ~sample": "sig ^ sample"}, "one_pulse_for_a_rising_edge"),
    (EDGE_DETECTOR, {"sig & ~sample": "sig"}, "one_pulse_for_a_rising_edge"),
    (EDGE_DETECTOR, {"rise <= sig & ~sample": "rise <= rise | sig"}, "one_pulse_for_a_rising_edge"),
    (EDGE_DETECTOR, {"sample <= 1'b0": "sample <= 1'b1"}, "reset_clears_the_sample"),
    (EDGE_DETECTOR, {"sample <= 1'b0;": "sample <= sig;"}, "reset_clears_the_sample"),
    (
        EDGE_DETECTOR,
        {
            "output reg rise": "output rise",
            "reg sample;": "reg sample; assign rise = sig & ~sample;",
            "rise <= 1'b0;": "",
            "rise <= sig & ~sample;": "",
        },
        "output_changes_only_at_the_clock",
    ),
    (
        EDGE_DETECTOR,
        {"reg sample;": "reg sample; reg late;", "rise <= sig": "late <= sample; rise <= sample"}
        | {"~sample": "~late"},
        "one_pulse_for_a_rising_edge",
    ),
    (ARBITER, {"posedge clk": "posedge clk or posedge rst"}, "output_changes_only_at_the_clock"),
    (ARBITER, {"last <= winner;": ""}, "all_take_turns"),
    (ARBITER, {"last <= winner;": "last <= winner + 2'd1;"}, "all_take_turns"),
    (ARBITER, {"last <= 2'd3": "last <= 2'd0"}, "reset_begins_with_requester_0"),
    (ARBITER, {"last <= 2'd3;": ""}, "reset_begins_with_requester_0"),
    (
        ARBITER,
        {"== 4'b0000) begin": "== 4'b0000) begin last <= 2'd3;"},
        "the_turn_survives_idle_cycles",
    ),
    (ARBITER, {"if (req[last + 2'd3]) winner = last + 2'd3;": ""}, "random_requests"),
    (ARBITER, {"4'b0001 << winner": "req"}, "all_take_turns"),
    (
        ARBITER,
        {"== 4'b0000) begin\n            grant <= 4'b0000;": "== 4'b0000) begin"},
        "the_turn_survives_idle_cycles",
    ),
    (FIFO, {"posedge clk": "posedge clk or posedge rst"}, "reset_waits_for_the_clock"),
    (FIFO, {"wr_en && !full": "wr_en"}, "a_write_to_a_full_fifo_is_ignored"),
    (FIFO, {"wr_en && !full": "wr_en && (!full || rd_en)"}, "a_write_to_a_full_fifo_is_ignored"),
    (FIFO, {"rd_en && !empty": "rd_en"}, "a_read_of_an_empty_fifo_is_ignored"),
    (FIFO, {"level == DEPTH;": "level == DEPTH - 1;"}, "every_word_can_be_used"),
    (FIFO, {"if (do_read)": "else if (do_read)"}, "write_and_read_at_once"),
    (FIFO, {"rd_ptr <= 0;": ""}, "empty_after_reset"),
    (FIFO, {"rd_ptr <= rd_ptr + 1'b1": "rd_ptr <= rd_ptr + 2'd2"}, "words_come_out_in_order"),
    (FIFO, {"if (do_read) begin": "else rd_data <= 0; if (do_read) begin"}, "random_traffic"),
    (FIFO, {"= $clog2(DEPTH)": "= 3"}, "every_word_can_be_used"),
    (BIG_FIFO, {"reg [DATA_WIDTH-1:0] memory": "reg [7:0] memory"}, "words_come_out_in_order"),
    (
        FIFO,
        {
            "output reg [DATA_WIDTH-1:0] rd_data": "output [DATA_WIDTH-1:0] rd_data",
            "assign full": "assign rd_data = memory[rd_ptr[ADDR_WIDTH-1:0]]; assign full",
            "rd_data <= memory[rd_ptr[ADDR_WIDTH-1:0]];": "",
        },
        "rd_data_holds_between_reads",
    ),
    (UART_TX, {" or negedge rst_n": ""}, "reset_does_not_wait_for_the_clock"),
    (UART_TX, {"CLKS_PER_BIT - 1": "CLKS_PER_BIT"}, "sends_every_kind_of_byte"),
    (FAST_UART_TX, {"!= CLKS_PER_BIT - 1": "!= 7"}, "sends_every_kind_of_byte"),
    (UART_TX, {"bits == 4'd9": "bits == 4'd8"}, "sends_every_kind_of_byte"),
    (UART_TX, {"{1'b1, data}": "{1'b0, data}"}, "sends_every_kind_of_byte"),
    (UART_TX, {"tx <= 1'b1;": "tx <= 1'b0;"}, "idle_line_is_high"),
    (UART_TX, {"tx <= rest[0]": "tx <= data[bits]"}, "a_byte_on_its_way_is_not_disturbed"),
    (UART_TX, {"else if (!busy) begin": "else if (!busy || start) begin"}, "random_bytes"),
    (UART_TX, {"busy <= 1'b0;\n            end": "busy <= start; end"}, "random_bytes"),
    (
        UART_TX,
        {
            "rest <= {1'b1, data}": "rest <= {data, 1'b0}",
            "tx <= rest[0]": "tx <= (bits == 4'd8) ? 1'b1 : rest[8]",
            "rest >> 1": "rest << 1",
        },
        "sends_the_least_significant_bit_first",
    ),
    (PWM, {"posedge clk": "posedge clk or posedge rst"}, "reset_waits_for_the_clock"),
    (PWM, {"position < now": "position <= now"}, "every_duty_cycle"),
    (PWM, {"position < now": "position < held"}, "every_duty_cycle"),
    (PWM, {"position < now": "position < duty"}, "duty_is_taken_once_a_period"),
    (PWM, {"position < now": "position >= now"}, "every_duty_cycle"),
    (PWM, {"position <= '0;": ""}, "reset_begins_a_new_period"),
    (PWM, {"position <= '0;": "position <= '1;"}, "reset_begins_a_new_period"),
    (FIFO_REPAIR, {}, "a_write_to_a_full_fifo_is_ignored"),
    (FIFO_REPAIR, {}, "a_read_from_an_empty_fifo_is_ignored"),
    (COUNTER_EDIT, {}, "count_is_eight_bits_wide"),
    (COUNTER_EDIT, {"[3:0] count": "[7:0] count"}, "counts_to_255_and_wraps"),
]


@pytest.mark.parametrize(("example", "edits"), RIGHT, ids=label)
async def test_right(toolchain: IcarusToolchain, example: Example, edits: Edits):
    assert await failing(toolchain, example, edits) == set()


@pytest.mark.parametrize(("example", "edits", "test"), WRONG, ids=label)
async def test_wrong(toolchain: IcarusToolchain, example: Example, edits: Edits, test: str):
    assert test in await failing(toolchain, example, edits)
