"""Stage 4: supervised fine-tuning with LoRA, the loss on the completion only.

    python -m training.sft training/recipes/qwen1.5b.yaml --out build/training/qwen1.5b/sft
    python -m training.sft training/recipes/qwen32b-paper.yaml --dry-run

The paper trains with 4-bit QLoRA on pairs of specification and RTL; here three tasks are mixed.
As there, samples that are too long are left out, never cut. A run that was killed goes on
from its last checkpoint with the same command.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from spec2rtl.errors import InputError
from training import decontaminate
from training.entry import arguments_of, say, script
from training.recipe import Grpo, Recipe, Sft, load
from training.records import Sample, claim, read


def main() -> None:
    """Read the recipe, then estimate or train."""
    parser = arguments_of(__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--out", type=Path, help="folder of the run")
    parser.add_argument("--forbid", nargs="+", default=(), help="folders of benchmarks")
    parser.add_argument("--dry-run", action="store_true", help="check and estimate only")
    args = parser.parse_args()
    recipe = load(args.recipe, args.forbid)
    if args.dry_run:
        from training.estimate import dry_run

        say(dry_run(recipe))
    elif args.out:
        say(f"adapter: {train(recipe, args.out)}")
    else:
        raise InputError("--out is missing: the folder of the run")


def samples_of(part: Sft | Grpo, forbidden: Sequence[str]) -> list[Sample]:
    """The samples that a part of a recipe names; raises `InputError` where they aren't fit."""
    data = Path(part.data)
    samples = [s for s in read(data, Sample) if s.task in part.tasks]
    if not samples:
        raise InputError(f"{data}: no sample of the tasks {', '.join(part.tasks)}")
    decontaminate.refuse(samples, forbidden, data)
    return samples


def train(recipe: Recipe, out: Path) -> Path:
    """Train, or go on training; return the adapter's folder."""
    samples = samples_of(recipe.sft, recipe.forbidden)
    claim(out, {"stage": "sft", "recipe": msgspec.to_builtins(recipe)})
    from trl.trainer.sft_trainer import SFTTrainer

    from training import models

    tokenizer = models.load_tokenizer(recipe.base)
    counts = models.token_counts(tokenizer, samples)
    fitting = [s for s, (_, all_) in zip(samples, counts, strict=True)
               if all_ <= recipe.sft.max_tokens]  # fmt: skip
    say(f"{len(fitting)} samples; {len(samples) - len(fitting)} are too long and left out")
    trainer = SFTTrainer(
        model=models.load_model(recipe.base, recipe, recipe.sft.quantize),
        args=arguments(recipe, out),
        train_dataset=models.sft_dataset(fitting),
        processing_class=tokenizer,
        peft_config=models.adapter_config(recipe.sft.lora),
    )
    return run(trainer, out)


def arguments(recipe: Recipe, out: Path) -> Any:
    """The recipe in TRL's words."""
    from trl.trainer.sft_config import SFTConfig

    sft = recipe.sft
    return SFTConfig(
        max_length=sft.max_tokens,
        completion_only_loss=True,
        per_device_train_batch_size=sft.batch,
        gradient_accumulation_steps=sft.accumulate,
        **common(recipe, sft, out),
    )


def common(recipe: Recipe, part: Sft | Grpo, out: Path) -> dict[str, Any]:
    """What both trainers are told."""
    import torch

    cuda = torch.cuda.is_available()
    return {
        "output_dir": str(out),
        "num_train_epochs": part.epochs,
        "learning_rate": part.learning_rate,
        "lr_scheduler_type": part.schedule,
        "warmup_steps": part.warmup,
        "save_steps": part.save_steps,
        "seed": recipe.seed,
        "bf16": recipe.precision == "bf16",
        "use_cpu": not cuda,
        "gradient_checkpointing": cuda,
        "optim": "paged_adamw_8bit" if part.quantize == "nf4" else "adamw_torch",
        "logging_steps": 1,
        "save_total_limit": 2,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": cuda,
    }


def run(trainer: Any, out: Path) -> Path:
    """Train from the last checkpoint, if there is one; save the adapter and what was logged."""
    from transformers import PrinterCallback

    from training import models

    trainer.remove_callback(PrinterCallback)  # it writes to stdout
    trainer.add_callback(models.Tell())
    trainer.train(resume_from_checkpoint=models.last_checkpoint(out))
    adapter = out / "adapter"
    trainer.save_model(str(adapter))
    (out / "log.json").write_bytes(msgspec.json.encode(trainer.state.log_history))
    return adapter


if __name__ == "__main__":
    script(main)
