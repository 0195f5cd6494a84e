"""A Qwen2 of 100,000 random weights whose tokens are the words of one small task."""

import itertools
import random
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from spec2rtl.chat import Message
from training.records import Sample, write

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GATES = {"and": "a & b", "or": "a | b", "xor": "a ^ b"}
MODULES = ("gate", "pair", "both")


def answer(module: str, gate: str, *, good: bool) -> str:
    """The module in a fenced block; a bad one lacks a semicolon."""
    end = ";" if good else ""
    return (
        f"```verilog\nmodule {module}(input a, input b, output y);\n"
        f"assign y = {GATES[gate]}{end}\nendmodule\n```"
    )


def make_tasks(path: Path, count: int) -> Path:
    """Save samples; every other answer is bad, so that there is something to reward."""
    rng = random.Random(0)
    samples: list[Sample] = []
    for n in range(count):
        module, gate = rng.choice(MODULES), rng.choice(tuple(GATES))
        samples.append(
            Sample(
                id=str(n),
                task="spec",
                prompt=(Message("user", f"Write {module}: y is the {gate} of a and b."),),
                completion=(Message("assistant", answer(module, gate, good=bool(n % 2))),),
                module=module,
                origin="made for the test",
                licence="Apache-2.0",
            )
        )
    write(path, samples)
    return path


def make_base(folder: Path) -> Path:
    """Save the model and its tokenizer."""
    words = _tokenizer()
    words.save_pretrained(folder)
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(words),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=None,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
        tie_word_embeddings=False,
    )
    model = Qwen2ForCausalLM(config)
    with torch.no_grad():  # base and head are frozen: an adapter alone couldn't raise a logit far
        model.lm_head.weight *= 10
    model.save_pretrained(folder)
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE, as Qwen's, learnt from the task."""
    pairs = itertools.product(MODULES, GATES)
    corpus = [answer(m, g, good=True) + f" Write {m}: y is the {g} of a and b." for m, g in pairs]
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(
        corpus, trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    )
    words = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens=["<|im_start|>"],
    )
    words.chat_template = CHATML
    return words
