"""Shift registers, serialisers, shift-based generators and rotators."""

from training.designs.shape import RESETS, Family, Member, Model, Reset, Rtl, Signal


def _shift_register(module: str, width: int, direction: str, load: str, reset: str) -> Member:
    left = direction == "left"
    has_load = load == "with a parallel load"
    shifted = f"{{q[{width - 2}:0], d}}" if left else f"{{d, q[{width - 1}:1]}}"
    python = (
        f"((self.q << 1) | d) & {(1 << width) - 1}"
        if left
        else f"(self.q >> 1) | (d << {width - 1})"
    )
    enters, leaves = ("0", str(width - 1)) if left else (str(width - 1), "0")
    inputs = [
        Signal("shift", 1, "shift by one position"),
        Signal("d", 1, "serial input"),
    ]
    if has_load:
        inputs += [
            Signal("load", 1, "take `data`; wins over `shift`"),
            Signal("data", width, "value to load"),
        ]
    loads = ("When `load` is 1, `q` becomes `data`, whatever `shift` is.",) if has_load else ()
    return Member(
        module=module,
        title=f"{width}-bit shift register that shifts {direction}",
        inputs=tuple(inputs),
        outputs=(
            Signal("q", width, "contents"),
            Signal("out", 1, f"serial output, `q[{leaves}]`"),
        ),
        rules=(
            "On reset `q` becomes 0.",
            *loads,
            f"When `shift` is 1{' and `load` is 0' if has_load else ''}, `q` moves {direction} by "
            f"one position and `d` enters at bit {enters}.",
            "Otherwise `q` keeps its value.",
            f"`out` always equals `q[{leaves}]`.",
        ),
        story=(
            f"The register `q` shifts {direction} at clock edges at which `shift` is high: the "
            f"serial input `d` enters at bit {enters}, and bit {leaves}, which is also the output "
            f"`out`, is lost. {'A high `load` replaces the whole of `q` by `data` instead. ' if has_load else ''}"
            "With nothing requested it holds. Reset clears it."
        ),
        rtl=Rtl(
            on_reset=f"q <= {width}'d0;",
            on_edge=(
                f"if (load)\n    q <= data;\nelse if (shift)\n    q <= {shifted};"
                if has_load
                else f"if (shift)\n    q <= {shifted};"
            ),
            continuous=f"assign out = q[{leaves}];",
        ),
        model=Model(
            outputs={"q": "self.q", "out": f"(self.q >> {leaves}) & 1"},
            on_reset="self.q = 0",
            on_edge=(
                f"if load:\n    self.q = data\nelif shift:\n    self.q = {python}"
                if has_load
                else f"if shift:\n    self.q = {python}"
            ),
        ),
        reset=Reset(reset),
        registers=frozenset(("q",)),
        likely={"load": 0.1, "shift": 0.8},
    )


def _serialiser(module: str, width: int, order: str, reset: str) -> Member:
    msb = order == "most significant bit first"
    counted = width.bit_length()
    bit = width - 1 if msb else 0
    shifted = f"{{word[{width - 2}:0], 1'b0}}" if msb else f"{{1'b0, word[{width - 1}:1]}}"
    python = f"(self.word << 1) & {(1 << width) - 1}" if msb else "self.word >> 1"
    return Member(
        module=module,
        title=f"serialiser of {width}-bit words, {order}",
        inputs=(
            Signal("start", 1, "send `data`; ignored while `busy` is 1"),
            Signal("data", width, "word to send"),
        ),
        outputs=(
            Signal("busy", 1, "1 while a word is being sent"),
            Signal("sd", 1, "serial data; 0 when idle"),
        ),
        rules=(
            "On reset the module is idle: `busy` and `sd` are 0.",
            "When it is idle and `start` is 1 at a clock edge, `data` is taken and `busy` is 1 "
            f"for the next {width} cycles.",
            f"In these cycles `sd` gives the bits of the word, one per cycle, {order}.",
            "`start` has no effect while `busy` is 1; a new word can begin only from idle.",
        ),
        story=(
            f"A word of {width} bits is captured from `data` when `start` is high at a clock edge "
            f"and nothing is being sent. Beginning with the cycle after that edge its bits appear "
            f"on `sd`, {order}, each for one clock cycle, with `busy` high all the time. Then both "
            "outputs are low again; requests that come while busy are dropped."
        ),
        rtl=Rtl(
            declarations=f"reg [{width - 1}:0] word;\nreg [{counted - 1}:0] left;",
            on_reset=f"word <= {width}'d0;\nleft <= {counted}'d0;",
            on_edge=(
                f"if (left == {counted}'d0) begin\n    if (start) begin\n        word <= data;\n"
                f"        left <= {counted}'d{width};\n    end\nend else begin\n"
                f"    word <= {shifted};\n    left <= left - {counted}'d1;\nend"
            ),
            continuous=f"assign busy = (left != {counted}'d0);\nassign sd = busy && word[{bit}];",
        ),
        model=Model(
            outputs={
                "busy": "int(self.left > 0)",
                "sd": f"(self.word >> {bit}) & 1 if self.left else 0",
            },
            on_reset="self.word = 0\nself.left = 0",
            on_edge=(
                f"if self.left == 0:\n    if start:\n        self.word, self.left = data, {width}\n"
                f"else:\n    self.word = {python}\n    self.left -= 1"
            ),
        ),
        reset=Reset(reset),
    )


