"""Combinational codes: encoders, decoders, converters, counts of bits."""

from training.designs.shape import Family, Member, Model, Rtl, Signal


def _priority_encoder(module: str, width: int, first: str, idle: str) -> Member:
    out = (width - 1).bit_length()
    highest = first == "highest"
    none = 0 if idle == "0" else (1 << out) - 1
    order = range(width) if highest else range(width - 1, -1, -1)
    lines = "\n".join(f"    if (req[{i}]) index = {out}'d{i};" for i in order)
    pick = "max" if highest else "min"
    return Member(
        module=module,
        title=f"priority encoder of {width} requests",
        inputs=(Signal("req", width, "requests"),),
        outputs=(
            Signal("index", out, f"number of the {first} request that is 1"),
            Signal("valid", 1, "1 if any request is 1"),
        ),
        rules=(
            f"`index` is the number of the {first}-numbered bit of `req` that is 1.",
            f"When no bit of `req` is 1, `index` is {none}.",
            "`valid` is 1 exactly when `req` is not 0.",
            "The module is combinational.",
        ),
        story=(
            f"Among the bits of `req` that are set, the one with the {first} number wins and its "
            f"number appears on `index`, with `valid` high. Without any request `valid` is low "
            f"and `index` reads {none}."
        ),
        rtl=Rtl(
            continuous=f"always @* begin\n    index = {out}'d{none};\n{lines}\nend\n\n"
            "assign valid = |req;"
        ),
        model=Model(
            compute=f"ones = [i for i in range({width}) if (req >> i) & 1]",
            outputs={"index": f"{pick}(ones, default={none})", "valid": "int(req != 0)"},
        ),
        registers=frozenset(("index",)),
    )


def _decoder(module: str, width: int, level: str, gate: str) -> Member:
    lines, low = 1 << width, level == "low"
    one = f"{lines}'d1 << sel"
    gated = f"(en ? ({one}) : {lines}'d0)" if gate == "with an enable" else f"({one})"
    has_enable = gate == "with an enable"
    mask = (1 << lines) - 1
    value = "(1 << sel) if en else 0" if has_enable else "1 << sel"
    idle = "high" if low else "low"
    enable = (Signal("en", 1, "enable"),) if has_enable else ()
    return Member(
        module=module,
        title=f"{width}-to-{lines} line decoder with outputs that are active {level}",
        inputs=(Signal("sel", width, "line to select"), *enable),
        outputs=(Signal("line", lines, f"decoded lines, active {level}"),),
        rules=(
            f"The bit of `line` whose number is `sel` is {level}; all other bits are {idle}.",
            *((f"While `en` is 0, all bits of `line` are {idle}.",) if has_enable else ()),
            "The module is combinational.",
        ),
        story=(
            f"Each value of `sel` drives one of the {lines} output lines {level} and leaves the "
            f"rest {idle}." + (f" With `en` at 0 every line stays {idle}." if has_enable else "")
        ),
        rtl=Rtl(continuous=f"assign line = {'~' if low else ''}{gated};"),
        model=Model(outputs={"line": f"({value}) ^ {mask}" if low else value}),
        likely={"en": 0.8},
    )


def _gray_converter(module: str, width: int, direction: str) -> Member:
    to_gray = direction == "binary to Gray"
    source, target = ("bin", "gray") if to_gray else ("gray", "bin")
    if to_gray:
        rtl = "assign gray = bin ^ (bin >> 1);"
        model = Model(outputs={"gray": "bin ^ (bin >> 1)"})
        rule = "`gray` is `bin` XOR (`bin` shifted right by one, with a 0 at the top)."
    else:
        lines = [f"assign bin[{width - 1}] = gray[{width - 1}];"]
        lines += [f"assign bin[{i}] = bin[{i + 1}] ^ gray[{i}];" for i in range(width - 2, -1, -1)]
        rtl = "\n".join(lines)
        model = Model(
            compute=f"value = 0\nfor i in range({width}):\n    value ^= gray >> i",
            outputs={"bin": "value"},
        )
        rule = "Bit i of `bin` is the XOR of all bits of `gray` from i up to the top bit."
    words = {"bin": "plain binary number", "gray": "reflected Gray code"}
    return Member(
        module=module,
        title=f"{width}-bit converter, {direction}",
        inputs=(Signal(source, width, words[source]),),
        outputs=(Signal(target, width, words[target]),),
        rules=(
            rule,
            f"The top bit of `{target}` equals the top bit of `{source}`.",
            "The module is combinational.",
        ),
        story=(
            f"The {width} bits of `{source}` hold a {words[source]}, and `{target}` gives the "
            f"same number as a {words[target]}."
        ),
        rtl=Rtl(continuous=rtl),
        model=model,
    )


