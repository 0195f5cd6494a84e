import pytest

from spec2rtl.lsp.draft import Drafts

RTL = "module m;\n  wire x;\nendmodule\n"


def fold(pieces: list[str]) -> str:
    """What a client shows after all pieces."""
    drafts, shown = Drafts(), ""
    for piece in pieces:
        if added := drafts.add(0, piece, restart=False):
            shown = added[0] if added[1] else shown + added[0]
    return shown


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (f"Here:\n```verilog\n{RTL}```\nDone", RTL),
        (f"```\n{RTL}```", RTL),
        (RTL, RTL),
        (f"// a comment\n{RTL}", f"// a comment\n{RTL}"),
        ("I can't do that.", ""),
        ("```verilog\nmodule m; // a `macro\n", "module m; // a `macro\n"),
        ("```v\nmodule a;\nendmodule\n```\nand\n```v\nmodule b;\nendmodule\n```", None),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_the_code_of_a_reply(reply: str, expected: str | None, size: int) -> None:
    pieces = [reply[i : i + size] for i in range(0, len(reply), size)]
    shown = fold(pieces)
    if expected is None:
        assert "module a" in shown
        assert "module b" in shown
    else:
        assert shown == expected


def test_a_restart_voids_what_came() -> None:
    drafts = Drafts()
    assert drafts.add(0, "module a", restart=False) == ("module a", False)
    assert drafts.add(0, "module b", restart=True) == ("module b", True)
    assert drafts.add(1, "module c", restart=False) == ("module c", False)
