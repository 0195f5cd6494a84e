"""Counters and what is made of them."""

from training.designs.shape import (
    RESETS,
    Family,
    Member,
    Model,
    Reset,
    Rtl,
    Signal,
    bits,
    plural,
)


def _counter(module: str, width: int, modulus: str, direction: str, reset: str) -> Member:
    full = 1 << width
    last = {"full range": full, "three quarters": full * 3 // 4, "odd": full // 2 + 1}[modulus] - 1
    up = direction == "up"
    first, end = (0, last) if up else (last, 0)
    step = "+ 1" if up else "- 1"
    return Member(
        module=module,
        title=f"{width}-bit {direction} counter that counts from {first} to {end}",
        inputs=(Signal("en", 1, "count enable"),),
        outputs=(
            Signal("count", width, "current count"),
            Signal("wrap", 1, f"1 while `count` is {end} and `en` is 1"),
        ),
        rules=(
            f"On reset `count` becomes {first}.",
            f"When `en` is 1, `count` changes to `count {step}`; from {end} it goes to {first}.",
            "When `en` is 0, `count` keeps its value.",
            f"`wrap` is combinational: it is 1 exactly while `en` is 1 and `count` is {end}.",
        ),
        story=(
            f"It counts {direction} through the values {first} to {end} and then begins again at "
            f"{first}, one step per clock cycle in which `en` is high; otherwise it holds. After "
            f"reset the count is {first}. The output `wrap` announces, within the same cycle, "
            f"that the next edge will take the count from {end} to {first}."
        ),
        rtl=Rtl(
            on_reset=f"count <= {width}'d{first};",
            on_edge=f"if (en)\n    count <= (count == {width}'d{end}) ? {width}'d{first} : "
            f"count {step[0]} {width}'d1;",
            continuous=f"assign wrap = en && (count == {width}'d{end});",
        ),
        model=Model(
            outputs={"count": "self.count", "wrap": f"int(en and self.count == {end})"},
            on_reset=f"self.count = {first}",
            on_edge=f"if en:\n    self.count = {first} if self.count == {end} "
            f"else self.count {step}",
        ),
        reset=Reset(reset),
        registers=frozenset(("count",)),
        likely={"en": 0.9},
    )


def _gray_counter(module: str, width: int, enable: str, reset: str) -> Member:
    gated = enable == "with an enable"
    step = f"value <= value + {width}'d1;"
    return Member(
        module=module,
        title=f"{width}-bit Gray code counter",
        inputs=(
            Signal("en", 1, "count enable")
            if gated
            else Signal("hold", 1, "stops the counter while high"),
        ),
        outputs=(Signal("gray", width, "count in Gray code"),),
        rules=(
            "On reset the count is 0.",
            f"Inside it counts in binary from 0 to {(1 << width) - 1} and around, one step per "
            f"clock while {'`en` is 1' if gated else '`hold` is 0'}.",
            "`gray` is the reflected Gray code of the binary count: the count XOR the count "
            "shifted right by one.",
        ),
        story=(
            f"Successive values of `gray` differ in exactly one bit. The sequence is the "
            f"{width}-bit reflected Gray code starting at 0 after reset, and it advances by one "
            f"at each clock edge unless {'`en` is low' if gated else '`hold` is high'}."
        ),
        rtl=Rtl(
            declarations=f"reg {bits(width)}value;",
            on_reset=f"value <= {width}'d0;",
            on_edge=f"if ({'en' if gated else '!hold'})\n    {step}",
            continuous="assign gray = value ^ (value >> 1);",
        ),
        model=Model(
            outputs={"gray": "self.value ^ (self.value >> 1)"},
            on_reset="self.value = 0",
            on_edge=f"if {'en' if gated else 'not hold'}:\n"
            f"    self.value = (self.value + 1) % {1 << width}",
        ),
        reset=Reset(reset),
        likely={"en": 0.8, "hold": 0.2},
    )


def _ticker(module: str, period: int, pulse: str, reset: str) -> Member:
    width = (period - 1).bit_length()
    first = pulse == "first cycle"
    at = 0 if first else period - 1
    return Member(
        module=module,
        title=f"tick generator with a period of {period} cycles",
        inputs=(Signal("run", 1, "lets the period go on"),),
        outputs=(Signal("tick", 1, f"high in the {pulse} of each period"),),
        rules=(
            f"A cycle counter runs from 0 to {period - 1} and begins again; it starts at 0 on reset.",
            "It advances at each clock edge at which `run` is 1 and stands still otherwise.",
            f"`tick` is 1 exactly while the counter is {at} and `run` is 1.",
        ),
        story=(
            f"Every {plural(period, 'clock cycle')} in which `run` is high make one period. "
            f"`tick` is high during the {pulse} of each period, and never while `run` is low. "
            "While `run` is low the position within the period is remembered. A period begins "
            "after reset."
        ),
        rtl=Rtl(
            declarations=f"reg {bits(width)}cycle;",
            on_reset=f"cycle <= {width}'d0;",
            on_edge=f"if (run)\n    cycle <= (cycle == {width}'d{period - 1}) ? {width}'d0 : "
            f"cycle + {width}'d1;",
            continuous=f"assign tick = run && (cycle == {width}'d{at});",
        ),
        model=Model(
            outputs={"tick": f"int(run and self.cycle == {at})"},
            on_reset="self.cycle = 0",
            on_edge=f"if run:\n    self.cycle = (self.cycle + 1) % {period}",
        ),
        reset=Reset(reset),
        likely={"run": 0.85},
    )


def _one_shot(module: str, length: int, again: str, reset: str) -> Member:
    width = length.bit_length()
    restarts = again == "starts the pulse afresh"
    start = "trigger" if restarts else f"trigger && left == {width}'d0"
    return Member(
        module=module,
        title=f"one-shot that stretches a trigger to {plural(length, 'cycle')}",
        inputs=(Signal("trigger", 1, "starts a pulse"),),
        outputs=(Signal("pulse", 1, f"high for {plural(length, 'cycle')}"),),
        rules=(
            "On reset no pulse is going on and `pulse` is 0.",
            f"A clock edge with `trigger` at 1 makes `pulse` 1 for the next "
            f"{plural(length, 'cycle')}.",
            f"A trigger while `pulse` is 1 {again}.",
            "`pulse` is 0 at all other times.",
        ),
        story=(
            f"When `trigger` is sampled high at a clock edge while `pulse` is low, `pulse` goes "
            f"high and stays so for {plural(length, 'clock cycle')}. A trigger that comes while "
            f"`pulse` is high {again}."
        ),
        rtl=Rtl(
            declarations=f"reg {bits(width)}left;",
            on_reset=f"left <= {width}'d0;",
            on_edge=f"if ({start})\n    left <= {width}'d{length};\n"
            f"else if (left != {width}'d0)\n    left <= left - {width}'d1;",
            continuous=f"assign pulse = (left != {width}'d0);",
        ),
        model=Model(
            outputs={"pulse": "int(self.left > 0)"},
            on_reset="self.left = 0",
            on_edge=f"if trigger{'' if restarts else ' and self.left == 0'}:\n"
            f"    self.left = {length}\nelif self.left:\n    self.left -= 1",
        ),
        reset=Reset(reset),
        likely={"trigger": 0.2},
    )


COUNTING = (
    Family(
        "counter",
        ("wrap_counter", "range_counter", "step_counter", "mod_counter"),
        {
            "width": (3, 4, 5, 6, 8),
            "modulus": ("full range", "three quarters", "odd"),
            "direction": ("up", "down"),
            "reset": RESETS,
        },
        {
            "width": "the width in bits",
            "modulus": "the range",
            "direction": "the direction of counting",
            "reset": "the reset",
        },
        _counter,
    ),
    Family(
        "gray_counter",
        ("gray_counter", "gray_seq", "reflected_counter"),
        {
            "width": (2, 3, 4, 5, 6, 8),
            "enable": ("with an enable", "with a hold"),
            "reset": RESETS,
        },
        {"width": "the width in bits", "enable": "the control input", "reset": "the reset"},
        _gray_counter,
    ),
    Family(
        "ticker",
        ("tick_gen", "period_tick", "strobe_every"),
        {
            "period": (3, 5, 6, 7, 10, 12, 16, 20, 25),
            "pulse": ("first cycle", "last cycle"),
            "reset": RESETS,
        },
        {"period": "the period in cycles", "pulse": "the place of the tick", "reset": "the reset"},
        _ticker,
    ),
    Family(
        "one_shot",
        ("one_shot", "pulse_stretch", "stretcher"),
        {
            "length": (2, 3, 4, 5, 7, 9),
            "again": ("starts the pulse afresh", "is ignored"),
            "reset": RESETS,
        },
        {
            "length": "the pulse's length in cycles",
            "again": "what a trigger during a pulse does (it ...)",
            "reset": "the reset",
        },
        _one_shot,
    ),
)
