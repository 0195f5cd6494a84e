"""The stages as they are run: SFT, merging and GRPO of a tiny model on a tiny task."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spec2rtl.backends.peft import PeftModel
from spec2rtl.backends.peft_wire import Options
from spec2rtl.chat import Message, Prompt, Reply

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "training" / "recipes" / "smoke.yaml"
MAKE = (
    "from pathlib import Path; from tests.training.tiny import *; make_base(Path('base'));"
    "make_tasks(Path('tasks.jsonl'), 128); make_tasks(Path('prompts.jsonl'), 40)"
)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A stage; one thread, for more would fight for the cores that other tests use."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "server")])
    environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def stage(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run a stage to its end; give what it told the user. stdout is for results only."""
    child = start(folder, *arguments)
    out, told = child.communicate(timeout=170)
    assert child.returncode == code, told
    assert out == ""
    return told


def kill(child: subprocess.Popen[str], at: str) -> None:
    """Kill a stage when it has told of a step."""
    assert child.stderr is not None
    for line in child.stderr:
        if line.startswith(at):
            break
    child.send_signal(signal.SIGKILL)
    child.communicate()


def logged(folder: Path, what: str) -> list[float]:
    rows = json.loads((folder / "log.json").read_text())
    return [row[what] for row in rows if what in row]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which SFT was killed at its first checkpoint, gone on with, and merged."""
    folder = tmp_path_factory.mktemp("smoke")
    stage(folder, "-c", MAKE)
    sft = ["-m", "training.sft", str(RECIPE), "--out", "sft"]
    kill(start(folder, *sft), at="step 50 ")
    told = stage(folder, *sft)
    assert "step 41 of 96" in told
    assert "step 40 of 96" not in told
    merge = ["-m", "training.merge", "sft/adapter", "--out", "merged", "--precision", "fp32"]
    stage(folder, *merge)
    assert not (folder / "merged.part").exists()
    told = stage(folder, *merge, code=2)
    assert told == "error: merged: is there already; choose another --out\n"
    (folder / "pickled").mkdir()
    shutil.copy(folder / "sft" / "adapter" / "adapter_config.json", folder / "pickled")
    (folder / "pickled" / "adapter_model.bin").touch()
    told = stage(folder, "-m", "training.merge", "pickled", "--out", "other", code=2)
    assert "pickled/adapter_model.bin is a pickle" in told
    return folder


def test_the_loss_falls(trained: Path) -> None:
    losses = logged(trained / "sft", "loss")
    assert len(losses) == 96
    assert mean(losses[-5:]) < 0.1 * losses[0]


@pytest.mark.parametrize("seed", [0, 1])
def test_grpo_raises_the_mean_reward(trained: Path, seed: int) -> None:
    recipe = trained / f"seed{seed}.yaml"
    recipe.write_text(RECIPE.read_text().replace("seed: 0", f"seed: {seed}"))
    out = trained / f"grpo{seed}"
    stage(trained, "-m", "training.grpo", str(recipe), "--out", str(out))
    rewards = logged(out, "reward")
    assert mean(rewards[-3:]) > mean(rewards[:2]) + 0.15
    assert (out / "adapter" / "adapter_model.safetensors").is_file()


def test_a_killed_grpo_goes_on_from_its_checkpoint(trained: Path) -> None:
    recipe = trained / "killed.yaml"
    recipe.write_text(RECIPE.read_text().replace("save_steps: 100", "save_steps: 4"))
    grpo = ["-m", "training.grpo", str(recipe), "--out", "killed"]
    kill(start(trained, *grpo), at="step 5 ")
    told = stage(trained, *grpo)
    assert "step 5 of 10" in told
    assert "step 4 of 10" not in told
    assert len(logged(trained / "killed", "reward")) == 10
    assert (trained / "killed" / "adapter" / "adapter_model.safetensors").is_file()


async def test_the_adapter_answers_in_the_product(trained: Path) -> None:
    adapter = str(trained / "sft" / "adapter")
    options = Options(device="cpu", precision="fp32")
    asked = Message("user", "Write pair: y is the xor of a and b.")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    model = PeftModel(str(trained / "base"), adapter, options=options, environ=environment)
    try:
        prompt = Prompt((asked,), temperature=0.0, max_tokens=48)
        replies = [c async for c in model.stream(prompt) if isinstance(c, Reply)]
    finally:
        await model.aclose()
    assert "module pair(input a, input b, output y);\nassign y = a ^ b" in replies[0].text


def test_a_folder_of_another_recipe_is_refused(trained: Path) -> None:
    recipe = trained / "other.yaml"
    recipe.write_text(RECIPE.read_text().replace("r: 16", "r: 8"))
    told = stage(trained, "-m", "training.sft", str(recipe), "--out", "sft", code=2)
    *warned, error = told.splitlines()
    assert error == "error: sft: is the folder of another run (see run.json); choose another --out"
    assert [line for line in warned if "not held against any benchmark" not in line] == []
