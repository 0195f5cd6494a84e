"""What a run will need, computed before anything is loaded: tokens, memory and hours on one H100.

Rules of thumb, stated so that they can be doubted: 40% of the card's bf16 peak in training, bandwidth-bound
decoding at 60% of its peak, activations checkpointed per layer.
"""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.errors import InputError
from training.recipe import Grpo, Lora, Quantize, Recipe, Sft, Shape
from training.records import Sample
from training.sft import samples_of

CARD_GB = 80.0
FLOPS = 989e12 * 0.4
BANDWIDTH = 3.35e12 * 0.6
"""Of an H100 SXM."""
CHARACTERS_PER_TOKEN = 3.4
"""Measured on our three tasks with Qwen's tokenizer; for where it isn't on the machine."""
RESERVE_GB = 3.0
"""Context, kernels and fragmentation."""


class Count(Struct, frozen=True):
    """Tokens of a data set; `exact` says that the tokenizer counted them."""

    samples: int
    prompt: int
    total: int
    longest: int
    exact: bool
    assumed: bool = False


ASSUMED = Count(10_000, 4_000_000, 8_000_000, 1_024, exact=False, assumed=True)
"""What a run may look like whose data aren't made yet."""


class Need(Struct, frozen=True):
    """Gigabytes by what they hold, and hours."""

    weights: float
    adapter: float
    activations: float
    cache: float
    hours: float

    @property
    def total(self) -> float:
        """All at the same time."""
        return self.weights + self.adapter + self.activations + self.cache + RESERVE_GB


def parameters(shape: Shape) -> int:
    """Weights of a Qwen2 of this shape."""
    head = shape.hidden // shape.heads
    kv = head * shape.kv_heads
    attention = 2 * shape.hidden * shape.hidden + 2 * shape.hidden * kv + shape.hidden + 2 * kv
    layer = attention + 3 * shape.hidden * shape.intermediate + 2 * shape.hidden
    embeddings = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
    return shape.layers * layer + embeddings + shape.hidden


def adapter_parameters(shape: Shape, lora: Lora) -> int:
    """Weights of an adapter: r times the two sides of every projection."""
    kv = shape.hidden // shape.heads * shape.kv_heads
    sides = {
        "q_proj": 2 * shape.hidden,
        "o_proj": 2 * shape.hidden,
        "k_proj": shape.hidden + kv,
        "v_proj": shape.hidden + kv,
        "gate_proj": shape.hidden + shape.intermediate,
        "up_proj": shape.hidden + shape.intermediate,
        "down_proj": shape.hidden + shape.intermediate,
    }
    return shape.layers * lora.r * sum(sides[target] for target in lora.targets)


def sft_need(recipe: Recipe, shape: Shape, count: Count) -> Need:
    """One pass forward and about two back; frozen weights need no gradient of their own."""
    tokens = recipe.sft.batch * min(recipe.sft.max_tokens, count.longest)
    flops = 6 * parameters(shape) * count.total * recipe.sft.epochs  # 2 + 2 + 2 for recomputing
    return Need(
        weights=_weights(recipe, shape, recipe.sft.quantize),
        adapter=_trained(shape, recipe.sft.lora, recipe.sft.quantize),
        activations=_activations(recipe, shape, tokens),
        cache=0.0,
        hours=flops / FLOPS / 3600,
    )


