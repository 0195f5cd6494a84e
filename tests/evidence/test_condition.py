import subprocess
from pathlib import Path

import pytest

from spec2rtl.evidence.condition import holds
from spec2rtl.syntax.expression import Bits, Form

PLAIN = {"a": "1", "b": "0", "n": "0101", "u": "0x", "sub.state": "010", "RUN": f"{2:032b}"}
OTHERS = {
    "s": Bits("1101", Form(signed=True)),
    "t": Bits("0010", Form(signed=True)),
    "up": Bits("1000", Form(last=None)),
    "part": Bits("1000", Form(last=4)),
}
VALUES = {name: Bits(text) for name, text in PLAIN.items()} | OTHERS

ROWS = {
    "a && !b": True,
    "!a || b": False,
    "~a": False,
    "n == 5 && n[3] == 0": True,
    "n[2:1] == 2'b10": True,
    "n[7]": None,
    "{a, b} == 2'b10": True,
    "^n": False,
    "&n[0]": True,
    "n - 4'd6 == 4'hF": True,
    "n - 4'd6 == 32'hFFFFFFFF": True,
    "n - 6 == 4'hF": False,
    "n + n + n == 15": True,
    "n + 4'd12 == 4'd1": True,
    "n + 4'd12 == 17": True,
    "{n + 4'd12} == 1": True,
    "~n == 8'hFA": True,
    "n - 4'd6 > 5'd20": True,
    "(n + 4'd12) >> 1 == 4'd0": True,
    "(n + 4'd12) >> 1 == 5'd8": True,
    "n + 4'd11 && a": False,
    "q + 99999999999'd1 == 1": None,
    "n + 99999999999'd1 == 1": None,
    "n < 6 && 6 > n && n <= 5 && n >= 5 && n != 4": True,
    "n << 1 == 4'd10": True,
    "n << 999999999 == 0": True,
    "n >> 999999999 == 0": True,
    "sub.state == RUN": True,
    "u == 1": None,
    "u[1] == 0": True,
    "u[0] && b": False,
    "u[0] || a": True,
    "nowhere": None,
    "a ? b : a": False,
    "u[0] ? a : a": None,
    "~|n": False,
    "n / 0": None,
    "n % 3 == 2": True,
    "2 ** n == 32": True,
    "n[2+:2] == 1 && n[2-:2] == 2": True,
    "s < 0 && s == -3 && s < t": True,
    "s > 4'd9": True,
    "s < n": False,
    "s + t == -1": True,
    "s + t == 8'd15": True,
    "s + 8'sd0 == -3": True,
    "s * t == -6 && s / t == -1 && s % t == -1": True,
    "s >>> 1 == -2 && s >> 1 == 4'd6": True,
    "{s} < 0 || s[3:0] < 0": False,
    "$signed(n - 4'd6) < 0": True,
    "$unsigned(s) > 9": True,
    "-s == 3 && ~s == 2": True,
    "(a ? s : t) < 0": True,
    "(a ? s : n) < 0": False,
    "s == 4'sb1101 && s == 'hFFFFFFFD": False,
    "up == 8": True,
    "up[0]": None,
    "part[7] && !part[4]": True,
    "part[0]": None,
    "n == '1": False,
    "n != '0": True,
    "a &&": None,
    "": None,
}


@pytest.mark.parametrize(("text", "expected"), ROWS.items(), ids=str)
def test_conditions(text: str, expected: bool | None) -> None:
    assert holds(text, VALUES.get) is expected


def test_iverilog_says_the_same(tmp_path: Path) -> None:
    """Of each condition that is told."""
    told = [text for text, value in ROWS.items() if value is not None and "." not in text]
    lines = [
        f"wire {_declared(name, bits)} = {len(bits.text)}'b{bits.text};"
        for name, bits in VALUES.items()
        if "." not in name
    ]
    lines += [f'initial #1 $display("%0d", ({text}) ? 1 : 0);' for text in told]
    source, image = tmp_path / "m.sv", tmp_path / "m.vvp"
    source.write_text("\n".join(("module m;", *lines, "endmodule")))
    subprocess.run(["iverilog", "-g2012", "-o", image, source], check=True)
    said = subprocess.run(["vvp", "-n", image], check=True, capture_output=True, text=True)
    assert dict(zip(told, said.stdout.split(), strict=True)) == {
        t: str(int(ROWS[t] or 0)) for t in told
    }


def _declared(name: str, bits: Bits) -> str:
    size, last = len(bits.text), bits.form.last
    span = f"[0:{size - 1}]" if last is None else f"[{size - 1 + last}:{last}]"
    return f"{'signed ' if bits.form.signed else ''}{span if size > 1 else ''} {name}"
