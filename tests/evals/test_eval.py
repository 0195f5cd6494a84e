"""`spec2rtl eval` as a user runs it."""

import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.evals.shell import Shell
from tests.evals.small import (
    REFLECTION,
    RIGHT,
    VE_PROMPT,
    VE_REFERENCE,
    VE_RIGHT,
    VE_TEST,
    VE_WRONG,
    WRONG,
    cvdp,
    cvdp_file,
    fenced,
    verilog_eval_folder,
)


@pytest.fixture
def folder(shell: Shell) -> Path:
    return verilog_eval_folder(shell.folder / "verilog_eval", "Prob1", "Prob2")


@pytest.fixture
def jsonl(shell: Shell) -> Path:
    return cvdp_file(shell.folder / "cvdp.jsonl", cvdp("half_0001"), cvdp("half_0002"))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_published_candidates_of_cvdp(shell: Shell, jsonl: Path) -> None:
    out = shell.folder / "published"
    write(out / "half_0001/rtl/half.sv", RIGHT)
    report = shell.report("cvdp", "--dataset", jsonl, "--candidates", out)
    first, second = report["problems"]
    assert (first["id"], first["difficulty"], first["verdict"], first["reason"]) == (
        "half_0001",
        "easy",
        "passed",
        "ok",
    )
    assert (second["verdict"], second["reason"]) == ("errored", "no candidate: rtl/half.sv")
    summary = report["summary"]
    assert {k: summary[k] for k in ("total", "passed", "failed", "errored", "pass_rate")} == {
        "total": 2,
        "passed": 1,
        "failed": 0,
        "errored": 1,
        "pass_rate": 1.0,
    }
    assert len(summary["interval"]) == 2
    assert set(report["simulator"]) == {"iverilog", "cocotb"}
    assert (report["generator"], report["reflector"], report["seed"]) == (None, None, 0)


def test_published_candidates_of_verilog_eval(shell: Shell, folder: Path) -> None:
    out = shell.folder / "published"
    write(out / "Prob1.sv", VE_RIGHT)
    write(out / "Prob2.sv", VE_WRONG)
    report = shell.report("verilog-eval", "--dataset", folder, "--candidates", out)
    assert [p["verdict"] for p in report["problems"]] == ["passed", "failed"]
    assert report["summary"]["pass_rate"] == 0.5


def generate(shell: Shell, benchmark: str, dataset: Path, *argv: object) -> dict[str, Any]:
    return shell.report(benchmark, "--dataset", dataset, "--out", shell.folder / "out", *argv)


def test_single_is_one_reply(shell: Shell, folder: Path) -> None:
    script = shell.script(fenced(VE_WRONG), fenced(VE_RIGHT))
    report = generate(
        shell, "verilog-eval", folder, "--generator", script, "--reflector", "rules",
        "--loop", "single", "--feedback", "harness",
    )  # fmt: skip
    assert [p["verdict"] for p in report["problems"]] == ["failed", "passed"]
    assert (report["loop"], report["feedback"]) == ("single", "none")
    assert report["effort"]["iterations"] == 1.0


def test_the_loop_is_told_what_the_harness_says(shell: Shell, jsonl: Path) -> None:
    generator = shell.script(fenced(WRONG), fenced(RIGHT), fenced(RIGHT))
    reflector = shell.script(REFLECTION, name="reflections.json")
    report = generate(
        shell, "cvdp", jsonl, "--generator", generator, "--reflector", reflector,
        "--feedback", "harness",
    )  # fmt: skip
    assert [p["verdict"] for p in report["problems"]] == ["passed", "passed"]
    assert report["feedback"] == "harness"
    assert report["effort"]["iterations_to_first_pass"] == 1.5
    said = "\n".join(shell.prompts(shell.folder / "out"))
    assert "async def quokka_adds(dut):" in said
    assert "AssertionError: 0 + 9 is 10111" in said


def test_the_loop_is_told_what_a_verilog_bench_says(shell: Shell, folder: Path) -> None:
    generator = shell.script(fenced(VE_WRONG), fenced(VE_RIGHT), fenced(VE_RIGHT))
    reflector = shell.script(REFLECTION, name="reflections.json")
    report = generate(
        shell, "verilog-eval", folder, "--generator", generator, "--reflector", reflector,
        "--feedback", "harness",
    )  # fmt: skip
    assert [p["verdict"] for p in report["problems"]] == ["passed", "passed"]
    said = "\n".join(shell.prompts(shell.folder / "out"))
    assert "sum: 96 mismatches, the first at time 10" in said
    assert "wire quokka_match" in said


