"""Adders, comparators, small units of operations, accumulators."""

from training.designs.shape import RESETS, Family, Member, Model, Reset, Rtl, Signal


def _add_sub(module: str, width: int, operation: str, flag: str) -> Member:
    mask, sign = (1 << width) - 1, width - 1
    both = operation == "add or subtract"
    carries = flag == "carry"
    inputs = [Signal("a", width, "first operand"), Signal("b", width, "second operand")]
    if both:
        inputs.append(Signal("sub", 1, "0: add, 1: subtract"))
    operand = f"(b ^ {{{width}{{sub}}}})" if both else "b"
    flag_rule = (
        "`flag` is the carry out of the top bit"
        + (" (when subtracting, 1 means no borrow)." if both else ".")
        if carries
        else "`flag` is 1 when the operands, read as signed numbers, give a result that does not "
        "fit: signed overflow."
    )
    overflow = f"(a[{sign}] == other[{sign}]) && (sum[{sign}] != a[{sign}])"
    python_flag = (
        f"total >> {width}"
        if carries
        else f"int((a >> {sign}) == (other >> {sign}) != ((total >> {sign}) & 1))"
    )
    what = "adds or subtracts" if both else "adds"
    return Member(
        module=module,
        title=f"{width}-bit unit that {what}, with a {flag} flag",
        inputs=tuple(inputs),
        outputs=(Signal("sum", width, "result"), Signal("flag", 1, flag)),
        rules=(
            f"`sum` is the low {width} bits of `a + b`"
            + (" while `sub` is 0 and of `a - b` while it is 1." if both else "."),
            flag_rule,
            "The module is combinational.",
        ),
        story=(
            f"The unit {what} the {width}-bit operands `a` and `b`"
            + (" as `sub` selects" if both else "")
            + f" and gives the result modulo {1 << width} on `sum`. {flag_rule}"
        ),
        rtl=Rtl(
            continuous=(
                f"wire [{width - 1}:0] other = {operand};\n"
                f"wire [{width}:0] total = {{1'b0, a}} + {{1'b0, other}}{' + sub' if both else ''};\n"
                f"assign sum = total[{width - 1}:0];\n"
                f"assign flag = {f'total[{width}]' if carries else overflow};"
            )
        ),
        model=Model(
            compute=(
                f"other = b ^ {mask} if sub else b\ntotal = a + other + sub"
                if both
                else "other = b\ntotal = a + b"
            ),
            outputs={"sum": f"total & {mask}", "flag": python_flag},
        ),
    )


def _comparator(module: str, width: int, numbers: str, second: str) -> Member:
    signed = numbers == "signed"
    half, full = 1 << (width - 1), 1 << width
    greater = second == "maximum"
    cast = "$signed" if signed else ""
    a, b = (f"{cast}({x})" if signed else x for x in "ab")
    return Member(
        module=module,
        title=f"comparator of two {numbers} {width}-bit numbers that also gives the {second}",
        inputs=(Signal("a", width, "first number"), Signal("b", width, "second number")),
        outputs=(
            Signal("less", 1, "1 if `a` is less than `b`"),
            Signal("equal", 1, "1 if they are equal"),
            Signal("pick", width, f"the {second} of the two"),
        ),
        rules=(
            f"The inputs are {numbers}"
            + (" numbers in two's complement." if signed else " numbers."),
            "`less` is 1 exactly when `a` is less than `b`, `equal` exactly when they are equal.",
            f"`pick` is the {'greater' if greater else 'smaller'} of the two numbers.",
            "The module is combinational.",
        ),
        story=(
            f"Two {numbers} numbers are compared: `less` and `equal` tell how `a` stands to `b`, "
            f"and `pick` passes on the {second}."
            + (" The numbers are in two's complement." if signed else "")
        ),
        rtl=Rtl(
            continuous=(
                f"assign less = {a} < {b};\nassign equal = (a == b);\n"
                f"assign pick = less ? {'b : a' if greater else 'a : b'};"
            )
        ),
        model=Model(
            compute=(
                f"x = a - {full} if a >= {half} else a\ny = b - {full} if b >= {half} else b"
                if signed
                else "x, y = a, b"
            ),
            outputs={
                "less": "int(x < y)",
                "equal": "int(x == y)",
                "pick": f"{'b if x < y else a' if greater else 'a if x < y else b'}",
            },
        ),
    )


_OPERATIONS = {
    "arithmetic first": ("a + b", "a - b", "a & b", "a | b", "a ^ b", "~a"),
    "logic first": ("a & b", "a | b", "a ^ b", "~a", "a + b", "a - b"),
    "four operations": ("a + b", "a - b", "a & b", "a ^ b"),
}


