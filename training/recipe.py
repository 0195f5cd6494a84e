"""A recipe: the numbers of one run, read from YAML and checked before anything is loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml
from msgspec import Struct, structs

from spec2rtl.errors import InputError
from training.decontaminate import folders_of
from training.records import Task
from training.rewards import Name

Quantize = Literal["none", "nf4"]
"""How the frozen base is held: nf4 is 4 bits through bitsandbytes."""
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Lora(Struct, frozen=True, forbid_unknown_fields=True):
    """A low-rank adapter."""

    r: int
    alpha: int
    dropout: float = 0.05
    targets: tuple[str, ...] = PROJECTIONS


class Sft(Struct, frozen=True, forbid_unknown_fields=True):
    """Supervised fine-tuning; the effective batch is `batch` times `accumulate`."""

    data: str
    lora: Lora
    epochs: float
    learning_rate: float
    max_tokens: int
    batch: int
    accumulate: int = 1
    warmup: float = 0.03
    schedule: str = "cosine"
    tasks: tuple[Task, ...] = ("spec", "edit", "debug")
    quantize: Quantize = "none"
    save_steps: int = 200


class Grpo(Struct, frozen=True, forbid_unknown_fields=True):
    """Reinforcement learning: `prompts` prompts a step, each with `generations` completions.

    It starts from `base`, a merged model, with a fresh adapter. `beta` weighs the distance to it.
    """

    base: str
    data: str
    lora: Lora
    epochs: float
    learning_rate: float
    generations: int
    new_tokens: int
    prompts: int = 1
    rewards: tuple[Name, ...] = ("compile",)
    weights: tuple[float, ...] = (1.0,)
    temperature: float = 0.9
    beta: float = 0.0
    warmup: float = 0.05
    schedule: str = "cosine"
    tasks: tuple[Task, ...] = ("spec",)
    quantize: Quantize = "none"
    save_steps: int = 50


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """The base's dimensions, for the estimate before the model is there."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    vocabulary: int
    tied: bool = False


class Recipe(Struct, frozen=True, forbid_unknown_fields=True):
    """One run. `forbidden` are folders of benchmarks, whose problems the data must not hold."""

    name: str
    base: str
    sft: Sft
    grpo: Grpo
    licence: str
    shape: Shape | None = None
    precision: Literal["bf16", "fp32"] = "bf16"
    forbidden: tuple[str, ...] = ()
    seed: int = 0


def load(path: Path, forbid: Sequence[str] = ()) -> Recipe:
    """Read a recipe; raises `InputError` that names the entry.

    `forbid` are further folders of benchmarks; those of the environment are added too.
    """
    try:
        data: Any = yaml.safe_load(path.read_text())
        recipe = msgspec.convert(data, Recipe)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: no YAML: {' '.join(str(error).split())}") from None
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {error}") from None
    grpo = recipe.grpo
    if len(grpo.weights) != len(grpo.rewards):
        raise InputError(f"{path}: grpo.weights: one for each of grpo.rewards is wanted")
    if grpo.generations < 2:
        raise InputError(f"{path}: grpo.generations: at least 2, which are held against each other")
    return structs.replace(recipe, forbidden=folders_of(recipe.forbidden, forbid))