def lines_of(*texts: str) -> set[str]:
    """The lines by which a text can be told."""
    return {line.strip() for text in texts for line in text.splitlines() if len(line.strip()) > 11}


@pytest.mark.parametrize("benchmark", ["cvdp", "verilog-eval"])
def test_without_feedback_no_prompt_holds_a_word_of_the_oracle(
    shell: Shell, jsonl: Path, folder: Path, benchmark: str
) -> None:
    # Replies that don't compile and that are wrong: whatever the loop can say is said.
    own = (RIGHT, WRONG) if benchmark == "cvdp" else (VE_RIGHT, VE_WRONG)
    broken = fenced(own[1].replace("assign sum", "assign"))
    generator = shell.script("no code", broken, fenced(own[1]), broken, fenced(own[1]))
    reflector = shell.script(*[REFLECTION] * 5, name="reflections.json")
    dataset = jsonl if benchmark == "cvdp" else folder
    report = generate(
        shell, benchmark, dataset, "--generator", generator, "--reflector", reflector,
    )  # fmt: skip
    assert report["feedback"] == "none"
    assert {p["verdict"] for p in report["problems"]} == {"failed"}
    prompts = shell.prompts(shell.folder / "out")
    assert len(prompts) == 8  # five of the generator, three of the reflector
    harness = cvdp()["harness"]["files"].values()
    hidden = lines_of(*harness) if benchmark == "cvdp" else lines_of(VE_TEST, VE_REFERENCE)
    hidden -= lines_of(*own)
    assert len(hidden) > 10
    for prompt in prompts:
        assert "quokka" not in prompt
        assert not [line for line in hidden if line in prompt]


def test_the_same_seed_gives_the_same_prompts_in_the_same_order(shell: Shell, folder: Path) -> None:
    generator = shell.script(*[fenced(VE_WRONG)] * 8)
    seen: list[list[str]] = []
    for name in ("first", "second"):
        out = shell.folder / name
        shell.report(
            "verilog-eval", "--dataset", folder, "--generator", generator, "--reflector", "rules",
            "--samples", 2, "--seed", 7, "--out", out,
        )  # fmt: skip
        seen.append(shell.prompts(out))
    assert len(seen[0]) == 4
    assert seen[0] == seen[1]


def test_several_samples(shell: Shell, folder: Path) -> None:
    replies = [VE_WRONG, VE_RIGHT, VE_RIGHT, VE_RIGHT]
    report = generate(
        shell, "verilog-eval", folder, "--generator", shell.script(*map(fenced, replies)),
        "--reflector", "rules", "--samples", 2,
    )  # fmt: skip
    assert [(p["samples"], p["passes"]) for p in report["problems"]] == [(2, 1), (2, 2)]
    assert report["pass_at"] == {"1": 0.75, "2": 1.0}
    again = shell.report(
        "verilog-eval", "--dataset", folder, "--candidates", shell.folder / "out" / "candidates",
        "--samples", 2,
    )  # fmt: skip
    assert again["pass_at"] == report["pass_at"]


def test_a_script_that_runs_dry_is_no_verdict(shell: Shell, folder: Path) -> None:
    script = shell.script(fenced(VE_RIGHT))
    report = generate(shell, "verilog-eval", folder, "--generator", script, "--reflector", "rules")
    assert [p["verdict"] for p in report["problems"]] == ["passed", "errored"]
    assert "run dry" in report["problems"][1]["reason"]


def many(shell: Shell, *names: str) -> tuple[object, ...]:
    """An evaluation of several problems, one after the other."""
    folder = verilog_eval_folder(shell.folder / "many", *names)
    generator = shell.script(*[fenced(VE_RIGHT)] * len(names))
    return (
        "verilog-eval", "--dataset", folder, "--generator", generator, "--reflector", "rules",
        "--jobs", 1, "--out", shell.folder / "out",
    )  # fmt: skip


