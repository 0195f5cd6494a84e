"""Stage 7: a model card from what the run wrote down itself.

    python -m training.card build/training/qwen1.5b \\
        --decontamination build/training/decontamination.md --out build/training/qwen1.5b/README.md

The folder holds `sft` and, where there was one, `grpo`. Nothing in the card is written by hand;
what was not measured is said to be so.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from spec2rtl.errors import InputError
from training.entry import arguments_of, say, script
from training.recipe import Lora, Recipe
from training.records import Sample, read

LIBRARIES = ("torch", "transformers", "peft", "trl", "datasets")


class Run(Struct, frozen=True):
    """The folder of one stage: its recipe and its log."""

    stage: str
    recipe: Recipe
    log: list[dict[str, Any]]

    def values(self, what: str) -> list[float]:
        """A logged number over the steps."""
        return [float(row[what]) for row in self.log if what in row]


def main() -> None:
    """Read the folders, write the card."""
    parser = arguments_of(__doc__)
    parser.add_argument("folder", type=Path, help="the folder that holds sft and grpo")
    parser.add_argument("--decontamination", type=Path, help="the report of that stage")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    runs = [run for stage in ("sft", "grpo") if (run := read_run(args.folder / stage))]
    if not runs:
        raise InputError(f"{args.folder}: no finished run: neither sft/log.json nor grpo/log.json")
    removed = args.decontamination.read_text() if args.decontamination else None
    args.out.write_text(card(runs, removed))
    say(f"{args.out}: written")


def read_run(folder: Path) -> Run | None:
    """Read a stage's folder; None where the stage hasn't been finished."""
    log = folder / "log.json"
    if not log.is_file():
        return None
    try:
        made_from = msgspec.json.decode((folder / "run.json").read_bytes())
        recipe = msgspec.convert(made_from["recipe"], Recipe)
        return Run(made_from["stage"], recipe, msgspec.json.decode(log.read_bytes()))
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: run.json or log.json can't be read: {error}") from None


def card(runs: Sequence[Run], removed: str | None) -> str:
    """The card as Markdown, with the front matter that the Hub reads."""
    recipe = runs[-1].recipe
    lines = [
        "---",
        f"base_model: {recipe.base}",
        f"license: {recipe.licence.lower()}",
        "library_name: peft",
        "tags: [verilog, rtl, lora]",
        "---",
        "",
        f"# {recipe.name}",
        "",
        f"A LoRA adapter for `{recipe.base}` that writes, edits and repairs Verilog. Use it with",
        "Spec2RTL: `spec2rtl generate SPEC --generator peft:BASE+ADAPTER`.",
    ]
    for run in runs:
        lines += _training(run)
    lines += ["", "## Data", "", *_data(runs), "", "## Benchmarks kept out", ""]
    lines.append(_removed(recipe, removed))
    lines += [
        "",
        "## Evaluation",
        "",
        "Not part of training. Measure it with `spec2rtl eval`, on problems that were kept out.",
        "",
        "## Limits",
        "",
        "Its RTL is for review: only given tests that pass make a design verified. Rewards come",
        "from a simulator, which knows nothing of area, timing or synthesis.",
        "",
        "## Made with",
        "",
        ", ".join(f"{name} {version(name)}" for name in LIBRARIES) + ".",
        "",
    ]
    return "\n".join(lines)


def _training(run: Run) -> Iterator[str]:
    recipe = run.recipe
    yield from ("", f"## {'Fine-tuning' if run.stage == 'sft' else 'Reinforcement learning'}", "")
    if run.stage == "sft":
        sft, losses = recipe.sft, run.values("loss")
        yield (
            f"{len(losses)} steps: {_lora(sft.lora)}, learning rate {sft.learning_rate:g}, "
            f"{sft.epochs:g} epochs, batches of {sft.batch * sft.accumulate}, at most "
            f"{sft.max_tokens} tokens, seed {recipe.seed}. The loss, on the completions only, went "
            f"from {losses[0]:.3f} to {losses[-1]:.3f}."
        )
    else:
        grpo, rewards = recipe.grpo, run.values("reward")
        few = max(1, len(rewards) // 10)
        first, last = sum(rewards[:few]) / few, sum(rewards[-few:]) / few
        yield (
            f"{len(rewards)} steps of GRPO on the merged model: {_lora(grpo.lora)}, learning rate "
            f"{grpo.learning_rate:g}, {grpo.generations} completions of at most {grpo.new_tokens} "
            f"tokens per prompt, rewards {', '.join(grpo.rewards)}, seed {recipe.seed}. The mean "
            f"reward went from {first:.3f} to {last:.3f} (first and last tenth of the steps)."
        )


def _lora(lora: Lora) -> str:
    return f"r={lora.r}, alpha={lora.alpha}, dropout {lora.dropout:g}"


def _data(runs: Sequence[Run]) -> Iterator[str]:
    """Tasks, licences and origins, where the data are still there to be counted."""
    for run in runs:
        part = run.recipe.sft if run.stage == "sft" else run.recipe.grpo
        path = Path(part.data)
        if not path.is_file():
            yield f"- {run.stage}: `{part.data}`, which was not there when this card was made"
            continue
        samples = [s for s in read(path, Sample) if s.task in part.tasks]
        tasks = _counted(s.task for s in samples)
        licences = _counted(s.licence for s in samples)
        origins = len({s.origin for s in samples})
        yield f"- {run.stage}: {tasks}; licences: {licences}; {origins} origins"


def _counted(values: Iterable[str]) -> str:
    return ", ".join(f"{n} {value}" for value, n in Counter(values).most_common())


def _removed(recipe: Recipe, report: str | None) -> str:
    if report:
        return next(line for line in report.splitlines() if "removed" in line)
    if recipe.forbidden:
        return f"Both trainers refuse problems found in {', '.join(recipe.forbidden)}."
    return "No benchmark was named that the data were held against."


if __name__ == "__main__":
    script(main)
