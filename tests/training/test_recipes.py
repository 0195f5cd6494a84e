"""Recipes, records and what is computed from them before anything is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import structs

from spec2rtl.chat import Message
from spec2rtl.errors import InputError
from training.card import Run, card, read_run
from training.entry import script
from training.estimate import adapter_parameters, dry_run, parameters
from training.recipe import Lora, Recipe, load
from training.records import Sample, claim, read, write

RECIPES = Path(__file__).parents[2] / "training" / "recipes"


def recipe(name: str) -> Recipe:
    return load(RECIPES / f"{name}.yaml")


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda p: p.stem)
def test_recipes_can_be_read(path: Path) -> None:
    assert load(path).name == path.stem


def test_the_papers_numbers() -> None:
    found = recipe("qwen32b-paper")
    sft, grpo = found.sft, found.grpo
    assert (sft.lora.r, sft.lora.alpha, sft.epochs, sft.learning_rate) == (32, 64, 5, 1e-4)
    assert (sft.max_tokens, sft.batch * sft.accumulate) == (4096, 16)
    assert (grpo.lora.r, grpo.lora.alpha, grpo.lora.dropout) == (16, 32, 0.05)
    assert (len(grpo.lora.targets), grpo.generations, grpo.new_tokens) == (7, 2, 256)
    assert (grpo.learning_rate, grpo.epochs, grpo.rewards) == (5e-6, 3, ("compile",))


@pytest.mark.parametrize(
    ("name", "billions", "tolerance"),
    [("qwen32b-paper", 32.76, 0.01), ("qwen1.5b", 1.54, 0.01), ("qwen0.5b", 0.49, 0.01)],
)
def test_weights_are_counted(name: str, billions: float, tolerance: float) -> None:
    shape = recipe(name).shape
    assert shape is not None
    assert parameters(shape) / 1e9 == pytest.approx(billions, abs=tolerance)


def test_adapters_are_counted() -> None:
    shape = recipe("qwen32b-paper").shape
    assert shape is not None
    assert adapter_parameters(shape, Lora(16, 32)) == 134_217_728


def sample(name: str = "a") -> Sample:
    asked, said = (Message("user", "Write m."),), (Message("assistant", "module m; endmodule"),)
    return Sample(name, "spec", asked, said, "m", "here", "MIT")


def with_data(name: str, path: Path) -> Recipe:
    write(path, [sample(str(n)) for n in range(40)])
    found = recipe(name)
    sft = structs.replace(found.sft, data=str(path))
    return structs.replace(
        found, base="none/such", sft=sft, grpo=structs.replace(found.grpo, data=str(path))
    )


def test_a_dry_run_says_what_is_needed(tmp_path: Path) -> None:
    said = dry_run(with_data("qwen32b-paper", tmp_path / "d.jsonl"))
    assert "32.76 billion weights" in said
    assert "SFT: 40 samples" in said
    assert "15 steps of 16" in said
    assert said.count("fits on one H100 of 80 GB") == 2


def test_a_dry_run_before_there_are_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = dry_run(recipe("qwen32b-paper"))
    assert (
        "SFT: build/training/clean.jsonl is not made yet (training/runs/pipeline.sh qwen32b-paper "
        "BENCHMARKS makes it); assumed: 10,000 samples of 800 tokens, the longest 4,096"
    ) in said
    assert "8,000,000 tokens (assumed)" in said
    assert said.count("; fits on one H100 of 80 GB") == said.count("time: about") == 2


@pytest.mark.parametrize("way", ["--forbid", "environment", "nothing"])
@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_the_shipped_recipes_refuse_a_benchmarks_prompts(
    tmp_path: Path, stage: str, way: str
) -> None:
    """As the pipeline calls them."""
    asked = "Write the module quokka that adds two unsigned numbers of four bits and says the sum."
    data, benchmark = tmp_path / "build/training/clean.jsonl", tmp_path / "benchmark"
    write(data, [structs.replace(sample(), prompt=(Message("user", asked),))])
    benchmark.mkdir()
    (benchmark / "one_prompt.txt").write_text(asked)
    argv = [sys.executable, "-m", f"training.{stage}", str(RECIPES / "qwen0.5b.yaml")]
    argv += ["--dry-run"] if stage == "sft" else ["--out", "out"]
    argv += ["--forbid", str(benchmark)] if way == "--forbid" else []
    more = {"SPEC2RTL_BENCHMARKS": str(benchmark)} if way == "environment" else {}
    if way == "nothing" and stage == "grpo":
        pytest.skip("it would go on and load the model")
    environ = {**os.environ, **more, "PYTHONPATH": str(RECIPES.parents[1])}
    done = subprocess.run(
        argv, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    if way == "nothing":
        assert "clean.jsonl: not held against any benchmark; name their folders" in done.stderr
    else:
        assert done.returncode == 2, done.stderr
        assert "1 samples are a benchmark's problems, the first a (one_prompt.txt: " in done.stderr
    pipeline = (RECIPES.parent / "runs/pipeline.sh").read_text().splitlines()
    calls = [line for line in pipeline if f"training.{stage} " in line]
    assert calls
    assert all('--forbid "$benchmarks"' in line for line in calls)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("r: 16,", "rank: 16,", r"unknown field `rank` - at `\$.sft.lora`"),
        ("epochs: 12", "epochs: many", r"Expected `float`, got `str` - at `\$.sft.epochs`"),
        ("weights: [1.0]", "weights: [1.0, 2.0]", "grpo.weights: one for each"),
        ("generations: 8", "generations: 1", "grpo.generations: at least 2"),
        ("rewards: [compile]", "rewards: [beauty]", "Invalid enum value 'beauty'"),
        ("name: smoke", "name: [", "no YAML"),
    ],
)
def test_a_wrong_recipe_is_one_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "r.yaml"
    text = (RECIPES / "smoke.yaml").read_text()
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=says) as raised:
        load(path)
    assert "\n" not in str(raised.value)


def test_bad_lines_are_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "d.jsonl"
    write(path, [sample("a"), sample("b")])
    path.write_text(path.read_text() + '{"id": "c"}\n' + "{cut\n")
    with path.open("ab") as file:
        file.write(path.read_bytes().split(b"\n")[0])
    assert [s.id for s in read(path, Sample)] == ["a", "b"]
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": left out")[0] for line in told] == [f"{path}:{n}" for n in (3, 4, 5)]
    assert told[2].endswith("the id a was there before")


def test_many_bad_lines_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "d.jsonl"
    write(path, [sample("a"), *([sample("b")] * 30)])
    assert len(read(path, Sample)) == 2
    assert capsys.readouterr().err.splitlines()[10:] == [f"{path}: 19 more lines are left out"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_a_full_disk_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def full() -> None:
        Path("/dev/full").write_text("x")

    with pytest.raises(SystemExit) as ended:
        script(full)
    assert ended.value.code == 2
    assert "No space left on device; the same command goes on" in capsys.readouterr().err


def test_files_without_a_usable_line(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text("[]\n")
    with pytest.raises(InputError, match="no usable line"):
        read(tmp_path / "d.jsonl", Sample)
    with pytest.raises(InputError, match="can't be read"):
        read(tmp_path / "none.jsonl", Sample)


def test_a_folder_belongs_to_one_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    claim(out, {"a": 1})
    claim(out, {"a": 1})
    with pytest.raises(InputError, match="is the folder of another run"):
        claim(out, {"a": 2})
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty and no run's folder"):
        claim(tmp_path / "full", {"a": 1})


def test_the_card_says_what_the_logs_say(tmp_path: Path) -> None:
    found = with_data("qwen1.5b", tmp_path / "d.jsonl")
    runs = [
        Run("sft", found, [{"loss": 2.0}, {"loss": 0.5}, {"train_runtime": 1.0}]),
        Run("grpo", found, [{"reward": 0.25}, {"reward": 0.75}]),
    ]
    text = card(runs, "# D\n\n9 samples kept, 1 removed, held against 3 texts.\n")
    assert text.startswith("---\nbase_model: none/such\nlicense: apache-2.0\n")
    assert "The loss, on the completions only, went from 2.000 to 0.500." in text
    assert "The mean reward went from 0.250 to 0.750" in text
    assert "- sft: 40 spec; licences: 40 MIT; 1 origins" in text
    assert "9 samples kept, 1 removed" in text


def test_a_folder_without_a_finished_run(tmp_path: Path) -> None:
    assert read_run(tmp_path) is None
    (tmp_path / "log.json").write_text("[]")
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(InputError, match=r"run\.json or log\.json can't be read"):
        read_run(tmp_path)
