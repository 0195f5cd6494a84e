"""`generate` end to end: real iverilog, real cocotb, replies from a script."""

import hashlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from spec2rtl.config.settings import Settings
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.wiring import unconfined
from tests.cli.conftest import TEST, Bench, Generate, fenced, inverter

RIGHT, WRONG = fenced(inverter()), fenced(inverter("a"))
BROKEN = fenced(inverter("nowhere"))


def test_verified(bench: Bench, generate: Generate) -> None:
    ran = generate(RIGHT)
    result = ran.json
    assert ran.code == 0
    assert result["status"] == "verified"
    assert result["module"] == "inv"
    assert result["task"] == "generate"
    assert result["rtl"] == inverter()
    assert result["diff"] is None
    out = bench.folder / "inv.v"
    assert result["out"] == str(out)
    assert out.read_text() == inverter()
    (iteration,) = result["iterations"]
    assert iteration["stage"] == "simulate"
    assert iteration["candidate"] == hashlib.sha256(inverter().encode()).hexdigest()
    assert [t["status"] for t in iteration["tests"]] == ["passed", "passed"]


def test_the_loop_repairs_compile_and_function(bench: Bench, generate: Generate) -> None:
    reflections = bench.script(
        json.dumps(
            {"root_cause": "undeclared", "lines": [2], "edits": None, "instruction": "use a"}
        ),
        json.dumps(
            {
                "root_cause": "not inverted",
                "lines": [2],
                "edits": [{"search": "assign y = a;", "replace": "assign y = ~a;"}],
                "instruction": None,
            }
        ),
        name="reflections.json",
    )
    result = generate(BROKEN, WRONG, reflector=reflections).json
    assert result["status"] == "verified"
    ends = [(i["stage"], i["ok"]) for i in result["iterations"]]
    assert ends == [("compile", False), ("simulate", False), ("simulate", True)]
    first, second, _ = result["iterations"]
    assert first["diagnostics"][0]["line"] == 2
    assert first["diagnosis"] == "undeclared use a"
    failed = [t for t in second["tests"] if t["status"] == "failed"]
    assert failed[0]["name"] == "inverts"
    assert (
        failed[0]["line"]
        == TEST.splitlines().index(
            '        assert dut.y.value == 1 - a, f"y is {dut.y.value} for a={a}"'
        )
        + 1
    )


def test_without_tests_compiled(bench: Bench, generate: Generate) -> None:
    (bench.folder / "test_inv.py").unlink()
    ran = generate(RIGHT)
    assert (ran.code, ran.json["status"]) == (0, "compiled")


def test_failed_writes_no_file(bench: Bench, generate: Generate) -> None:
    ran = generate(WRONG, flags=("--max-simulation-iterations", "1"))
    assert (ran.code, ran.json["status"]) == (1, "failed")
    assert ran.json["rtl"] == inverter("a")
    assert not (bench.folder / "inv.v").exists()


def test_a_script_that_runs_dry_is_an_error(generate: Generate) -> None:
    ran = generate(WRONG)
    assert (ran.code, ran.json["status"]) == (2, "error")
    assert "run dry" in ran.json["message"]


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ("Sorry, no.", "no Verilog module"),
        (inverter().replace("endmodule\n", ""), "endmodule"),
        (fenced("module other(input a, output b, output c); endmodule\n") * 2, "2 times"),
    ],
)
def test_an_unusable_reply_is_a_failed_iteration(generate: Generate, reply: str, says: str) -> None:
    result = generate(reply, RIGHT).json
    assert result["status"] == "verified"
    first = result["iterations"][0]
    assert (first["stage"], first["ok"], first["candidate"]) == ("generate", False, None)
    assert says in first["diagnosis"]


def test_a_wrong_header_is_replaced(generate: Generate) -> None:
    wrong = "module inverter(input wire a, output wire y);\n  assign y = ~a;\nendmodule\n"
    result = generate(fenced(wrong)).json
    assert result["status"] == "verified"
    assert "module inv" in result["rtl"]


def test_events_are_lines_and_end_with_the_result(bench: Bench) -> None:
    ran = bench.run(
        "generate", "inv.spec.md", "--generator", bench.script(WRONG, RIGHT), "--events",
        "--reflector", "rules",
    )  # fmt: skip
    events = [json.loads(line) for line in ran.out.splitlines()]
    types = [event["type"] for event in events]
    assert types[0] == "run_started"
    assert types[-1] == "run_finished"
    assert events[-1]["result"]["status"] == "verified"
    assert [event["seq"] for event in events] == list(range(len(events)))
    replayed = bench.run("runs", "replay", events[0]["run_id"], "--events")
    assert replayed.out == ran.out