def stop(shell: Shell, command: tuple[object, ...], number: int) -> int:
    """Begin an evaluation and end it by a signal after the second verdict."""
    with subprocess.Popen(
        shell.argv(*command), env=shell.environ, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        seen = 0
        for line in running.stderr:
            seen += "✓" in line
            if seen == 2:
                running.send_signal(number)
                break
        running.stderr.read()
        return running.wait()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_a_stopped_evaluation_goes_on_where_it_was(shell: Shell, number: int, code: int) -> None:
    names = [f"Prob{n}" for n in range(6)]
    command, results = many(shell, *names), shell.folder / "out" / "results.jsonl"
    assert stop(shell, command, number) == code
    before = results.read_bytes().splitlines()
    assert 2 <= len(before) < 6
    with results.open("ab") as file:
        file.write(b'{"id":"Prob5","verdict":"fai')  # as a full disk or a kill may leave it
    report = shell.report(*command, "--resume")
    assert [p["verdict"] for p in report["problems"]] == ["passed"] * 6
    after = results.read_bytes().splitlines()
    assert after[: len(before)] == before
    judged = [json.loads(line)["id"] for line in after if line.endswith(b"}")]
    assert judged == names


def test_a_folder_of_another_evaluation_is_left_alone(shell: Shell, folder: Path) -> None:
    out = shell.folder / "out"
    published = shell.folder / "published"
    write(published / "Prob1.sv", VE_RIGHT)
    command = ("verilog-eval", "--dataset", folder, "--candidates", published, "--out", out)
    shell.report(*command)
    before = (out / "results.jsonl").read_bytes()
    assert "holds an evaluation already; add --resume" in shell.refused(*command)
    other = shell.refused(*command, "--resume", "--seed", 3)
    assert "holds another evaluation (seed differ" in other
    write(folder / "Prob1_prompt.txt", VE_PROMPT + "\nMore.\n")
    assert "fingerprint" in shell.refused(*command, "--resume")
    assert (out / "results.jsonl").read_bytes() == before
    write(shell.folder / "full" / "file", "x")
    stranger = ("--out", shell.folder / "full", "--resume")
    assert "no plan.json" in shell.refused(*command[:-2], *stranger)


def test_a_folder_that_takes_no_candidate_is_one_line(shell: Shell, folder: Path) -> None:
    out = shell.folder / "out"
    command = (
        "verilog-eval", "--dataset", folder, "--generator", shell.script(fenced(VE_RIGHT)),
        "--reflector", "rules", "--ids", "Prob1", "--out", out,
    )  # fmt: skip
    shell.report(*command)
    (out / "results.jsonl").unlink()
    shutil.rmtree(out / "candidates")
    write(out / "candidates", "a file where the folder should be")
    assert f"{out}/candidates: can't be made" in shell.refused(*command, "--resume")


def test_a_limit_draws_by_the_seed(shell: Shell) -> None:
    folder = verilog_eval_folder(shell.folder / "many", *(f"Prob{n}" for n in range(9)))
    drawn = [
        [p["id"] for p in shell.report(
            "verilog-eval", "--dataset", folder, "--candidates", folder, "--limit", 4,
            "--seed", seed,
        )["problems"]]
        for seed in (1, 1, 3)
    ]  # fmt: skip
    assert len(drawn[0]) == 4
    assert drawn[0] == drawn[1] == sorted(drawn[0])
    assert drawn[0] != drawn[2]


def test_a_bad_line_of_the_data_set_is_said(shell: Shell) -> None:
    path = cvdp_file(shell.folder / "d.jsonl", "{bad", cvdp("half_0001"))
    report = shell.report("cvdp", "--dataset", path, "--candidates", shell.folder)
    assert [p["id"] for p in report["problems"]] == ["half_0001"]
    assert report["warnings"][0].startswith(f"{path}:1: not a CVDP problem")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("cvdp", "--dataset", "none.jsonl"), "none.jsonl: can't be read"),
        (("verilog-eval", "--dataset", "none"), "none: not a folder"),
        (("verilog-eval", "--dataset", "."), "no *_prompt.txt"),
        (("verilog-eval", "--dataset", "verilog_eval", "--ids", "Prob9"), "no problem Prob9"),
        (("verilog-eval", "--dataset", "verilog_eval", "--resume"), "--resume needs the folder"),
        (("verilog-eval", "--dataset", "verilog_eval", "--ray", "x:1"), "--ray"),
        (
            ("verilog-eval", "--dataset", "verilog_eval", "--candidates", "none"),
            "none: no such folder",
        ),
        (
            ("cvdp", "--dataset", "d", "--candidates", ".", "--feedback", "harness"),
            "--feedback goes with --generator",
        ),
        (("verilog-eval",), "--dataset"),
        (("rtllm", "--dataset", "x"), "rtllm"),
    ],
)
def test_bad_input_is_one_line(
    shell: Shell, folder: Path, argv: tuple[str, ...], said: str
) -> None:
    assert said in shell.refused(*argv)
