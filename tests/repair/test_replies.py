from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.events import Task
from spec2rtl.repair.replies import Code, Unusable, read_reply
from spec2rtl.rtl import Interface

TOP = "module top(input a, output y);\n  assign y = a;\nendmodule"
SUB = "module sub(input b);\nendmodule"
BASE = f"// the file\n{TOP}\n\n// helper\n{SUB}\n"
NEW_TOP = "module top(input a, output y);\n  assign y = ~a;\nendmodule"


def read(reply: str, task: Task = "generate", base: str = "", **more: Any) -> Code | Unusable:
    wanted: dict[str, Any] = {
        "module": "top",
        "interface": None,
        "language": "verilog",
        "truncated": False,
    } | more
    return read_reply(reply, task=task, base=base, **wanted)


def check(reply: str, expected: str, task: Task = "generate", base: str = "") -> None:
    assert read(reply, task, base) == Code(expected)


def fenced(code: str, tag: str = "verilog") -> str:
    return f"Here it is:\n\n```{tag}\n{code}\n```\n\nIt works."


@pytest.mark.parametrize(
    "reply",
    [
        fenced(TOP),
        fenced(TOP, "systemverilog title=top.sv"),
        fenced(TOP, ""),
        fenced(f"verilog\n{TOP}", ""),
        fenced(TOP).replace("\n", "\r\n"),
        fenced(TOP).replace("```", "~~~~"),
        f"```verilog\n{TOP}",
        f"```verilog\n{TOP}\nThe module inverts its input.",
        TOP,
        f"\n{TOP}\n\n",
        f"verilog\n{TOP}",
        f"{TOP}\n```",
        f"```bash\niverilog top.v\n```\n{fenced(TOP)}",
        f"{fenced(TOP)}\n```python\ndef module(a): pass\n```",
    ],
)
def test_code_is_found(reply: str) -> None:
    check(reply, TOP + "\n")


def test_what_stands_around_the_module_in_a_fence_is_kept() -> None:
    text = f"`timescale 1ns/1ps\n// inverts\n{TOP} // top"
    check(fenced(text), text + "\n")
    check(text, text + "\n")
    check(f"package p;\nendpackage\n{TOP}", f"package p;\nendpackage\n{TOP}\n")


def test_several_modules_are_all_kept() -> None:
    check(fenced(f"{SUB}\n{TOP}"), f"{SUB}\n{TOP}\n")
    check(fenced(SUB) + fenced(TOP), f"{SUB}\n\n{TOP}\n")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", "no Verilog module"),
        ("I can't do that.", "no Verilog module"),
        (fenced("assign y = a;"), "no Verilog module"),
        (f"Here it is:\n{TOP}", "prose around code"),
        (f"{TOP}\nThis inverts.", "prose around code"),
        (f"{SUB}\nand\n{TOP}", "prose around code"),
        (fenced(SUB), "`sub` but no module `top`"),
        (fenced(f"{SUB}\nmodule other; endmodule"), "`sub`, `other` but no module `top`"),
        (fenced(f"{TOP}\n{TOP}"), "`top` 2 times"),
        (fenced(TOP) + fenced(NEW_TOP), "`top` 2 times"),
        (f"```verilog\n{TOP[:-9]}", "ends before the `endmodule` of `top`"),
        (TOP[:-9], "ends before the `endmodule` of `top`"),
    ],
)
def test_unusable(reply: str, why: str) -> None:
    found = read(reply)
    assert isinstance(found, Unusable)
    assert why in found.why
    assert found.why.endswith(".")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (f"```verilog\n{TOP[:-9]}", "cut at the token limit before the `endmodule` of `top`"),
        (TOP[:20], "cut at the token limit before the `endmodule` of `top`"),
        ("Let me think", "cut at the token limit"),
        (f"```verilog\n{SUB}\n", "cut at the token limit before the module `top`"),
        ("<<<<<<< SEARCH\nassign y = a;\n=======\nass", "cut at the token limit"),
    ],
)
def test_cut_at_the_token_limit(reply: str, why: str) -> None:
    found = read(reply, "repair", BASE, truncated=True)
    assert isinstance(found, Unusable)
    assert why in found.why


def test_prose_cut_at_the_token_limit_does_no_harm() -> None:
    assert read(fenced(TOP) + "\nThe mod", truncated=True) == Code(TOP + "\n")


def test_a_closed_fence_without_endmodule_is_left_to_the_rules() -> None:
    check(fenced(TOP[:-10]), TOP[:-10] + "\n")


# Into a file


def test_a_module_replaces_its_namesake_and_nothing_else() -> None:
    check(fenced(NEW_TOP), BASE.replace(TOP, NEW_TOP), "repair", BASE)


def test_line_endings_of_the_file_are_kept() -> None:
    base = BASE.replace("\n", "\r\n")
    check(fenced(NEW_TOP), base.replace("= a", "= ~a"), "edit", base)


def test_new_modules_go_after_the_last() -> None:
    new = "// adds\nmodule adder(input c);\nendmodule"
    expected = BASE.replace(TOP, NEW_TOP) + f"\n{new}\n"
    check(fenced(f"{NEW_TOP}\n{new}"), expected, "edit", BASE)