def test_a_persons_edit_is_never_overwritten(bench: Bench, generate: Generate) -> None:
    mine = bench.write("inv.v", "// mine\n")
    result = generate(RIGHT).json
    assert mine.read_text() == "// mine\n"
    assert result["out"] == str(bench.folder / "inv.new.v")
    assert any("holds edits" in warning for warning in result["warnings"])
    forced = generate(RIGHT, flags=("--force",)).json
    assert forced["out"] == str(mine)
    assert mine.read_text() == inverter()


def test_what_we_wrote_ourselves_is_replaced(bench: Bench, generate: Generate) -> None:
    assert generate(RIGHT).json["out"] == str(bench.folder / "inv.v")
    again = generate(fenced(inverter("!a"))).json
    assert again["out"] == str(bench.folder / "inv.v")
    assert (bench.folder / "inv.v").read_text() == inverter("!a")


def test_two_runs_on_one_spec_at_once_keep_both_results(bench: Bench) -> None:
    other = inverter("!a")
    runs = [
        subprocess.Popen(
            bench.argv(
                "generate", "inv.spec.md", "--reflector", "rules", "--json", "--generator",
                bench.script(fenced(rtl), name=f"{number}.json"),
            ),
            cwd=bench.folder,
            env=bench.environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, rtl in enumerate((inverter(), other))
    ]  # fmt: skip
    results = [json.loads(run.communicate()[0]) for run in runs]
    assert [r["status"] for r in results] == ["verified", "verified"]
    for result in results:
        written = Path(result["out"]).read_text()
        assert written == result["rtl"] or result["out"] == str(bench.folder / "inv.v")
    assert (bench.folder / "inv.v").read_text() in {inverter(), other}


def test_a_server_that_is_not_there_is_one_line(bench: Bench) -> None:
    flags = ("--generator", "openai:m@http://127.0.0.1:9/v1", "--reflector", "rules", "--json")
    ran = bench.run("generate", "inv.spec.md", *flags)
    assert (ran.code, ran.json["status"]) == (2, "error")
    assert "http://127.0.0.1:9/v1: can't be reached" in ran.json["message"]
    assert "is the server running?" in ran.json["message"]
    assert "Traceback" not in ran.err


def test_a_spec_comment_gets_its_module_below_it(bench: Bench) -> None:
    bench.write(
        "top.v",
        "// a file of mine\n/* spec: a module named `inv`\n - input a\n - output y\n"
        "y is not a */\n// the end\n",
    )
    flags = ("--generator", bench.script(RIGHT), "--reflector", "rules", "--json")
    result = bench.run("generate", "top.v:2", *flags).json
    assert result["status"] == "verified"
    assert result["inputs_changed"] == []
    text = (bench.folder / "top.v").read_text()
    assert text.startswith("// a file of mine\n/* spec:")
    assert f"begin inv\n{inverter()}" in text
    assert text.endswith("end inv\n// the end\n")


def test_ctrl_c_cancels_keeps_a_record_and_resume_goes_on(bench: Bench) -> None:
    looping = inverter("~a").replace(
        "endmodule", "  initial begin : loop\n    while (1) ;\n  end\nendmodule"
    )
    argv = ("generate", "inv.spec.md", "--reflector", "rules")
    script = bench.script(fenced(looping), RIGHT)
    seen: list[dict] = []
    with subprocess.Popen(
        bench.argv(*argv, "--generator", script, "--events"),
        cwd=bench.folder,
        env=bench.environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            seen.append(json.loads(line))
            if seen[-1]["type"] == "simulation_started":
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert seen[-1]["type"] == "run_finished"
    assert seen[-1]["result"]["status"] == "cancelled"
    resumed = bench.run("runs", "resume", "last", "--json", SPEC2RTL_SIMULATION_SECONDS="8").json
    assert resumed["status"] == "verified", resumed["message"]
    assert resumed["iterations"][0]["stage"] == "simulate"


def test_an_input_that_changes_meanwhile_is_named(bench: Bench) -> None:
    bench.write(
        "test_inv.py",
        TEST + "\n\n@cocotb.test()\nasync def touches(dut):\n    import pathlib\n"
        f"    pathlib.Path({str(bench.folder / 'inv.spec.md')!r}).write_text('other')\n",
    )
    flags = ("--generator", bench.script(RIGHT), "--reflector", "rules", "--json")
    result = bench.run("generate", "inv.spec.md", *flags, "--sandbox", "off").json
    assert result["inputs_changed"] == [str(bench.folder / "inv.spec.md")]


BAD_SPECS = [
    (b"", "is empty"),
    (b"\x7fELF\0\0", "binary"),
    (b"x" * (10 << 20), "1 MiB are the most"),
    (b"# caf\xe9\n- input a\n", "UTF-8"),
    (b"\xff\xfe#\0", "UTF-16"),
    (b"# A poem\n\nRoses are red.\n", "no ports"),
    (
        b"---\nmodule: inv\ntests: [\n---\n- input a\n- output y\n",
        "bad.spec.md:3: the front matter",
    ),
    (b"---\nrequire: [cells]\n---\n- input a\n- output y\n", "`cells` is no budget; allowed are"),
    (
        b"---\nlanguage: vhdl\n---\n- input a\n- output y\n",
        "bad.spec.md:2: front matter: `language` must be verilog or systemverilog",
    ),
]


@pytest.mark.parametrize(("data", "says"), BAD_SPECS)
def test_bad_spec(bench: Bench, data: bytes, says: str) -> None:
    (bench.folder / "bad.spec.md").write_bytes(data)
    ran = bench.run("generate", "bad.spec.md", "--generator", bench.script(RIGHT), "--json")
    assert ran.code == 2
    assert says in ran.line
    assert "bad.spec.md" in ran.line
    assert ran.json["status"] == "error"
    assert ran.json["message"] in ran.line


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["generate", "none.spec.md"], "no such file"),
        (["generate", "."], "folder"),
        (["generate", "inv.spec.md", "--generator", "magic:x"], "unknown backend"),
        (["generate", "inv.spec.md", "--generator", "rules"], "choose a model"),
        (["generate", "inv.spec.md", "--tests", "tb.v"], "Verilog test bench"),
        (["generate", "inv.spec.md", "--tests", "empty.py"], "no tests"),
        (["generate", "inv.spec.md", "--tests", "broken.py"], "broken.py:1"),
        (["generate", "inv.spec.md", "--out", "no/where.v"], "no such folder"),
        (["generate", "inv.spec.md", "--out", "test_inv.py", "--force"], "is an input"),
        (["generate", "inv.spec.md", "--out", "inv.py"], "must end in .v or .sv"),
        (["repair", "blank.v"], "blank.v: holds no code"),
        (["edit", "blank.v", "--instruction", "Invert it"], "blank.v: holds no code"),
        (["generate", "inv.spec.md", "--module", "a b"], "no Verilog name"),
        (["generate", "inv.spec.md", "--generator", "anthropic:m@http://h"], "ANTHROPIC_BASE_URL"),
        (["repair", "inv.v", "--top", "nope"], "top module `nope` is not in the RTL"),
        (["simulate", "inv.v", "--tests", "test_inv.py", "--top", "nope"], "which has inv"),
        (["simulate", "inv.v", "--tests", "top.py"], "top.py: the top module `elsewhere`"),
        (["repair", "inv.spec.md"], "inv.spec.md: Markdown, no Verilog"),
        (["simulate", "test_inv.py", "--tests", "test_inv.py"], "Python, no Verilog"),
        (["check", "inv.vhd"], "inv.vhd: VHDL, no Verilog"),
        (["edit", "inv.v", "--instruction", " "], "--instruction is empty"),
        (["simulate", "none.v", "--tests", "test_inv.py"], "no such file"),
        (["simulate", "inv.v", "--tests", "imports.py"], "no_such_module"),
        (["check", "inv.v", "-I", "none"], "none: no such include folder"),
        (["check", "inv.v", "-P", "W=eight"], "a Verilog number"),
        (["check", "inv.v", "-P", "W=8"], "no such parameter of `inv`: it has none"),
        (["generate", "inv.spec.md", "-P", "W=8"], "no such parameter of `inv`"),
        (["runs", "show", "last"], "no run yet"),
        (["models", "path", "gpt"], "gpt"),
    ],
)
def test_bad_arguments(bench: Bench, argv: list[str], says: str) -> None:
    bench.write("tb.v", "module tb; endmodule")
    bench.write("blank.v", "// nothing yet\n")
    bench.write("inv.v", inverter())
    bench.write("empty.py", "import cocotb\n")
    bench.write("broken.py", "def\n")
    bench.write("top.py", f'{TEST}\nCOCOTB_TOPLEVEL = "elsewhere"\n')
    bench.write(
        "imports.py",
        "import cocotb, no_such_module\n\n\n@cocotb.test()\nasync def t(dut):\n    pass\n",
    )
    if argv[0] in {"generate", "repair", "edit"} and "--generator" not in argv:
        argv = [*argv, "--generator", bench.script(RIGHT)]
    ran = bench.run(*argv)
    assert ran.code == 2
    assert says in ran.line


