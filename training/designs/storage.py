"""Things that keep words: queues, stacks, register files."""

from training.designs.shape import RESETS, Family, Member, Model, Reset, Rtl, Signal


def _queue(module: str, width: int, depth: int, order: str, reset: str) -> Member:
    fifo = order == "first in, first out"
    at, many = (depth - 1).bit_length(), depth.bit_length()
    title = "queue (FIFO)" if fifo else "stack (LIFO)"
    top = "oldest" if fifo else "newest"
    common = (
        f"reg [{width - 1}:0] store [0:{depth - 1}];\nreg [{many - 1}:0] count;\n"
        "wire do_push = push && !full;\nwire do_pop = pop && !empty;"
    )
    counted = (
        "case ({do_push, do_pop})\n    2'b10: count <= count + 1;\n"
        "    2'b01: count <= count - 1;\n    default: count <= count;\nendcase"
    )
    if fifo:
        rtl = Rtl(
            declarations=f"{common}\nreg [{at - 1}:0] head, tail;",
            on_reset=f"count <= {many}'d0;\nhead <= {at}'d0;\ntail <= {at}'d0;",
            on_edge=(
                f"if (do_push) begin\n    store[tail] <= din;\n    tail <= {_next('tail', depth)};\nend\n"
                f"if (do_pop)\n    head <= {_next('head', depth)};\n{counted}"
            ),
            continuous=_flags(depth, many, width, "store[head]"),
        )
        push_pop = "if do_pop:\n    self.words.pop(0)\nif do_push:\n    self.words.append(din)"
    else:
        rtl = Rtl(
            declarations=common,
            on_reset=f"count <= {many}'d0;",
            on_edge=f"if (do_push)\n    store[do_pop ? count - 1 : count] <= din;\n{counted}",
            continuous=_flags(depth, many, width, "store[count - 1]"),
        )
        push_pop = "if do_pop:\n    self.words.pop()\nif do_push:\n    self.words.append(din)"
    return Member(
        module=module,
        title=f"{title} of {depth} words of {width} bits",
        inputs=(
            Signal("push", 1, "store `din`; ignored while full"),
            Signal("pop", 1, "take a word off; ignored while empty"),
            Signal("din", width, "word to store"),
        ),
        outputs=(
            Signal("dout", width, f"the {top} word; 0 while empty"),
            Signal("full", 1, f"1 while {depth} words are stored"),
            Signal("empty", 1, "1 while no word is stored"),
        ),
        rules=(
            "Reset empties it.",
            "At a clock edge with `push` at 1, `din` is stored, unless `full` was 1 before the "
            "edge.",
            f"At a clock edge with `pop` at 1, the {top} word is taken off, unless `empty` was 1 "
            "before the edge.",
            f"`dout` shows the {top} stored word without being asked, and 0 while `empty` is 1.",
            "Both may happen at the same edge"
            + ("." if fifo else ": then the word on top is taken off and `din` takes its place."),
        ),
        story=(
            f"Up to {depth} words are kept, {order}. The {top} word is always visible on `dout` "
            "(which reads 0 when nothing is stored); `pop` removes it and `push` adds `din`, both "
            "at the clock edge and possibly together"
            + ("" if fifo else " (the top word is then replaced)")
            + ". A push while `full` or a pop while `empty` has no effect, whatever else happens "
            "at that edge. After reset nothing is stored."
        ),
        rtl=rtl,
        model=Model(
            outputs={
                "dout": f"self.words[{0 if fifo else -1}] if self.words else 0",
                "full": f"int(len(self.words) == {depth})",
                "empty": "int(not self.words)",
            },
            on_reset="self.words = []",
            on_edge=(
                f"do_push = push and len(self.words) < {depth}\ndo_pop = pop and self.words\n"
                + push_pop
            ),
        ),
        reset=Reset(reset),
        likely={"push": 0.55, "pop": 0.45},
    )


def _next(pointer: str, depth: int) -> str:
    at = (depth - 1).bit_length()
    return f"({pointer} == {at}'d{depth - 1}) ? {at}'d0 : {pointer} + {at}'d1"


def _flags(depth: int, many: int, width: int, word: str) -> str:
    return (
        f"assign full = (count == {many}'d{depth});\nassign empty = (count == {many}'d0);\n"
        f"assign dout = empty ? {width}'d0 : {word};"
    )


def _register_file(module: str, width: int, words: int, bypass: str, reset: str) -> Member:
    at = (words - 1).bit_length()
    forwards = bypass == "sees the word being written"
    names = [f"r{i}" for i in range(words)]
    clear = "\n".join(f"{name} <= {width}'d0;" for name in names)
    writes = "\n".join(
        f"if (we && waddr == {at}'d{i})\n    {name} <= wdata;" for i, name in enumerate(names)
    )
    chain = " : ".join(f"(raddr == {at}'d{i}) ? {name}" for i, name in enumerate(names[:-1]))
    read = f"{chain} : {names[-1]}"
    if forwards:
        read = f"(we && waddr == raddr) ? wdata : {read}"
    return Member(
        module=module,
        title=f"file of {words} registers of {width} bits",
        inputs=(
            Signal("we", 1, "write enable"),
            Signal("waddr", at, "register to write"),
            Signal("wdata", width, "word to write"),
            Signal("raddr", at, "register to read"),
        ),
        outputs=(Signal("rdata", width, "the register that `raddr` names"),),
        rules=(
            "On reset all registers become 0.",
            "At a clock edge with `we` at 1, the register `waddr` takes `wdata`.",
            "Reading is combinational: `rdata` follows `raddr` at once.",
            f"A read of the register that is being written {bypass}.",
        ),
        story=(
            f"There are {words} registers, one write port that acts at the clock edge and one "
            f"read port that is combinational. Reading the very register that is being written "
            f"in the same cycle {bypass}. Reset clears all registers."
        ),
        rtl=Rtl(
            declarations=f"reg [{width - 1}:0] {', '.join(names)};",
            on_reset=clear,
            on_edge=writes,
            continuous=f"assign rdata = {read};",
        ),
        model=Model(
            outputs={
                "rdata": "wdata if we and waddr == raddr else self.words[raddr]"
                if forwards
                else "self.words[raddr]"
            },
            on_reset=f"self.words = [0] * {words}",
            on_edge="if we:\n    self.words[waddr] = wdata",
        ),
        reset=Reset(reset),
    )


STORAGE = (
    Family(
        "queue",
        ("word_store", "keeper", "buffer_unit"),
        {
            "width": (4, 8, 12),
            "depth": (2, 3, 4, 5, 8),
            "order": ("first in, first out", "last in, first out"),
            "reset": RESETS,
        },
        {
            "width": "the words' width in bits",
            "depth": "the number of words",
            "order": "the order",
            "reset": "the reset",
        },
        _queue,
    ),
    Family(
        "register_file",
        ("reg_file", "registers", "word_bank"),
        {
            "width": (2, 4, 8, 16),
            "words": (4, 8),
            "bypass": ("sees the word being written", "still sees the old word"),
            "reset": RESETS,
        },
        {
            "width": "the words' width in bits",
            "words": "the number of registers",
            "bypass": "what a read of the register being written does (it ...)",
            "reset": "the reset",
        },
        _register_file,
    ),
)
