"""Stage 5: an adapter becomes part of its base, and the result is proved by its logits.

    python -m training.merge build/training/qwen1.5b/sft/adapter --out build/training/qwen1.5b/merged

As in the paper the reinforcement learning starts from the merged model, with a fresh adapter. The
paper merges without a check; here the saved model, loaded again, must give the logits of base and
adapter.
"""

import shutil
from pathlib import Path
from typing import Any, Literal

import torch
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM

from spec2rtl.backends.peft_files import check_adapter
from spec2rtl.errors import InputError, ToolError
from training.entry import arguments_of, say, script
from training.models import load_tokenizer

PROBES = (
    "Generate synthesizable Verilog RTL for the following specification.",
    "module counter(input clk, input rst, output reg [3:0] count);",
)
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 5e-2}
"""Of the greatest logit: what rounding to the precision may change."""
Precision = Literal["bf16", "fp32"]


def main() -> None:
    """Merge, check."""
    parser = arguments_of(__doc__)
    parser.add_argument("adapter", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder of the merged model")
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16")
    args = parser.parse_args()
    say(f"{args.out}: logits differ by {merge(args.adapter, args.out, args.precision):.1e}")


def merge(adapter: Path, out: Path, precision: Precision) -> float:
    """Write the merged model; return by how much of the greatest logit it differs at most.

    Raises `BackendError` or `InputError` where the adapter can't be used, `ToolError` where the
    check fails.
    """
    if out.exists():
        raise InputError(f"{out}: is there already; choose another --out")
    check_adapter(adapter)
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    try:
        base = str(PeftConfig.from_pretrained(str(adapter)).base_model_name_or_path)
        model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=kind, use_safetensors=True)
        with_adapter = PeftModel.from_pretrained(model, str(adapter)).eval()
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{adapter}: no adapter that can be used: {error}".split("\n")[0]
        ) from None
    tokenizer = load_tokenizer(base)
    wanted = _logits(with_adapter, tokenizer)
    part = out.with_name(f"{out.name}.part")  # a kill leaves nothing that looks like a model
    shutil.rmtree(part, ignore_errors=True)
    with_adapter.merge_and_unload(safe_merge=True).save_pretrained(str(part))
    del model, with_adapter  # two of the large models are too much for many a machine
    tokenizer.save_pretrained(str(part))
    found = _logits(AutoModelForCausalLM.from_pretrained(str(part), dtype=kind).eval(), tokenizer)
    apart = max(
        float((a - b).abs().max() / a.abs().max()) for a, b in zip(wanted, found, strict=True)
    )
    if apart > TOLERANCE[kind]:
        raise ToolError(f"{part}: the merged logits differ by {apart:.1e}; do not use this model")
    part.replace(out)
    return apart


@torch.no_grad()
def _logits(model: Any, tokenizer: Any) -> list[torch.Tensor]:
    return [model(**tokenizer(text, return_tensors="pt")).logits.float() for text in PROBES]


if __name__ == "__main__":
    script(main)