def test_a_key_that_the_front_matter_does_not_know_is_a_warning(
    bench: Bench, generate: Generate
) -> None:
    path = bench.folder / "inv.spec.md"
    bench.write("inv.spec.md", f"---\ntest: elsewhere.py\n---\n{path.read_text()}")
    assert "did you mean `tests`?" in " ".join(generate(RIGHT).json["warnings"])


def test_a_spec_of_two_modules_is_warned_of(bench: Bench, generate: Generate) -> None:
    text = (bench.folder / "inv.spec.md").read_text()
    bench.write("inv.spec.md", f"## Module `inv`\n{text}\n\n## Module `other`\nIt waits.\n")
    assert "more than one module" in " ".join(generate(RIGHT).json["warnings"])


def test_what_confines_a_run_is_said(bench: Bench, generate: Generate) -> None:
    best = best_sandbox()
    name = best.name if best else "rlimits"
    warned = [] if best else [unconfined(Settings(), None)[0]]
    assert generate(RIGHT).json["warnings"] == warned
    assert generate(RIGHT, flags=("--sandbox", "off")).json["warnings"] == []
    argv = ("simulate", "inv.v", "--tests", "test_inv.py", "--json")
    simulated = bench.run(*argv)
    assert simulated.json["sandbox"] == name
    assert simulated.err.count("no sandbox") == len(warned)
    bench.write("inv.v", "module inv(; endmodule\n")
    assert bench.run(*argv).json["sandbox"] == name


