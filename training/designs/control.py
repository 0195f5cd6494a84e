"""State machines: sequences, edges, arbitration, filters."""

from training.designs.shape import RESETS, Family, Member, Model, Reset, Rtl, Signal, plural


def _fallback(pattern: str) -> list[dict[str, int]]:
    """For each number of bits already matched, the number after each next bit.

    The last row is that of the whole pattern; how much of it may begin another is in it.
    """
    rows: list[dict[str, int]] = []
    for matched in range(len(pattern) + 1):
        row: dict[str, int] = {}
        for bit in "01":
            seen = pattern[:matched] + bit
            longest = min(len(seen), len(pattern))
            row[bit] = next(n for n in range(longest, -1, -1) if seen.endswith(pattern[:n]))
        rows.append(row)
    return rows


def _detector(module: str, pattern: str, overlap: str, timing: str, reset: str) -> Member:
    pattern = pattern.strip("b'")
    size, overlaps = len(pattern), overlap == "may overlap"
    moore = timing == "in the cycle after the last bit"
    rows = _fallback(pattern)
    afresh = {bit: int(pattern[0] == bit) for bit in "01"}
    if moore and not overlaps:
        rows[size] = afresh
    if not moore:
        rows = rows[:size]
        end = _fallback(pattern)[size - 1][pattern[-1]]
        assert end == size
        rows[size - 1][pattern[-1]] = (
            max(n for n in range(size) if pattern.endswith(pattern[:n])) if overlaps else 0
        )
    width = max(1, (len(rows) - 1).bit_length())
    cases = "\n".join(
        f"        {width}'d{n}: state <= d ? {width}'d{row['1']} : {width}'d{row['0']};"
        for n, row in enumerate(rows)
    )
    found = (
        f"state == {width}'d{size}"
        if moore
        else f"go && (state == {width}'d{size - 1}) && (d == 1'b{pattern[-1]})"
    )
    keep = "the last bits of one occurrence may be the first of the next"
    parted = "the next occurrence begins only after the last bit of the one before"
    return Member(
        module=module,
        title=f"detector of the bit sequence {pattern}, occurrences {overlap}",
        inputs=(Signal("go", 1, "`d` counts at this clock edge"), Signal("d", 1, "serial input")),
        outputs=(Signal("found", 1, "tells of the sequence"),),
        rules=(
            f"Bits are taken from `d` at clock edges at which `go` is 1. The sequence looked for "
            f"is {pattern}, its leftmost bit first.",
            f"`found` is 1 {timing} of the sequence"
            + (
                " and until the next bit is taken."
                if moore
                else ", that is while `go` is 1 and `d` is that bit; it is combinational."
            ),
            f"Occurrences {overlap}: {keep if overlaps else parted}.",
            "Reset forgets all bits taken so far.",
        ),
        story=(
            f"A serial stream is watched for {pattern} (leftmost bit first); a bit counts only "
            f"where `go` is high at the clock edge. `found` tells of an occurrence {timing}: "
            + (
                "it is a function of the state alone and lasts until another bit is taken. "
                if moore
                else "it rises together with that bit, before the clock edge, if `go` is high. "
            )
            + f"Occurrences {overlap}: {keep if overlaps else parted}."
        ),
        rtl=Rtl(
            declarations=f"reg [{width - 1}:0] state;" if width > 1 else "reg state;",
            on_reset=f"state <= {width}'d0;",
            on_edge=f"if (go) begin\n    case (state)\n{cases}\n"
            f"        default: state <= {width}'d0;\n    endcase\nend",
            continuous=f"assign found = {found};",
        ),
        model=Model(
            compute="" if moore else "seen = self.seen + str(d)",
            outputs={
                "found": f"int(self.seen.endswith('{pattern}'))"
                if moore
                else f"int(go and seen.endswith('{pattern}'))"
            },
            on_reset="self.seen = ''",
            on_edge=(
                f"if go:\n    {_forget(pattern, overlaps, moore)}"
                + "    self.seen = self.seen + str(d)"
                + (
                    ""
                    if moore or overlaps
                    else f"\n    if self.seen.endswith('{pattern}'):\n        self.seen = ''"
                )
            ),
        ),
        reset=Reset(reset),
        likely={"go": 0.9},
    )


def _forget(pattern: str, overlaps: bool, moore: bool) -> str:
    """Where occurrences are kept apart, the model drops the bits of one before the next."""
    if overlaps or not moore:
        return "pass\n"
    return f"if self.seen.endswith('{pattern}'):\n        self.seen = ''\n"