def grpo_need(recipe: Recipe, shape: Shape, count: Count) -> Need:
    """Sampling reads all weights once a token; training then works on prompts and completions."""
    grpo = recipe.grpo
    longest = count.longest + grpo.new_tokens
    sequences = count.samples * grpo.generations * grpo.epochs
    trained = grpo.generations * (count.prompt + count.samples * grpo.new_tokens) * grpo.epochs
    decoding = (
        sequences
        / grpo.generations
        * grpo.new_tokens
        * _weights(recipe, shape, grpo.quantize)
        * 1e9
    )
    kv = 2 * shape.layers * (shape.hidden // shape.heads) * shape.kv_heads * 2
    return Need(
        weights=_weights(recipe, shape, grpo.quantize),
        adapter=_trained(shape, grpo.lora, grpo.quantize),
        activations=_activations(recipe, shape, grpo.generations * longest),
        cache=kv * grpo.generations * longest / 1e9,
        hours=(decoding / BANDWIDTH + 6 * parameters(shape) * trained / FLOPS) / 3600,
    )


def _weights(recipe: Recipe, shape: Shape, quantize: Quantize) -> float:
    embeddings = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
    kept = 4.0 if recipe.precision == "fp32" else 2.0
    inside = 0.53 if quantize == "nf4" else kept  # 4 bits and the blocks' scales
    return (embeddings * kept + (parameters(shape) - embeddings) * inside) / 1e9


def _trained(shape: Shape, lora: Lora, quantize: Quantize) -> float:
    """Weight, gradient and two moments of every trained number, in 32 bits."""
    moments = 2 if quantize == "nf4" else 8  # the 8-bit optimizer
    return adapter_parameters(shape, lora) * (4 + 4 + moments) / 1e9


def _activations(recipe: Recipe, shape: Shape, tokens: int) -> float:
    """A layer's inputs for all layers, one layer in full, and the logits with their gradient."""
    width = 4 if recipe.precision == "fp32" else 2
    kept = shape.layers * shape.hidden * width
    one = (8 * shape.hidden + 3 * shape.intermediate) * width * 2
    return tokens * (kept + one + shape.vocabulary * (width + 4)) / 1e9


# --- counting


def counted(recipe: Recipe, samples: Sequence[Sample]) -> Count:
    """Count by the base's tokenizer, or estimate from the characters where it can't be loaded."""
    try:
        from training.models import load_tokenizer, token_counts

        pairs, exact = token_counts(load_tokenizer(recipe.base, local=True), samples), True
    except (InputError, ImportError):
        pairs, exact = [_guess(s) for s in samples], False
    return Count(
        len(pairs),
        sum(p for p, _ in pairs),
        sum(t for _, t in pairs),
        max((t for _, t in pairs), default=0),
        exact,
    )


def _guess(sample: Sample) -> tuple[int, int]:
    prompt = sum(len(m.content) for m in sample.prompt)
    whole = prompt + sum(len(m.content) for m in sample.completion)
    return int(prompt / CHARACTERS_PER_TOKEN), int(whole / CHARACTERS_PER_TOKEN)


# --- the report


def dry_run(recipe: Recipe) -> str:
    """Check what can be checked without the model, and say what the run will need."""
    shape = recipe.shape
    if shape is None:
        raise InputError(f"{recipe.name}: `shape` is missing: the estimate needs the dimensions")
    lines = [f"{recipe.name}: {recipe.base}, {parameters(shape) / 1e9:.2f} billion weights"]
    for name, part in (("SFT", recipe.sft), ("GRPO", recipe.grpo)):
        count, lacks = _count(recipe, part)
        lines += [f"{name}: {lacks}"] if lacks else []
        need = (sft_need if name == "SFT" else grpo_need)(recipe, shape, count)
        lines += _stage(name, recipe, count, need)
        lora = part.lora
        trained = adapter_parameters(shape, lora)
        lines.append(
            f"  adapter: r={lora.r}, alpha={lora.alpha}, {trained / 1e6:.1f} million weights"
        )
    return "\n".join(lines)


def _count(recipe: Recipe, part: Sft | Grpo) -> tuple[Count, str]:
    """The tokens of a part's data, or an assumption where they aren't made yet, and what makes them."""
    if Path(part.data).exists():
        return counted(recipe, samples_of(part, recipe.forbidden)), ""
    # The longest of a large set is as long as may be; who draws completions asks with specs alone.
    longest = part.max_tokens if isinstance(part, Sft) else ASSUMED.longest
    lacks = (
        f"{part.data} is not made yet (training/runs/pipeline.sh {recipe.name} BENCHMARKS makes "
        f"it); assumed: {ASSUMED.samples:,} samples of {ASSUMED.total // ASSUMED.samples} tokens, "
        f"the longest {longest:,}"
    )
    return structs.replace(ASSUMED, longest=longest), lacks


def _stage(name: str, recipe: Recipe, count: Count, need: Need) -> list[str]:
    guessed = "assumed" if count.assumed else "estimated: the tokenizer is not on this machine"
    how = "counted" if count.exact else guessed
    fits = "fits" if need.total <= CARD_GB else "does NOT fit"
    steps = _sft_steps(recipe, count) if name == "SFT" else _grpo_steps(recipe.grpo, count)
    return [
        f"{name}: {count.samples} samples, {count.total:,} tokens ({how}), "
        f"longest {count.longest:,}; {steps}",
        f"  memory: {need.total:.0f} GB = weights {need.weights:.1f} + adapter and optimizer "
        f"{need.adapter:.1f} + activations {need.activations:.1f} + cache {need.cache:.1f} + "
        f"{RESERVE_GB:.0f} reserve; {fits} on one H100 of {CARD_GB:.0f} GB",
        f"  time: about {_span(need.hours)}",
    ]


def _span(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1 else f"{max(1, round(60 * hours))} minutes"


def _sft_steps(recipe: Recipe, count: Count) -> str:
    effective = recipe.sft.batch * recipe.sft.accumulate
    steps = round(-(-count.samples // effective) * recipe.sft.epochs)
    return f"{steps} steps of {effective}"


def _grpo_steps(grpo: Grpo, count: Count) -> str:
    steps = round(-(-count.samples // grpo.prompts) * grpo.epochs)
    return f"{steps} steps of {grpo.prompts} prompts with {grpo.generations} completions"
