"""Writes a loaded model's replies; only the worker imports this."""

# The libraries are typed in part.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Callable
from typing import Any

import torch
from jinja2 import TemplateError
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

from spec2rtl.backends.peft_load import Local, memory
from spec2rtl.backends.peft_text import Transcript
from spec2rtl.backends.peft_wire import Ask, Done
from spec2rtl.chat import Prompt
from spec2rtl.errors import BackendError

MARK = "\N{INVISIBLE SEPARATOR}"
"""A reply that no template writes by itself."""


def reply(
    local: Local, ask: Ask, emit: Callable[[str], None], cancelled: Callable[[], bool]
) -> Done:
    """Write a reply, piece by piece, until it ends or is cancelled; raises `BackendError`."""
    ids = prompt_ids(local, ask.prompt)
    room = _context(local.model) - len(ids)
    if room <= 0:
        raise BackendError(
            f"the prompt has {len(ids)} tokens, this model's context {_context(local.model)}"
        )
    ends, stops = _ends(local)
    watch = _Watch(Transcript(_decoder(local), stops), ends, emit, cancelled)
    config = _generation(local, ask.prompt, min(ask.prompt.max_tokens, room), ends)
    if ask.prompt.seed is not None:
        torch.manual_seed(ask.prompt.seed)
    inputs = torch.tensor([ids], device=local.model.device)
    with memory(local.machine, local.precision), torch.inference_mode():
        local.model.generate(
            input_ids=inputs,
            attention_mask=torch.ones_like(inputs),
            generation_config=config,
            stopping_criteria=StoppingCriteriaList([watch]),
        )
    emit(watch.transcript.flush())
    return Done(ask.number, len(ids), watch.tokens, truncated=not watch.ended)


def prompt_ids(local: Local, prompt: Prompt) -> list[int]:
    """The tokens of the conversation as the model's template writes it, and of the prefix."""
    messages = [{"role": m.role, "content": m.content} for m in prompt.messages]
    try:
        text = local.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
    except TemplateError as error:
        raise BackendError(f"its chat template refuses the conversation: {error}") from None
    return list(local.tokenizer(text + prompt.prefix, add_special_tokens=False)["input_ids"])


def _ends(local: Local) -> tuple[set[int], list[str]]:
    """What ends a reply: the tokens that the model names, and what the template writes after one.

    A base model's configuration often names another token than the template ends a turn with.
    """
    named = local.model.generation_config.eos_token_id
    ends: set[int] = {named} if isinstance(named, int) else set(named or ())
    turns = [{"role": "user", "content": MARK}, {"role": "assistant", "content": MARK}]
    after = local.tokenizer.apply_chat_template(turns, tokenize=False).rpartition(MARK)[2].strip()
    if not after:
        return ends, []
    first = local.tokenizer(after, add_special_tokens=False)["input_ids"][0]
    if first in local.tokenizer.all_special_ids:
        return ends | {first}, []
    return ends, [after]


def _generation(local: Local, prompt: Prompt, tokens: int, ends: set[int]) -> GenerationConfig:
    """The model's own settings, with the prompt's temperature."""
    own = local.model.generation_config.to_dict()
    changes: dict[str, Any] = {
        "max_new_tokens": tokens,
        "max_length": None,
        "eos_token_id": sorted(ends),
        "pad_token_id": own.get("pad_token_id") or min(ends, default=0),
        "num_beams": 1,
        "do_sample": bool(prompt.temperature),
        "temperature": prompt.temperature or None,
    }
    if not prompt.temperature:
        changes |= {"top_p": None, "top_k": None, "min_p": None}
    return GenerationConfig(**(own | changes))


def _decoder(local: Local) -> Callable[[list[int]], str]:
    def decode(tokens: list[int]) -> str:
        return local.tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    return decode


def _context(model: Any) -> int:
    return int(getattr(model.config, "max_position_embeddings", None) or 1 << 30)


class _Watch(StoppingCriteria):
    """Sees every token as it is drawn: tells its text, and says when to stop."""

    def __init__(
        self,
        transcript: Transcript,
        ends: set[int],
        emit: Callable[[str], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.transcript, self._ends = transcript, ends
        self._emit, self._cancelled = emit, cancelled
        self.tokens = 0
        self.ended = False

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        token = int(input_ids[0, -1])
        self.tokens += 1
        if token in self._ends:
            self.ended = True
        else:
            if text := self.transcript.add(token):
                self._emit(text)
            self.ended = self.transcript.stopped or self._cancelled()
        return torch.tensor([self.ended], device=input_ids.device)