@pytest.mark.parametrize(("end", "gap"), [("// end   \n\n\n", "\n"), ("// end  ", "\n\n")])
def test_a_new_module_leaves_the_rest_byte_for_byte(end: str, gap: str) -> None:
    base = f"{TOP}\n{end}"
    check(fenced(SUB + "\n" + NEW_TOP), f"{NEW_TOP}\n{end}{gap}{SUB}\n", "edit", base)


@pytest.mark.parametrize("task", ["generate", "repair"])
def test_modules_of_other_files_are_left_out(task: Task) -> None:
    both = fenced(f"{SUB}\n\n{NEW_TOP}")
    base = "" if task == "generate" else f"{TOP}\n"
    left_out = ("module `sub` of another file left out",)
    assert read(both, task, base, elsewhere=frozenset({"sub"})) == Code(f"{NEW_TOP}\n", left_out)
    if task == "repair":
        assert read(both, task, BASE, elsewhere=frozenset({"sub"})) != Code(
            f"{NEW_TOP}\n", left_out
        )


def test_a_nul_is_no_text() -> None:
    assert read(fenced(TOP.replace("assign", "\0assign"))) == Unusable(
        "The reply holds a NUL character: it is no text."
    )


def test_a_repair_may_give_only_a_helper() -> None:
    new = SUB.replace("input b", "input b, output c")
    check(fenced(new), BASE.replace(SUB, new), "repair", BASE)


def test_macros_and_packages_come_along_but_once() -> None:
    check(
        fenced(f"`timescale 1ns/1ps\n// top\n`define N 3\n{NEW_TOP}"),
        BASE.replace(TOP, f"`define N 3\n\n{NEW_TOP}"),
        "edit",
        BASE,
    )
    check(
        fenced(f"`define N 3\n{NEW_TOP}"),
        f"`define N 3\n{NEW_TOP}\n",
        "edit",
        f"`define N 3\n{TOP}\n",
    )


@pytest.mark.parametrize(
    ("reply", "base", "why"),
    [
        (fenced(TOP), BASE, "changes nothing"),
        (fenced("module other; endmodule"), BASE, "no module `top`"),
        (fenced(SUB), SUB, "no module `top`"),
        (fenced(NEW_TOP), f"{TOP}\n{TOP}\n", "more than once"),
    ],
)
def test_unusable_for_a_file(reply: str, base: str, why: str) -> None:
    found = read(reply, "repair", base)
    assert isinstance(found, Unusable)
    assert why in found.why


# Search/replace blocks


def block(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n"


def test_blocks() -> None:
    expected = BASE.replace("= a", "= ~a").replace("input b", "input b, c")
    reply = "I change two lines:\n" + block("  assign y = a;", "  assign y = ~a;")
    reply += "```verilog\n" + block("input b", "input b, c") + "```\n"
    check(reply, expected, "edit", BASE)
    check(reply.replace("\n", "\r\n"), expected, "edit", BASE)
    check(reply, expected.replace("\n", "\r\n"), "edit", BASE.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (block("assign y = b;", "x"), "block 1 can't be applied: its search text is not in"),
        (block("assign y", "assign  y") + block("endmodule", ""), "block 2 can't be applied"),
        (block("input", "x"), "more than once: `input`"),
        (block("", "x"), "empty"),
        (block("assign y = a;", "assign y = a;"), "changes nothing"),
        (block("module top", "module pot"), "no module `top`"),
        ("<<<<<<< SEARCH\na\n>>>>>>> REPLACE", "block 1 lacks its `=======`"),
        ("<<<<<<< SEARCH\na\n=======\nb\n", "block 1 lacks its `>>>>>>> REPLACE`"),
        (f"<<<<<<< SEARCH\na\n{block('a', 'b')}", "block 1 lacks its `=======`"),
    ],
)
def test_unusable_blocks(reply: str, why: str) -> None:
    found = read(reply, "edit", BASE)
    assert isinstance(found, Unusable)
    assert why in found.why


PIECES = st.sampled_from(
    ["```", "```verilog", TOP, SUB, "module top(", "endmodule", "<<<<<<< SEARCH", "=======",
     ">>>>>>> REPLACE", "assign y = a;", "input", "prose", "", "output reg [3:0] y;", "~~~",
     "module x(y, z); output y; reg y = 1, w; parameter P = 2;", "always @* y = 1;", ");", "("]
)  # fmt: skip
INTERFACE = Interface("top")


@given(
    st.lists(PIECES, max_size=12).map("\n".join) | st.text(max_size=100),
    st.sampled_from(["generate", "repair", "edit"]),
    st.sampled_from(["", BASE, "module top("]),
    st.booleans(),
    st.booleans(),
)
def test_never_raises(reply: str, task: Task, base: str, known: bool, truncated: bool) -> None:
    interface = INTERFACE if known else None
    found = read(reply, task, base, interface=interface, truncated=truncated)
    assert found.rtl if isinstance(found, Code) else found.why


def test_generate_keeps_of_an_earlier_candidate_only_what_is_used() -> None:
    base = f'`include "gone.vh"\nmodule unused; endmodule\n{SUB}\n{TOP}\n'
    uses = TOP.replace("endmodule", "sub u();\nendmodule")
    for reply, expected in ((TOP, f"{TOP}\n"), (uses, f"{uses}\n\n{SUB}\n")):
        check(fenced(reply), expected, base=base)
