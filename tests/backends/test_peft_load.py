"""The libraries' own loading and writing, in this process."""

import io
import json
import queue
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GenerationConfig

from spec2rtl.backends.peft_load import Local, load
from spec2rtl.backends.peft_reply import prompt_ids, reply
from spec2rtl.backends.peft_text import REPLACEMENT
from spec2rtl.backends.peft_wire import (
    Answer,
    Ask,
    Cancel,
    Done,
    Load,
    Loading,
    Options,
    Piece,
    Request,
    read_answer,
)
from spec2rtl.backends.peft_worker import Service
from spec2rtl.chat import Message, Prompt
from spec2rtl.errors import BackendError
from tests.backends.tiny_qwen import CHATML, make_adapter, make_base, tokenizer

# peft asks transformers for what that has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")

FP32 = Options(precision="fp32")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two that wait for each other beside other work are many times slower."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Path:
    return make_adapter(tmp_path_factory.mktemp("adapter"), base)


def loaded(base: Path, adapter: Path | None = None, options: Options = FP32) -> Local:
    return load(Load(str(base), str(adapter) if adapter else None, options), lambda _: None)


@pytest.fixture(scope="module")
def local(base: Path, adapter: Path) -> Local:
    return loaded(base, adapter)


def ask(text: str = "count to ten", **more: Any) -> Ask:
    given = {"max_tokens": 40, "seed": 1, "temperature": 1.0, **more}
    return Ask(1, Prompt((Message("system", "Be brief."), Message("user", text)), **given))


def written(
    local: Local, ask: Ask, cancelled: Callable[[], bool] = lambda: False
) -> tuple[Done, list[str]]:
    pieces: list[str] = []
    done = reply(local, ask, pieces.append, cancelled)
    return done, pieces