def _edge_detector(module: str, edge: str, output: str, reset: str) -> Member:
    sticky = output == "stays until cleared"
    expressions = {
        "rising": "level & ~earlier",
        "falling": "~level & earlier",
        "any": "level ^ earlier",
    }
    python = {
        "rising": "level and not self.before",
        "falling": "self.before and not level",
        "any": "level != self.before",
    }[edge]
    clear = (Signal("clear", 1, "takes `seen` back"),) if sticky else ()
    return Member(
        module=module,
        title=f"watcher for {edge} edges of a level, whose output {output}",
        inputs=(Signal("level", 1, "input, synchronous to `clk`"), *clear),
        outputs=(Signal("seen", 1, f"tells of a {edge} edge"),),
        rules=(
            "`level` is compared with its value at the clock edge before; that value is 0 after "
            "reset.",
            f"A clock edge at which the two show a {edge} edge makes `seen` 1."
            if sticky
            else f"`seen` is registered: it is 1 for the one cycle after a clock edge at which the "
            f"two show a {edge} edge.",
            *(
                (
                    "`seen` stays 1 until a clock edge with `clear` at 1; a new edge of `level` at "
                    "the same time wins.",
                )
                if sticky
                else ("Otherwise `seen` is 0.",)
            ),
            "On reset `seen` is 0.",
        ),
        story=(
            f"The module samples `level` at each clock edge and looks for {edge} edges, that is "
            "for a difference to the sample before (0 after reset). The registered output `seen` "
            + (
                "is then set and stays so until `clear` is sampled high; setting beats clearing."
                if sticky
                else "is then high for exactly one cycle."
            )
        ),
        rtl=Rtl(
            declarations=f"reg earlier;\nwire edge_now = {expressions[edge]};",
            on_reset="earlier <= 1'b0;\nseen <= 1'b0;",
            on_edge="earlier <= level;\n"
            + (
                "if (edge_now)\n    seen <= 1'b1;\nelse if (clear)\n    seen <= 1'b0;"
                if sticky
                else "seen <= edge_now;"
            ),
        ),
        model=Model(
            outputs={"seen": "self.seen"},
            on_reset="self.before = 0\nself.seen = 0",
            on_edge=(
                f"now = int({python})\nself.before = level\n"
                + (
                    "if now:\n    self.seen = 1\nelif clear:\n    self.seen = 0"
                    if sticky
                    else "self.seen = now"
                )
            ),
        ),
        reset=Reset(reset),
        registers=frozenset(("seen",)),
        likely={"clear": 0.3},
    )


def _arbiter(module: str, requesters: int, policy: str, hold: str, reset: str) -> Member:
    fair, holds = policy == "round robin", hold == "as long as it asks"
    n, width = requesters, max(1, (requesters - 1).bit_length())
    rng = f"[{n - 1}:0] "
    pick = _ring(n, width) if fair else f"wire {rng}choice = req & (~req + {n}'d1);"
    kept = "|(grant & req) ? (grant & req) : choice" if holds else "choice"
    remember = "\n" + _remember(n, width) if fair else ""
    start = "last + 1" if fair else "0"
    who = (
        "the first asking requester after the one granted last, in ascending order and around"
        if fair
        else "the asking requester with the lowest number"
    )
    keeping = (
        ("A requester keeps its grant as long as it goes on asking.",)
        if holds
        else ("A new choice is made at every clock edge.",)
    )
    initial = f"self.last = {n - 1}\n" if fair else ""
    search = f"(self.{start} + i) % {n}" if fair else "i"
    return Member(
        module=module,
        title=f"{policy} arbiter for {n} requesters",
        inputs=(Signal("req", n, "one bit per requester"),),
        outputs=(Signal("grant", n, "at most one bit is 1"),),
        rules=(
            "On reset no grant is given"
            + (", and the search begins at requester 0." if fair else "."),
            f"At each clock edge the grant goes to {who}; `grant` is registered and one-hot.",
            *keeping,
            "When nobody asks, `grant` becomes 0.",
        ),
        story=(
            f"{n} requesters ask with the bits of `req`. The registered output `grant` has the "
            f"bit of the chosen one set: {who}. {keeping[0]} Without requests no bit is set"
            + (
                ", and whose turn it is is remembered; after reset it is that of requester 0."
                if fair
                else "."
            )
        ),
        rtl=Rtl(
            declarations=(f"reg [{width - 1}:0] last;\n" if fair else "")
            + pick
            + f"\nwire {rng}next = {kept};",
            on_reset=f"grant <= {n}'d0;" + (f"\nlast <= {width}'d{n - 1};" if fair else ""),
            on_edge=f"grant <= next;{remember}",
        ),
        model=Model(
            outputs={"grant": "self.grant"},
            on_reset=f"{initial}self.grant = 0",
            on_edge=(
                ("if self.grant & req:\n    return\n" if holds else "") + "self.grant = 0\n"
                f"for i in range({n}):\n    who = {search}\n    if (req >> who) & 1:\n"
                f"        self.grant = 1 << who\n"
                + ("        self.last = who\n" if fair else "")
                + "        return"
            ),
        ),
        reset=Reset(reset),
        registers=frozenset(("grant",)),
    )