def _unit(module: str, width: int, table: str, beyond: str) -> Member:
    operations, mask = _OPERATIONS[table], (1 << width) - 1
    keeps = beyond == "`a` unchanged"
    select = 3
    rest = "a" if keeps else f"{width}'d0"
    cases = "\n".join(f"        {select}'d{i}: y = {text};" for i, text in enumerate(operations))
    listed = ", ".join(f"{i}: `{text}`" for i, text in enumerate(operations))
    return Member(
        module=module,
        title=f"{width}-bit unit of {len(operations)} operations ({table})",
        inputs=(
            Signal("a", width, "first operand"),
            Signal("b", width, "second operand"),
            Signal("op", select, "operation"),
        ),
        outputs=(Signal("y", width, "result"), Signal("zero", 1, "1 if `y` is 0")),
        rules=(
            f"`op` selects what `y` is: {listed}.",
            f"For any other `op` the result is {beyond}.",
            f"Results are taken modulo {1 << width}; `zero` is 1 exactly when `y` is 0.",
            "The module is combinational.",
        ),
        story=(
            f"The result `y` of {width} bits depends on `op` ({listed}; otherwise {beyond}). "
            "The flag `zero` marks a result in which no bit is set."
        ),
        rtl=Rtl(
            continuous=(
                f"always @* begin\n    case (op)\n{cases}\n        default: y = {rest};\n"
                f"    endcase\nend\n\nassign zero = (y == {width}'d0);"
            )
        ),
        model=Model(
            compute=(
                f"results = [{', '.join(operations)}]\n"
                f"y = (results[op] if op < {len(operations)} else {'a' if keeps else '0'}) & {mask}"
            ),
            outputs={"y": "y", "zero": "int(y == 0)"},
        ),
        registers=frozenset(("y",)),
    )


def _accumulator(module: str, width: int, limit: str, reset: str) -> Member:
    saturates, top = limit == "stays at the greatest value", (1 << width) - 1
    total = "sum = {1'b0, acc} + {1'b0, d};"
    new = (
        f"sum[{width}] ? {width}'d{top} : sum[{width - 1}:0]"
        if saturates
        else f"sum[{width - 1}:0]"
    )
    return Member(
        module=module,
        title=f"{width}-bit accumulator that {limit} when the sum is too large",
        inputs=(
            Signal("clear", 1, "set the sum to 0; wins over `add`"),
            Signal("add", 1, "add `d`"),
            Signal("d", width, "unsigned summand"),
        ),
        outputs=(
            Signal("acc", width, "sum so far"),
            Signal("over", 1, "1 once a sum was too large, until cleared"),
        ),
        rules=(
            "On reset, and at an edge with `clear` at 1, `acc` and `over` become 0.",
            "Otherwise, when `add` is 1, `d` is added to `acc`.",
            f"When the sum exceeds {top}, `acc` {limit} and `over` becomes 1.",
            "`over` then keeps its value until `clear` or reset.",
        ),
        story=(
            f"Unsigned values from `d` are summed up in `acc` at edges with `add` high. A sum "
            f"above {top} does not fit: then `acc` {limit} and the sticky flag `over` is set. "
            "`clear`, which beats `add`, and reset bring both back to 0."
        ),
        rtl=Rtl(
            declarations=f"wire [{width}:0] {total}",
            on_reset=f"acc <= {width}'d0;\nover <= 1'b0;",
            on_edge=(
                f"if (clear) begin\n    acc <= {width}'d0;\n    over <= 1'b0;\n"
                f"end else if (add) begin\n    acc <= {new};\n"
                f"    if (sum[{width}])\n        over <= 1'b1;\nend"
            ),
        ),
        model=Model(
            outputs={"acc": "self.acc", "over": "self.over"},
            on_reset="self.acc = 0\nself.over = 0",
            on_edge=(
                "if clear:\n    self.acc = self.over = 0\nelif add:\n    total = self.acc + d\n"
                f"    self.over |= int(total > {top})\n"
                f"    self.acc = {f'min(total, {top})' if saturates else f'total & {top}'}"
            ),
        ),
        reset=Reset(reset),
        registers=frozenset(("acc", "over")),
        likely={"clear": 0.1, "add": 0.8},
    )


ARITHMETIC = (
    Family(
        "add_sub",
        ("sum_unit", "adder", "add_flag"),
        {
            "width": (3, 4, 6, 8, 12, 16),
            "operation": ("add", "add or subtract"),
            "flag": ("carry", "overflow"),
        },
        {"width": "the width in bits", "operation": "the operation", "flag": "the flag"},
        _add_sub,
    ),
    Family(
        "comparator",
        ("compare_pick", "order_unit", "less_equal"),
        {
            "width": (3, 4, 6, 8, 12, 16),
            "numbers": ("unsigned", "signed"),
            "second": ("maximum", "minimum"),
        },
        {
            "width": "the width in bits",
            "numbers": "the kind of numbers",
            "second": "what `pick` gives",
        },
        _comparator,
    ),
    Family(
        "operations",
        ("small_alu", "op_unit", "compute"),
        {
            "width": (4, 6, 8, 12, 16),
            "table": tuple(_OPERATIONS),
            "beyond": ("`a` unchanged", "0"),
        },
        {
            "width": "the width in bits",
            "table": "the table of operations",
            "beyond": "the result of other operations",
        },
        _unit,
    ),
    Family(
        "accumulator",
        ("accumulate", "sum_up", "running_sum"),
        {
            "width": (4, 6, 8, 10, 12, 16),
            "limit": ("stays at the greatest value", "wraps around"),
            "reset": RESETS,
        },
        {
            "width": "the width in bits",
            "limit": "what a sum that is too large does (it ...)",
            "reset": "the reset",
        },
        _accumulator,
    ),
)