def _bit_count(module: str, width: int, what: str, parity: str) -> Member:
    out = width.bit_length()
    ones = what == "ones"
    even = parity == "even"
    terms = " + ".join(f"{'' if ones else '!'}d[{i}]" for i in range(width))
    count = "bin(d).count('1')" if ones else f"{width} - bin(d).count('1')"
    return Member(
        module=module,
        title=f"counter of the {what} in a {width}-bit word, with {parity} parity",
        inputs=(Signal("d", width, "word"),),
        outputs=(
            Signal("count", out, f"number of {what} in `d`"),
            Signal("parity", 1, f"bit that makes the number of ones {parity}"),
        ),
        rules=(
            f"`count` is the number of bits of `d` that are {1 if ones else 0}.",
            f"`parity` is chosen so that `d` together with `parity` has an {parity} number of "
            "ones.",
            "The module is combinational.",
        ),
        story=(
            f"For each word `d` it tells on `count` how many of the {width} bits are "
            f"{'set' if ones else 'clear'}. It also supplies a bit of {parity} parity over `d`."
        ),
        rtl=Rtl(continuous=f"assign count = {terms};\nassign parity = {'' if even else '~'}(^d);"),
        model=Model(
            outputs={
                "count": count,
                "parity": f"(bin(d).count('1') + {0 if even else 1}) % 2",
            }
        ),
    )


def _selector(module: str, width: int, ways: int, beyond: str) -> Member:
    sel = (ways - 1).bit_length()
    zero = beyond == "0"
    names = [f"d{i}" for i in range(ways)]
    default = f"{width}'d0" if zero else names[-1]
    cases = "\n".join(f"        {sel}'d{i}: y = {name};" for i, name in enumerate(names))
    rest = f"For any other value of `sel`, `y` is {'0' if zero else f'`{names[-1]}`'}."
    return Member(
        module=module,
        title=f"selector of one among {ways} words of {width} bits",
        inputs=(
            *(Signal(name, width, f"word {i}") for i, name in enumerate(names)),
            Signal("sel", sel, "number of the word"),
        ),
        outputs=(Signal("y", width, "selected word"),),
        rules=(
            f"For `sel` from 0 to {ways - 1}, `y` is the word with that number.",
            rest,
            "The module is combinational.",
        ),
        story=(f"`sel` names which of the words `d0` to `d{ways - 1}` goes to `y`. {rest}"),
        rtl=Rtl(
            continuous=f"always @* begin\n    case (sel)\n{cases}\n"
            f"        default: y = {default};\n    endcase\nend"
        ),
        model=Model(
            compute=f"words = [{', '.join(names)}]",
            outputs={"y": f"words[sel] if sel < {ways} else {'0' if zero else names[-1]}"},
        ),
        registers=frozenset(("y",)),
    )


CODING = (
    Family(
        "priority_encoder",
        ("prio_enc", "first_request", "request_index"),
        {"width": (3, 4, 5, 6, 7, 8), "first": ("highest", "lowest"), "idle": ("0", "all ones")},
        {
            "width": "the number of requests",
            "first": "the request that wins (by number)",
            "idle": "`index` without a request",
        },
        _priority_encoder,
    ),
    Family(
        "decoder",
        ("line_decoder", "select_lines", "one_of_many"),
        {
            "width": (1, 2, 3, 4),
            "level": ("high", "low"),
            "gate": ("with an enable", "without an enable"),
        },
        {"width": "the width of `sel`", "level": "the active level", "gate": "the gating"},
        _decoder,
    ),
    Family(
        "gray_converter",
        ("gray_conv", "code_conv", "reflect_conv"),
        {"width": (3, 4, 5, 6, 8, 12), "direction": ("binary to Gray", "Gray to binary")},
        {"width": "the width in bits", "direction": "the direction of the conversion"},
        _gray_converter,
    ),
    Family(
        "bit_count",
        ("bit_tally", "weight_of", "ones_and_parity"),
        {"width": (3, 4, 5, 6, 7, 8), "what": ("ones", "zeros"), "parity": ("even", "odd")},
        {
            "width": "the width in bits",
            "what": "what is counted",
            "parity": "the kind of parity",
        },
        _bit_count,
    ),
    Family(
        "selector",
        ("word_select", "pick_word", "n_way_mux"),
        {"width": (2, 4, 8), "ways": (3, 5, 6, 7), "beyond": ("0", "the last word")},
        {
            "width": "the words' width in bits",
            "ways": "the number of words",
            "beyond": "`y` for a `sel` beyond the last word",
        },
        _selector,
    ),
)
