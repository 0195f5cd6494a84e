"""How files become a job: names, targets, tests and what is refused."""

import os
from pathlib import Path

import pytest

from spec2rtl.config.settings import Settings
from spec2rtl.eda.order import compile_order
from spec2rtl.errors import ConfigError, InputError
from spec2rtl.jobs import MAX_SPEC_BYTES, generate_job, modify_job, read_spec
from spec2rtl.loop.job import Job
from spec2rtl.rtl import digest

PORTS = "\n- input `a`\n- output `y`\n"
SPEC = f"Write a module named `said`.\n{PORTS}"
TEST = "import cocotb\n\n\n@cocotb.test()\nasync def t(dut):\n    dut.a.value = dut.y.value\n"


def module(name: str, body: str = "") -> str:
    return f"module {name}(input a, output y);{body} endmodule\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def write(folder: Path, **files: str) -> None:
    """Files by their names, the dots as double underscores."""
    for name, text in files.items():
        folder.joinpath(name.replace("__", ".")).write_text(text)


def job(
    folder: Path, spec: str = "m.spec.md", settings: Settings | None = None, **more: str
) -> Job:
    return generate_job(read_spec(str(folder / spec)), settings or Settings(), **more)


@pytest.mark.parametrize(
    ("spec", "test", "flag", "name"),
    [
        (PORTS, None, None, "m"),
        (SPEC, None, None, "said"),
        (f"---\nmodule: front\n---\n{SPEC}", None, None, "front"),
        (f"---\nmodule: front\n---\n{SPEC}", f'{TEST}COCOTB_TOPLEVEL = "tested"\n', None, "tested"),
        (f"---\nmodule: front\n---\n{SPEC}", f'{TEST}COCOTB_TOPLEVEL = "tested"\n', "flag", "flag"),
    ],
)
def test_the_modules_name(
    folder: Path, spec: str, test: str | None, flag: str | None, name: str
) -> None:
    write(folder, m__spec__md=spec)
    if test:
        write(folder, test_m__py=test)
    made = job(folder, **({"module": flag} if flag else {}))
    assert made.module == name
    assert made.target.path == str(folder / "m.v")


@pytest.mark.parametrize(
    ("front", "out", "target", "language"),
    [
        ("", None, "m.v", "verilog"),
        ("---\nlanguage: systemverilog\n---\n", None, "m.sv", "systemverilog"),
        ("", "other.sv", "other.sv", "systemverilog"),
    ],
)
def test_the_language_and_the_file(
    folder: Path, front: str, out: str | None, target: str, language: str
) -> None:
    write(folder, m__spec__md=front + SPEC)
    made = job(folder, **({"out": str(folder / out)} if out else {}))
    assert (made.target.path, made.language) == (str(folder / target), language)


def test_tests_beside_the_spec_are_frozen_with_it(folder: Path) -> None:
    write(folder, m__spec__md=SPEC, test_m__py=TEST)
    made = job(folder)
    assert made.testbench is not None
    assert made.testbench.path == str(folder / "test_m.py")
    frozen = [(i.role, i.path, i.sha256) for i in made.inputs]
    assert frozen == [
        ("spec", str(folder / "m.spec.md"), digest(SPEC)),
        ("testbench", str(folder / "test_m.py"), digest(TEST)),
    ]


@pytest.mark.parametrize(("name", "known"), [("a", True), ("far", False)])
def test_a_header_that_lacks_what_the_tests_drive_is_left_to_the_model(
    folder: Path, name: str, known: bool
) -> None:
    drives = (
        f"@cocotb.test()\nasync def t(dut):\n    dut.{name}.value = 1\n    assert dut.inner.value\n"
    )
    write(folder, m__spec__md=SPEC, test_m__py=f"import cocotb\n{drives}")
    assert (job(folder).interface is not None) == known


def test_a_spec_comment_is_generated_into_its_own_file(folder: Path) -> None:
    text = f"{module('mine')}/* spec: {SPEC}*/\n"
    write(folder, host__v=text)
    made = job(folder, "host.v")
    assert (made.module, made.target.path) == ("said", str(folder / "host.v"))
    assert [s.text for s in made.context.sources] == [text]


@pytest.mark.parametrize("key", ["tests", "sources"])
def test_front_matter_stays_inside_the_workspace(folder: Path, key: str) -> None:
    inner = folder / "inner"
    (inner / ".git").mkdir(parents=True)
    write(folder, test_m__py=TEST)
    value = "../test_m.py" if key == "tests" else "[../test_m.py]"
    write(inner, m__spec__md=f"---\n{key}: {value}\n---\n{SPEC}")
    with pytest.raises(InputError, match="outside the workspace"):
        job(inner)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"module": "a b"}, "no Verilog name"),
        ({"module": "module"}, "no Verilog name"),
        ({"out": "m.spec.md"}, "is an input"),
        ({"out": "test_m.py"}, "is an input"),
        ({"tests": "none.py"}, "no such file"),
    ],
)
def test_what_generate_refuses(folder: Path, more: dict[str, str], says: str) -> None:
    write(folder, m__spec__md=SPEC, test_m__py=TEST)
    paths = {key: value if key == "module" else str(folder / value) for key, value in more.items()}
    with pytest.raises(InputError, match=says):
        job(folder, **paths)


