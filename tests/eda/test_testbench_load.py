from pathlib import Path

import pytest

from spec2rtl.eda.testbench import load_testbench
from spec2rtl.errors import InputError
from spec2rtl.rtl import Testbench

TEST = "import cocotb\n\n@cocotb.test()\nasync def runs(dut):\n    dut.q.value = 1\n"


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body.encode() if isinstance(body, str) else body)


def names(bench: Testbench) -> list[str]:
    return sorted(file.name for file in bench.files)


def test_a_module_alone(tmp_path: Path):
    write(tmp_path, {"test_m.py": TEST, "other.py": "", "data.txt": ""})
    bench = load_testbench(tmp_path / "test_m.py")
    assert (bench.module, bench.path) == ("test_m", str(tmp_path / "test_m.py"))
    assert (bench.tests, bench.text, bench.files) == (("runs",), TEST, ())
    assert "q" in bench.signals
    assert bench.top is None


def test_what_it_uses(tmp_path: Path):
    write(
        tmp_path,
        {
            "test_m.py": "import helpers, os, random\nfrom lib.deep import model as m\n"
            "from pathlib import Path\nfrom lib import one\n"
            'VECTORS = Path(__file__).parent / "data" / "vectors.txt"\nX = "in.hex"\n' + TEST,
            "helpers.py": "from more import x\nimport test_m\n",
            "more.py": 'x = open("deep/table.csv")\n',
            "random.py": "",
            "unused.py": "",
            "lib/__init__.py": "from . import two\n",
            "lib/one.py": "from .two import z\nfrom .. import more\nfrom ...far import away\n",
            "lib/two.py": "",
            "lib/three.py": "",
            "lib/deep/model.py": "",
            "data/vectors.txt": "1\n",
            "data/other.txt": "1\n",
            "in.hex": b"\xff\x00",
            "deep/table.csv": "",
        },
    )
    bench = load_testbench(tmp_path / "test_m.py")
    assert names(bench) == [
        "data/vectors.txt",
        "deep/table.csv",
        "helpers.py",
        "in.hex",
        "lib/__init__.py",
        "lib/deep/model.py",
        "lib/one.py",
        "lib/two.py",
        "more.py",
        "random.py",
    ]
    assert next(f.data for f in bench.files if f.name == "in.hex") == b"\xff\x00"


@pytest.mark.parametrize(
    "name", ["test_m.py", "test_m", ".", "pkg/test_n.py", "pkg/test_n", "pkg.test_n"]
)
def test_forms_of_the_path(tmp_path: Path, name: str):
    write(tmp_path, {"test_m.py": TEST, "helper.py": "", "pkg/test_n.py": TEST})
    assert load_testbench(tmp_path / name).tests == ("runs",)


@pytest.mark.parametrize(
    ("files", "name", "message"),
    [
        ({}, "test_m.py", "test_m.py: no such file"),
        (
            {"tb.v": "module tb; endmodule"},
            "tb.v",
            "tb.v: a Verilog test bench; cocotb tests are wanted: "
            "a Python file with functions under @cocotb.test()",
        ),
        ({"t.txt": ""}, "t.txt", "t.txt: not a Python file; name the cocotb module, test_….py"),
        ({"d/x.py": ""}, "d", "d: a folder without test_*.py; name the cocotb module"),
        (
            {"d/test_a.py": TEST, "d/test_b.py": TEST},
            "d",
            "d: a folder with 2 test modules; name one: test_a.py, test_b.py",
        ),
        ({"t.py": "import x\ndef f(:\n"}, "t.py", "t.py:2: invalid syntax"),
        (
            {"t.py": "def test_a():\n    pass\n"},
            "t.py",
            "t.py: no tests; a test is an async function under @cocotb.test()",
        ),
        ({"t.py": ""}, "t.py", "t.py: no tests; a test is an async function under @cocotb.test()"),
        ({"t.py": b"# \xe9"}, "t.py", "t.py:1: is not UTF-8 (byte 2: 0xe9); save it as UTF-8"),
        ({"t.py": "import h\n" + TEST, "h.py": "x = (\n"}, "t.py", "h.py:1: '(' was never closed"),
        (
            {"t.py": "import h\n" + TEST, "h.py": f"{'-' * 10**5}1\n"},
            "t.py",
            "h.py:1: nested too deeply to be read",
        ),
        (
            {"t.py": "import h\n" + TEST, "h.py": b"\0"},
            "t.py",
            "h.py: is a binary file (a zero byte at 0)",
        ),
    ],
)
def test_unusable(tmp_path: Path, files: dict[str, str | bytes], name: str, message: str):
    write(tmp_path, files)
    with pytest.raises(InputError) as caught:
        load_testbench(tmp_path / name)
    assert str(caught.value) == f"{tmp_path}/{message}"