def test_without_a_sandbox_the_user_is_warned() -> None:
    (warning,) = unconfined(Settings(), None)
    assert "no sandbox" in warning
    assert "run only what you trust" in warning
    assert unconfined(Settings(sandbox="off"), None) == ()


def test_a_full_disk_is_one_line(bench: Bench) -> None:
    for argv in (["doctor"], ["runs", "list", "--json"], ["check", "inv.v", "--json"]):
        bench.write("inv.v", inverter())
        with Path("/dev/full").open("w") as full:
            told = bench.into(full, *argv)
        assert told == (2, "spec2rtl: output: No space left on device\n")


def test_a_file_name_that_is_too_long_is_one_line(generate: Generate) -> None:
    ran = generate(RIGHT, flags=("--out", f"{'n' * 300}.v"))
    assert (ran.code, ran.json["status"]) == (2, "error")
    assert ran.json["message"].endswith("n.v: File name too long; choose another --out")
    assert ran.line == f"spec2rtl: {ran.json['message']}"


@pytest.mark.parametrize(
    "argv",
    [
        ("generate", b"bad\xff.spec.md"),
        ("check", b"bad\xff.v"),
        ("edit", b"bad\xff.v", "--instruction", "Invert it"),
        ("edit", "inv.v", "--instruction", b"a\xffb"),
    ],
)
def test_bytes_that_are_no_text_are_one_line(bench: Bench, argv: tuple[str | bytes, ...]) -> None:
    bench.write("inv.v", inverter())
    ran = bench.run(*map(os.fsdecode, argv), "--json")
    assert ran.code == 2
    assert "\ufffd" in ran.json["message"]
    assert ran.line == f"spec2rtl: {ran.json['message']}"
    assert "is not UTF-8; rename the file" in ran.line


def test_a_full_temporary_folder_is_no_bad_design(bench: Bench) -> None:
    bench.write("inv.v", inverter())
    (bench.folder / "full").mkdir()
    own_disk = "mount -t tmpfs -o size=256k none full || exit 77\n"
    filled = 'head -c 250000 /dev/zero > full/fill; TMPDIR="$PWD/full" exec "$@"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", own_disk + filled, "sh", *bench.argv("check", "inv.v")],
        cwd=bench.folder,
        env=bench.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or done.returncode == 77:
        pytest.skip("no disk of our own can be made here")
    assert done.returncode == 2
    assert "No space left on device; free some space or set TMPDIR" in done.stderr


def test_missing_iverilog_is_one_line(bench: Bench) -> None:
    ran = bench.run("check", bench.write("inv.v", inverter()), PATH=str(bench.folder))
    assert ran.code == 2
    assert "iverilog" in ran.line


def test_read_only_folder(bench: Bench, generate: Generate) -> None:
    if os.geteuid() == 0:
        out = "/proc/inv.v"
    else:
        bench.folder.chmod(0o500)
        out = str(bench.folder / "x" / "inv.v")
    ran = generate(RIGHT, flags=("--out", out))
    assert (ran.code, ran.json["status"]) == (2, "error")
    assert "choose another --out" in ran.json["message"]


def test_remote_is_announced_and_can_be_forbidden(bench: Bench) -> None:
    argv = ("generate", "inv.spec.md", "--generator", "openai:m@https://example.invalid/v1")
    ran = bench.run(*argv, "--max-seconds", "3")
    assert "sent to it" in ran.err
    forbidden = bench.run(*argv, SPEC2RTL_REMOTE="0")
    assert forbidden.code == 2
    assert "remote = false" in forbidden.line
