"""Stage 6: reinforcement learning (GRPO) from compiler and simulation.

    python -m training.grpo training/recipes/qwen1.5b.yaml --out build/training/qwen1.5b/grpo

A fresh adapter on the merged model. The paper's own loop does one step per prompt with the
advantage normalised in its group; TRL's GRPO does the same. The paper's prompts were the problems
that it evaluates: here such data is refused, where the benchmarks are named. Completions whose reward could not be computed leave
their group. A run that was killed goes on from its last checkpoint with the same command.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from training.entry import arguments_of, say, script
from training.recipe import Recipe, load
from training.records import Sample, claim
from training.rewards import Rewards, reward_function
from training.sft import common, run, samples_of


def main() -> None:
    """Read the recipe and train."""
    parser = arguments_of(__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--forbid", nargs="+", default=(), help="folders of benchmarks")
    args = parser.parse_args()
    say(f"adapter: {train(load(args.recipe, args.forbid), args.out)}")


def train(recipe: Recipe, out: Path) -> Path:
    """Train, or go on training; return the adapter's folder."""
    samples = samples_of(recipe.grpo, recipe.forbidden)
    claim(out, {"stage": "grpo", "recipe": msgspec.to_builtins(recipe)})
    rewards = Rewards()
    try:
        return _train(
            recipe, samples, out, [reward_function(rewards, n) for n in recipe.grpo.rewards]
        )
    finally:
        rewards.close()


def _train(recipe: Recipe, samples: Sequence[Sample], out: Path, rewards: list[Any]) -> Path:
    from trl.trainer.grpo_trainer import GRPOTrainer

    from training import models

    trainer = GRPOTrainer(
        model=models.load_model(recipe.grpo.base, recipe, recipe.grpo.quantize),
        reward_funcs=rewards,
        args=arguments(recipe, out),
        train_dataset=models.grpo_dataset(samples),
        processing_class=models.load_tokenizer(recipe.grpo.base),
        peft_config=models.adapter_config(recipe.grpo.lora),
    )
    return run(trainer, out)


def arguments(recipe: Recipe, out: Path) -> Any:
    """The recipe in TRL's words."""
    from trl.trainer.grpo_config import GRPOConfig

    grpo = recipe.grpo
    return GRPOConfig(
        num_generations=grpo.generations,
        max_completion_length=grpo.new_tokens,
        temperature=grpo.temperature,
        beta=grpo.beta,
        reward_weights=list(grpo.weights),
        per_device_train_batch_size=grpo.generations,
        gradient_accumulation_steps=grpo.prompts,
        **common(recipe, grpo, out),
    )


if __name__ == "__main__":
    script(main)