_TAPS = {3: (3, 2), 4: (4, 3), 5: (5, 3), 6: (6, 5), 7: (7, 6), 9: (9, 5), 10: (10, 7)}


def _lfsr(module: str, width: int, seed: str, reset: str) -> Member:
    a, b = (tap - 1 for tap in _TAPS[width])
    start = 1 if seed == "1" else (1 << width) - 1
    return Member(
        module=module,
        title=f"{width}-bit linear feedback shift register",
        inputs=(Signal("step", 1, "advance by one state"),),
        outputs=(Signal("state", width, "contents of the register"),),
        rules=(
            f"On reset `state` becomes {start}.",
            f"When `step` is 1, `state` shifts left by one and the new bit 0 is "
            f"`state[{a}] ^ state[{b}]`, taken before the shift.",
            "When `step` is 0, `state` is kept.",
        ),
        story=(
            f"It is of the Fibonacci form: at each step all bits move one place up, the top bit "
            f"falls out, and the exclusive or of the old bits {a} and {b} becomes bit 0. Steps "
            f"happen only at clock edges with `step` high. The start value after reset is {start}."
        ),
        rtl=Rtl(
            on_reset=f"state <= {width}'d{start};",
            on_edge=f"if (step)\n    state <= {{state[{width - 2}:0], state[{a}] ^ state[{b}]}};",
        ),
        model=Model(
            outputs={"state": "self.state"},
            on_reset=f"self.state = {start}",
            on_edge=(
                f"if step:\n    new = ((self.state >> {a}) ^ (self.state >> {b})) & 1\n"
                f"    self.state = ((self.state << 1) | new) & {(1 << width) - 1}"
            ),
        ),
        reset=Reset(reset),
        registers=frozenset(("state",)),
        likely={"step": 0.8},
    )


def _rotator(module: str, width: int, direction: str, kind: str) -> Member:
    left = direction == "left"
    by = (width - 1).bit_length()
    mask = (1 << width) - 1
    rotates = kind == "rotate"
    there, back = ("<<", ">>") if left else (">>", "<<")
    fills = "bits that leave at one end come in at the other" if rotates else "zeros fill the gap"
    wraps = f" | (d {back} ({width} - n))" if rotates else ""
    python = f"(d {there} n){wraps}"
    rtl = (
        f"wire [{2 * width - 1}:0] twice = {{d, d}} {there} n;\n"
        f"assign y = twice[{2 * width - 1 if left else width - 1}:{width if left else 0}];"
        if rotates
        else f"assign y = d {there} n;"
    )
    return Member(
        module=module,
        title=f"{width}-bit {kind} {direction} by a variable distance",
        inputs=(Signal("d", width, "operand"), Signal("n", by, "distance")),
        outputs=(Signal("y", width, "result"),),
        rules=(
            f"`y` is `d` moved {direction} by `n` positions; {fills}.",
            "`n` may be any value; at 0 the operand passes unchanged.",
            "The module is combinational.",
        ),
        story=(
            f"It performs a {kind} to the {direction}. The distance `n` runs from 0 to "
            f"{width - 1} bit positions, and {fills}."
        ),
        rtl=Rtl(continuous=rtl),
        model=Model(outputs={"y": f"({python}) & {mask}"}),
    )


SHIFTING = (
    Family(
        "shift_register",
        ("shift_reg", "serial_reg", "bit_shifter"),
        {
            "width": (3, 4, 6, 8, 12),
            "direction": ("left", "right"),
            "load": ("without a parallel load", "with a parallel load"),
            "reset": RESETS,
        },
        {
            "width": "the width in bits",
            "direction": "the direction of shifting",
            "load": "the loading",
            "reset": "the reset",
        },
        _shift_register,
    ),
    Family(
        "serialiser",
        ("word_tx", "serialiser", "bit_sender"),
        {
            "width": (4, 5, 8, 10, 12),
            "order": ("most significant bit first", "least significant bit first"),
            "reset": RESETS,
        },
        {
            "width": "the word's width in bits",
            "order": "the order of the bits",
            "reset": "the reset",
        },
        _serialiser,
    ),
    Family(
        "lfsr",
        ("lfsr", "feedback_reg", "noise_gen"),
        {"width": tuple(_TAPS), "seed": ("1", "all ones"), "reset": RESETS},
        {"width": "the width in bits", "seed": "the value after reset", "reset": "the reset"},
        _lfsr,
    ),
    Family(
        "rotator",
        ("var_shift", "barrel", "mover"),
        {"width": (4, 8, 16), "direction": ("left", "right"), "kind": ("rotate", "logical shift")},
        {"width": "the width in bits", "direction": "the direction", "kind": "the operation"},
        _rotator,
    ),
)