def test_tests_that_cant_import_are_refused_before_a_model_is_asked(folder: Path) -> None:
    test = "\n@cocotb.test()\nasync def t(dut): pass\n"
    imports = "import os.path, cocotb\nfrom cocotb.triggers import Timer\nimport helper\n"
    write(folder, m__spec__md=SPEC, helper__py="", test_m__py=imports + test)
    assert job(folder).testbench
    for line in ("import gone", "from gone.deeper import x"):
        write(folder, test_m__py=f"import cocotb\n{line}\n{test}")
        with pytest.raises(InputError, match=r"test_m\.py:2: no module named `gone`; install it"):
            job(folder)
    for lines in (
        "import sys\nsys.path.append('..')\nimport gone",
        "try: import gone\nexcept: pass",
    ):
        write(folder, test_m__py=f"import cocotb\n{lines}\n{test}")
        assert job(folder).testbench


def modify(
    folder: Path, *names: str, top: str | None = None, instruction: str | None = None
) -> Job:
    files = [str(folder / name) for name in names]
    return modify_job(files, Settings(), top=top, instruction=instruction)


def test_only_the_file_with_the_top_may_change(folder: Path) -> None:
    write(folder, leaf__v=module("leaf"), root__v=module("root", " leaf l(a, y);"))
    made = modify(folder, "leaf.v", "root.v")
    assert (made.module, made.target.path) == ("root", str(folder / "root.v"))
    assert [s.path for s in made.context.sources] == [str(folder / "leaf.v")]
    assert modify(folder, "leaf.v", "root.v", top="leaf").target.path == str(folder / "leaf.v")


def test_the_tests_name_the_top(folder: Path) -> None:
    write(folder, one__v=module("one"), two__v=module("two"))
    write(folder, test_one__py=f'{TEST}COCOTB_TOPLEVEL = "two"\n')
    assert modify(folder, "one.v", "two.v").target.path == str(folder / "two.v")


@pytest.mark.parametrize("sources", [("p.sv",), ("macros.v", "m.sv", "p.sv"), ()])
def test_the_file_that_may_change_is_compiled_at_its_place(
    folder: Path, sources: tuple[str, ...]
) -> None:
    write(folder, m__sv="import p::*;\n" + module("m"), p__sv="package p;\nendpackage\n")
    write(folder, macros__v="`define W 1\n")
    settings = Settings(sources=tuple(str(folder / name) for name in sources))
    files = ["m.sv", *({"p.sv", "macros.v"} - {*sources})]
    made = modify_job([str(folder / name) for name in files], settings, top="m")
    whole = made.design(made.target.text)
    order = [Path(whole.sources[at].path).name for at in compile_order(whole)]
    known = [name for name in order if name in sources]
    assert known == list(sources)
    assert sources[1:2] == ("m.sv",) or order.index("p.sv") < order.index("m.sv")


@pytest.mark.parametrize(
    ("top", "instruction", "says"),
    [
        (None, None, "no single top module among one, two"),
        ("none", None, "`none` is not in the RTL, which has one, two"),
        ("one", " ", "--instruction is empty"),
    ],
)
def test_what_modify_refuses(
    folder: Path, top: str | None, instruction: str | None, says: str
) -> None:
    write(folder, one__v=module("one"), two__v=module("two"))
    with pytest.raises(InputError, match=says):
        modify(folder, "one.v", "two.v", top=top, instruction=instruction)


def test_a_parameter_that_is_set_must_be_there(folder: Path) -> None:
    write(folder, m__v="module m #(parameter W = 4, D = 2)(input a); localparam L = 1; endmodule\n")
    for name, known in (("L", False), ("X", False), ("W", True), ("D", True)):
        settings = Settings(parameters=((name, "3"),))
        if known:
            assert modify_job([str(folder / "m.v")], settings).context.parameters == ((name, "3"),)
        else:
            with pytest.raises(ConfigError, match=f"-P {name}: no such .* it has W, D"):
                modify_job([str(folder / "m.v")], settings)


def test_a_parameter_that_the_spec_mentions_may_be_set(folder: Path) -> None:
    write(folder, m__spec__md=f"{SPEC}\nThe depth `DEPTH` can be set.\n")
    made = job(folder, settings=Settings(parameters=(("DEPTH", "3"),)))
    assert made.context.parameters == (("DEPTH", "3"),)
    with pytest.raises(ConfigError, match="-P WIDTH: no such parameter of `said`"):
        job(folder, settings=Settings(parameters=(("WIDTH", "3"),)))


def test_rtl_that_is_not_a_module_yet_can_be_repaired(folder: Path) -> None:
    write(folder, m__v="modul m(input a);\n")
    made = modify(folder, "m.v", top="m")
    assert (made.task, made.module) == ("repair", "m")


def test_what_is_no_file_is_not_read_without_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.spec.md")
    for path in (tmp_path / "m.spec.md", Path("/dev/zero")):
        with pytest.raises(InputError, match="is no ordinary file"):
            read_spec(str(path))


def test_rtl_may_be_longer_than_a_spec(folder: Path) -> None:
    rest = "// \n" * (MAX_SPEC_BYTES // 4)
    write(folder, m__spec__md=SPEC, m__v=module("said") + rest, long__spec__md=SPEC + rest)
    assert job(folder).replaces == module("said") + rest
    with pytest.raises(InputError, match=r"long\.spec\.md: 1\.0 MiB; 1 MiB are the most"):
        read_spec(str(folder / "long.spec.md"))