def _ring(n: int, width: int) -> str:
    """Requests above the last one granted come first, then all."""
    rng = f"[{n - 1}:0] "
    above = " | ".join(
        f"(last == {width}'d{i} ? {n}'d{((1 << n) - 1) ^ ((2 << i) - 1)} : {n}'d0)"
        for i in range(n)
    )
    return (
        f"wire {rng}above = req & ({above});\n"
        f"wire {rng}pool = |above ? above : req;\n"
        f"wire {rng}choice = pool & (~pool + {n}'d1);"
    )


def _remember(n: int, width: int) -> str:
    cases = "\n".join(f"    {n}'d{1 << i}: last <= {width}'d{i};" for i in range(n))
    return f"case (next)\n{cases}\n    default: last <= last;\nendcase"


def _debouncer(module: str, length: int, start: str, reset: str) -> Member:
    width = length.bit_length()
    initial = int(start == "high")
    return Member(
        module=module,
        title=f"filter that follows a level after {plural(length, 'steady sample')}",
        inputs=(Signal("raw", 1, "noisy input, synchronous to `clk`"),),
        outputs=(Signal("clean", 1, "filtered level"),),
        rules=(
            f"On reset `clean` is {initial} and no sample has been counted.",
            f"`clean` takes the value of `raw` at the clock edge at which `raw` differs from "
            f"`clean` for the {length}th time in a row.",
            "A sample that equals `clean` begins the count again.",
        ),
        story=(
            f"Short disturbances are kept away: only when `raw` was sampled different from "
            f"`clean` at {plural(length, 'clock edge')} in succession, the last of them included, "
            f"does `clean` change over. Any sample that agrees with `clean` sets the count back. "
            f"`clean` starts {start} after reset."
        ),
        rtl=Rtl(
            declarations=f"reg [{width - 1}:0] count;",
            on_reset=f"clean <= 1'b{initial};\ncount <= {width}'d0;",
            on_edge=(
                f"if (raw == clean)\n    count <= {width}'d0;\n"
                f"else if (count == {width}'d{length - 1}) begin\n    clean <= raw;\n"
                f"    count <= {width}'d0;\nend else\n    count <= count + {width}'d1;"
            ),
        ),
        model=Model(
            outputs={"clean": "self.clean"},
            on_reset=f"self.clean = {initial}\nself.count = 0",
            on_edge=(
                "self.count = self.count + 1 if raw != self.clean else 0\n"
                f"if self.count == {length}:\n    self.clean, self.count = raw, 0"
            ),
        ),
        reset=Reset(reset),
        registers=frozenset(("clean",)),
    )


CONTROL = (
    Family(
        "detector",
        ("seq_find", "pattern_watch", "bit_hunter"),
        {
            "pattern": ("b'101", "b'110", "b'1001", "b'0110", "b'1010", "b'11010", "b'10011"),
            "overlap": ("may overlap", "never overlap"),
            "timing": ("in the cycle after the last bit", "in the cycle of the last bit"),
            "reset": RESETS,
        },
        {
            "pattern": "the sequence",
            "overlap": "whether occurrences overlap (they ...)",
            "timing": "when `found` is 1",
            "reset": "the reset",
        },
        _detector,
    ),
    Family(
        "edge_detector",
        ("edge_watch", "change_seen", "level_edge"),
        {
            "edge": ("rising", "falling", "any"),
            "output": ("lasts one cycle", "stays until cleared"),
            "reset": RESETS,
        },
        {
            "edge": "the kind of edge",
            "output": "how long the output lasts (it ...)",
            "reset": "the reset",
        },
        _edge_detector,
    ),
    Family(
        "arbiter",
        ("grant_unit", "arbitrate", "who_is_next"),
        {
            "requesters": (2, 3, 4, 5, 6),
            "policy": ("fixed priority", "round robin"),
            "hold": ("as long as it asks", "for one cycle"),
            "reset": RESETS,
        },
        {
            "requesters": "the number of requesters",
            "policy": "the policy",
            "hold": "how long a grant is kept",
            "reset": "the reset",
        },
        _arbiter,
    ),
    Family(
        "debouncer",
        ("debounce", "steady", "glitch_filter"),
        {"length": (2, 3, 4, 5, 6, 8), "start": ("low", "high"), "reset": RESETS},
        {
            "length": "the number of steady samples",
            "start": "the level after reset",
            "reset": "the reset",
        },
        _debouncer,
    ),
)