def refusal(base: Path, adapter: Path | None = None, options: Options = FP32) -> str:
    with pytest.raises(BackendError) as error:
        loaded(base, adapter, options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_merged_and_unmerged_agree(base: Path, adapter: Path) -> None:
    ids = torch.tensor([tokenizer()("module counter(input clk);")["input_ids"]])

    def logits(adapter: Path | None, **options: Any) -> torch.Tensor:
        local = loaded(base, adapter, Options(**options))
        with torch.inference_mode():
            return local.model(ids).logits.float()

    merged = logits(adapter, precision="fp32", merge="always")
    unmerged = logits(adapter, precision="fp32", merge="never")
    torch.testing.assert_close(merged, unmerged, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(merged, logits(adapter, precision="fp32"), atol=0, rtol=0)
    assert (merged - logits(None, precision="fp32")).abs().max() > 0.1
    half = logits(adapter, precision="bf16")
    assert (half - merged).abs().max() < 0.2 * merged.abs().max()


def test_loading_is_told(base: Path, adapter: Path) -> None:
    told: list[Loading] = []
    load(Load(str(base), str(adapter), FP32), told.append)
    assert {step.what for step in told} == {f"loading {base}"}
    done = [step.done for step in told]
    assert done == sorted(done)
    assert done[0] == 0
    assert told[-1].done == told[-1].total > 0


def test_token_ids_are_the_templates(local: Local) -> None:
    prompt = ask("a counter, für α and β").prompt
    messages = [{"role": m.role, "content": m.content} for m in prompt.messages]
    ids = local.tokenizer.apply_chat_template(messages, add_generation_prompt=True)["input_ids"]
    assert prompt_ids(local, prompt) == ids
    header = "```verilog\nmodule m(input clk);\n"
    continued = prompt_ids(local, Prompt(prompt.messages, prefix=header))
    assert continued == ids + local.tokenizer(header)["input_ids"]


def test_streamed_text_is_the_unstreamed(local: Local) -> None:
    """As the library's own `generate` and `decode` have it, characters of several bytes too."""
    ends = local.tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<|im_end|>"])
    config = GenerationConfig(
        do_sample=True, temperature=1.0, max_new_tokens=120, eos_token_id=ends, pad_token_id=ends[0]
    )
    seen = ""
    for seed in range(6):
        asked = ask(seed=seed, max_tokens=120)
        done, pieces = written(local, asked)
        ids = torch.tensor([prompt_ids(local, asked.prompt)])
        torch.manual_seed(seed)
        out = local.model.generate(
            ids, attention_mask=torch.ones_like(ids), generation_config=config
        )
        new = out[0, ids.shape[1] :].tolist()
        assert "".join(pieces) == local.tokenizer.decode(new, skip_special_tokens=True)
        assert done == Done(1, ids.shape[1], len(new), truncated=new[-1] not in ends)
        seen += "".join(pieces)
    assert any("\x80" < c < REPLACEMENT for c in seen)


def test_the_templates_end_of_a_turn_ends_a_reply(base: Path, tmp_path: Path) -> None:
    """Also one that is plain text, which the tokens then spell: nothing of it is told."""
    babble = "".join(written(loaded(base), ask(max_tokens=500))[1])
    stop = Counter(c for c in babble if c.isalnum() and c.isascii()).most_common(1)[0][0]
    template = CHATML.replace("<|im_end|>", stop)
    other = loaded(make_base(tmp_path / "plain", template=template))
    done, pieces = written(other, ask(max_tokens=2000))
    assert not done.truncated
    assert stop not in "".join(pieces)


def test_cancelling_stops_within_a_token(local: Local) -> None:
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) == 3

    done, _ = written(local, ask(max_tokens=500), cancelled)
    assert done.completion_tokens == 3


class Editor(io.RawIOBase):
    """Both ends of a worker: it cancels while the third piece of the reply is told."""

    def __init__(self, asked: Ask) -> None:
        self.told: list[Answer] = []
        self._lines: queue.Queue[Request] = queue.Queue()
        self._lines.put(asked)
        self._heard = threading.Event()
        self._number = asked.number

    def __iter__(self) -> Iterator[bytes]:
        while True:  # for a worker, our end would be its own
            line = self._lines.get()
            yield msgspec.json.encode(line)
            if isinstance(line, Cancel):  # what asks for the next line has taken this one
                self._heard.set()

    def write(self, data: Any) -> int:
        self.told.append(read_answer(data))
        if sum(isinstance(answer, Piece) for answer in self.told) == 3 and not self._heard.is_set():
            self._lines.put(Cancel(self._number))
            assert self._heard.wait(30)
        return len(data)


def test_the_worker_stops_within_a_token(base: Path, adapter: Path) -> None:
    editor: Any = Editor(ask(max_tokens=2000))
    service = Service(editor)
    threading.Thread(target=service.listen, args=[editor], daemon=True).start()
    options = Options(precision="fp32", idle_seconds=0.1)
    service.serve(Load(str(base), str(adapter), options))
    done = editor.told[-1]
    pieces = [answer for answer in editor.told if isinstance(answer, Piece)]
    assert isinstance(done, Done)
    assert len(pieces) <= 4  # the last one is what was held back
    assert done.truncated is False
    assert done.completion_tokens <= sum(len(piece.text.encode()) for piece in pieces) + 3


def test_greedy_where_the_temperature_is_zero(local: Local) -> None:
    first, again = (written(local, ask(temperature=0.0, seed=seed))[1] for seed in (1, 2))
    assert first == again
    assert written(local, ask(seed=2))[1] != written(local, ask(seed=1))[1]


def test_a_prompt_for_a_larger_context(local: Local) -> None:
    with pytest.raises(BackendError, match=r"the prompt has \d+ tokens, this model's context 4096"):
        written(local, ask("x" * 4096))
    done, _ = written(local, ask("x" * 4000, max_tokens=4096))
    assert done.prompt_tokens + done.completion_tokens <= 4096


def test_a_template_that_refuses(base: Path, tmp_path: Path) -> None:
    strict = "{{ raise_exception('no system message, please') }}"
    template = "{% if messages[0]['role'] == 'system' %}" + strict + "{% endif %}" + CHATML
    local = loaded(make_base(tmp_path / "strict", template=template))
    with pytest.raises(BackendError, match="template refuses the conversation: no system message"):
        written(local, ask())


def test_adapters_of_other_bases(base: Path, adapter: Path, tmp_path: Path) -> None:
    wider = make_base(tmp_path / "wider", hidden=64)
    assert f"the adapter {adapter} is for another base than {wider}" in refusal(wider, adapter)
    assert "_proj has 64 inputs, not 32" in refusal(wider, adapter)
    shorter = make_base(tmp_path / "shorter", layers=1)
    assert "no model.layers.1." in refusal(shorter, adapter)


@pytest.mark.filterwarnings("ignore:Found missing adapter keys")
def test_adapters_in_part(base: Path, adapter: Path, tmp_path: Path) -> None:
    """Which peft would fill with what changes nothing, or cut."""
    half = tmp_path / "half"
    shutil.copytree(adapter, half)
    whole = load_file(half / "adapter_model.safetensors")
    save_file(dict(list(whole.items())[:2]), half / "adapter_model.safetensors")
    said = f"lacks {len(whole) - 2} of the {len(whole)} tensors that adapter_config.json asks for"
    assert said in refusal(base, half)
    narrow = tmp_path / "narrow"
    shutil.copytree(adapter, narrow)
    config = json.loads((narrow / "adapter_config.json").read_text())
    config["target_modules"] = ["q_proj"]
    (narrow / "adapter_config.json").write_text(json.dumps(config))
    assert "has no place (target_modules) for " in refusal(base, narrow)


def test_no_tokenizer(base: Path, tmp_path: Path) -> None:
    mute = tmp_path / "mute"
    shutil.copytree(base, mute)
    for file in mute.glob("tokenizer*"):
        file.unlink()
    assert f"{mute} holds no tokenizer (tokenizer.json, " in refusal(mute)


def test_no_chat_template(tmp_path: Path) -> None:
    plain = make_base(tmp_path / "plain", template=None)
    assert "has no chat template; take an instruct model" in refusal(plain)


def test_the_adapters_own_tokenizer(base: Path, adapter: Path, tmp_path: Path) -> None:
    plain = make_base(tmp_path / "plain", template=None)
    taught = make_adapter(tmp_path / "taught", plain)
    tokenizer().save_pretrained(taught)
    assert loaded(plain, taught).tokenizer.chat_template == CHATML


def test_what_this_machine_lacks(base: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA here")
    said = refusal(base, options=Options(device="cuda"))
    assert said.startswith("peft_device = cuda, but torch finds no CUDA here")


def test_weights_that_are_missing(base: Path, tmp_path: Path) -> None:
    longer = make_base(tmp_path / "longer", layers=3)
    (longer / "model.safetensors").write_bytes((base / "model.safetensors").read_bytes())
    assert "it lacks weights, such as model.layers.2." in refusal(longer)


def test_a_model_that_does_not_fit(base: Path, tmp_path: Path) -> None:
    """Told by the configuration, before any weight is read."""
    huge = make_base(tmp_path / "huge")
    config = (huge / "config.json").read_text()
    assert '"hidden_size": 32,' in config
    config = config.replace('"hidden_size": 32,', '"hidden_size": 131072,')
    config = config.replace('"intermediate_size": 64,', '"intermediate_size": 524288,')
    (huge / "config.json").write_text(config)
    said = refusal(huge, options=Options())
    assert said.startswith("out of memory: ")
    assert "take a smaller base" in said


def test_configurations_that_say_nonsense(base: Path, tmp_path: Path) -> None:
    odd = make_base(tmp_path / "odd")
    (odd / "config.json").write_text('{"model_type": "no-such-model"}')
    assert "odd can't be loaded: " in refusal(odd)
    (odd / "config.json").write_text("{")
    assert "odd can't be loaded: " in refusal(odd)
