"""A Qwen2 of 30,000 random weights, and adapters for it, made by the libraries themselves."""

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def tokenizer(template: str | None = CHATML) -> PreTrainedTokenizerFast:
    """One token a byte, as Qwen's falls back to."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE({c: n for n, c in enumerate(alphabet)}, []))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    it = PreTrainedTokenizerFast(
        tokenizer_object=bytewise,
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
        extra_special_tokens=["<|im_start|>", "<|im_end|>"],
    )
    it.chat_template = template
    return it


def make_base(
    folder: Path, *, hidden: int = 32, layers: int = 2, template: str | None = CHATML, **more: Any
) -> Path:
    torch.manual_seed(0)
    words = tokenizer(template)
    config = Qwen2Config(
        vocab_size=len(words),
        hidden_size=hidden,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        eos_token_id=words.eos_token_id,
        initializer_range=0.5,
        **more,
    )
    model = Qwen2ForCausalLM(config)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def make_adapter(folder: Path, base: Path, *, r: int = 4) -> Path:
    torch.manual_seed(1)
    model = Qwen2ForCausalLM.from_pretrained(base)
    config = LoraConfig(r=r, lora_alpha=2 * r, target_modules=PROJECTIONS, task_type="CAUSAL_LM")
    adapted = get_peft_model(model, config)
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:  # zero at first, which changes nothing
            torch.nn.init.normal_(weight, std=0.2)
    adapted.save_pretrained(folder)
    return folder
