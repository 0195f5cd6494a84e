"""Bases, tokenizers and adapters from transformers and peft; each failure is one line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    TrainerCallback,
)
from transformers.trainer_utils import get_last_checkpoint

from spec2rtl.backends.peft_load import nf4
from spec2rtl.chat import Message
from spec2rtl.errors import InputError
from training.entry import say
from training.recipe import Lora, Quantize, Recipe
from training.records import Sample


def load_model(base: str, recipe: Recipe, quantize: Quantize) -> Any:
    """The base in the recipe's precision, on the GPU where there is one."""
    cuda = torch.cuda.is_available()
    if quantize == "nf4" and not cuda:
        raise InputError(f"{recipe.name}: quantize: nf4 needs a CUDA card; set it to none")
    try:
        return AutoModelForCausalLM.from_pretrained(
            base,
            dtype=dtype(recipe),
            quantization_config=nf4() if quantize == "nf4" else None,
            device_map={"": 0} if cuda else None,
            use_safetensors=True,
        )
    except ImportError as error:  # bitsandbytes
        raise InputError(f"{recipe.name}: quantize: {_first_line(error)}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{base}: can't be loaded: {_first_line(error)}") from None


def load_tokenizer(base: str, *, local: bool = False) -> Any:
    """The base's tokenizer; it must bring a chat template. `local`: nothing is downloaded."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=local)
    except (OSError, ValueError) as error:
        raise InputError(f"{base}: no tokenizer can be loaded: {_first_line(error)}") from None
    if not tokenizer.chat_template:
        raise InputError(f"{base}: the tokenizer has no chat template; take an instruct model")
    return tokenizer


def dtype(recipe: Recipe) -> torch.dtype:
    """The precision as torch names it."""
    return torch.bfloat16 if recipe.precision == "bf16" else torch.float32


def adapter_config(lora: Lora) -> LoraConfig:
    """The adapter as peft wants it."""
    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=list(lora.targets),
        task_type="CAUSAL_LM",
    )


def turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Messages as a chat template takes them."""
    return [{"role": m.role, "content": m.content} for m in messages]


def sft_dataset(samples: Sequence[Sample]) -> Dataset:
    """Prompts and completions, which TRL tells apart: the loss is on the completion only."""
    return Dataset.from_list(
        [{"prompt": turns(s.prompt), "completion": turns(s.completion)} for s in samples]
    )


def grpo_dataset(samples: Sequence[Sample]) -> Dataset:
    """Prompts, and the columns that the rewards read."""
    return Dataset.from_list(
        [
            {"prompt": turns(s.prompt), "module": s.module, "tests": s.tests, "base": s.base}
            for s in samples
        ]
    )


def token_counts(tokenizer: Any, samples: Sequence[Sample]) -> list[tuple[int, int]]:
    """Tokens of each sample's prompt, and of the whole."""

    def tokens(messages: Sequence[Message]) -> int:
        return len(tokenizer.apply_chat_template(turns(messages), tokenize=True)["input_ids"])

    return [(tokens(s.prompt), tokens((*s.prompt, *s.completion))) for s in samples]


class Tell(TrainerCallback):
    """Says in one line how a run is getting on."""

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Name the step, and the loss or the reward."""
        logged = kwargs.get("logs") or {}
        shown = [f"{k} {float(logged[k]):.4g}" for k in ("loss", "reward") if k in logged]
        if shown:
            say(f"step {state.global_step} of {state.max_steps}: {', '.join(shown)}")


def last_checkpoint(out: Path) -> str | None:
    """Where a run that was killed goes on."""
    return get_last_checkpoint(str(out)) if out.is_dir() else None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
