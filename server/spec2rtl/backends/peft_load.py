"""Gets a base and its adapter from the hub or a folder into memory; only the worker imports this.

Nothing that could run code is read: safetensors and GGUF, no pickle, no code from the hub.
"""

# The libraries are typed in part.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import torch
from huggingface_hub import snapshot_download
from huggingface_hub.utils import tqdm
from peft import PeftModel, get_peft_model_state_dict
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils.logging import set_tqdm_hook

from spec2rtl.backends import peft_files as files
from spec2rtl.backends.peft_plan import BYTES, Machine, advice, choose_precision
from spec2rtl.backends.peft_wire import Device, Load, Loading, Options, Precision
from spec2rtl.config.settings import Merge
from spec2rtl.errors import BackendError

WANTED = ["*.json", "*.jinja", "*.txt", "*.model", "model*.safetensors", files.ADAPTER]
"""Of a hub's repository; no pickle is even fetched."""

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "4bit": torch.bfloat16}

Report = Callable[[Loading], None]


@dataclass(frozen=True)
class Local:
    """A model that is ready to write, and what it was loaded on and as."""

    model: Any
    tokenizer: Any
    machine: Machine
    precision: Precision


def load(order: Load, report: Report) -> Local:
    """Load what was ordered; raises `BackendError`."""
    base = _fetch(order.base, report)
    files.check_base(base)
    adapter = _fetch(order.adapter, report) if order.adapter else None
    if adapter:
        files.check_adapter(adapter)
    source = _source(base)
    with _loading(base):
        outline = _outline(source)
    if adapter:
        _check_fit(adapter, outline, base)
    tokenizer = _tokenizer(source, adapter, outline)
    machine = _machine(order.options)
    parameters = sum(p.numel() for p in outline.parameters())
    precision = choose_precision(order.options, machine, parameters)
    size = int(parameters * BYTES[precision])
    set_tqdm_hook(lambda _, args, __: _steps(args[0], order.base, size, report))
    with _loading(base), memory(machine, precision):
        model = _weights(source, outline.config, machine, precision)
    if adapter:
        with _loading(adapter), memory(machine, precision):
            model = PeftModel.from_pretrained(model, str(adapter))
            _check_whole(adapter, model)
            if _merges(order.options.merge, precision):
                model = model.merge_and_unload(safe_merge=True)
    return Local(model.eval(), tokenizer, machine, precision)


@contextmanager
def memory(machine: Machine, precision: Precision) -> Generator[None]:
    """Say what would fit when memory runs out here; on the CPU torch has no class for that."""
    try:
        yield
    except RuntimeError as error:
        if "memory" not in str(error):
            raise
        raise BackendError(f"out of memory; {advice(machine, precision)}") from None


def _fetch(name: str, report: Report) -> Path:
    """Say where a model's folder is, after a download where it is not here."""
    if path := files.local(name):
        return path

    class Bar(tqdm):  # the hub tells its progress by drawing bars, on a terminal
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": False})

        def display(self, *_: Any, **__: Any) -> None:
            if self.unit == "B" and self.total:
                report(Loading(f"downloading {name}", int(self.n), int(self.total)))

    try:
        return Path(snapshot_download(name, allow_patterns=WANTED, tqdm_class=Bar))
    except (OSError, ValueError) as error:
        raise BackendError(
            f"{name} is no folder here and can't be downloaded ({_line(error, lines=1)}); "
            "check the name and the network"
        ) from None


def _source(base: Path) -> dict[str, Any]:
    """What tells transformers where a model is."""
    common = {"trust_remote_code": False, "local_files_only": True}
    if base.is_file():
        return {"pretrained_model_name_or_path": base.parent, "gguf_file": base.name, **common}
    return {"pretrained_model_name_or_path": base, **common}


def _outline(source: dict[str, Any]) -> Any:
    """The model without its weights."""
    config = AutoConfig.from_pretrained(**source)
    with torch.device("meta"):
        return AutoModelForCausalLM.from_config(config)


def _check_fit(adapter: Path, outline: Any, base: Path) -> None:
    """Compare an adapter's matrices with the layers that they are for."""
    modules = dict(outline.named_modules())
    shapes = files.adapter_shapes(adapter)
    for name, shape in shapes.items():
        layer, lora, _ = name.removeprefix("base_model.model.").partition(".lora_A.")
        if not lora:
            continue
        inputs = getattr(modules.get(layer), "in_features", None)
        if layer not in modules or (inputs is not None and inputs != shape[1]):
            why = f"{layer} has {inputs} inputs, not {shape[1]}" if inputs else f"no {layer}"
            raise BackendError(f"the adapter {adapter} is for another base than {base}: {why}")


def _check_whole(adapter: Path, model: Any) -> None:
    """Refuse an adapter some of whose matrices peft makes up, or leaves out."""
    wanted, given = set(get_peft_model_state_dict(model)), set(files.adapter_shapes(adapter))
    if lacking := sorted(wanted - given):
        raise BackendError(
            f"{adapter / files.ADAPTER} lacks {len(lacking)} of the {len(wanted)} tensors that "
            f"{files.ADAPTER_CONFIG} asks for, such as {lacking[0]}"
        )
    if surplus := sorted(given - wanted):
        raise BackendError(
            f"{adapter / files.ADAPTER_CONFIG} has no place (target_modules) for {len(surplus)} of "
            f"the tensors, such as {surplus[0]}"
        )


def _tokenizer(source: dict[str, Any], adapter: Path | None, outline: Any) -> Any:
    """The adapter's own tokenizer where it brings one: it may hold the template trained with."""
    if adapter and (adapter / "tokenizer_config.json").is_file():
        source = _source(adapter)
    place = source["pretrained_model_name_or_path"]
    if "gguf_file" not in source and not any((place / n).is_file() for n in files.TOKENIZERS):
        raise BackendError(
            f"{place} holds no tokenizer ({', '.join(files.TOKENIZERS)}); copy the model's there"
        )
    with _loading(place):
        tokenizer = AutoTokenizer.from_pretrained(**source)
    rows = outline.get_input_embeddings().num_embeddings
    if len(tokenizer) > rows:
        raise BackendError(
            f"the tokenizer in {place} has {len(tokenizer)} tokens, the model {rows}: "
            "they don't belong together"
        )
    if not tokenizer.chat_template:
        raise BackendError(
            f"the tokenizer in {place} has no chat template; take an instruct model, "
            "or put its chat_template.jinja there"
        )
    return tokenizer


def _weights(source: dict[str, Any], config: Any, machine: Machine, precision: Precision) -> Any:
    several = machine.device == "cuda" and torch.cuda.device_count() > 1
    more: dict[str, Any] = {}
    if "gguf_file" not in source:
        more["use_safetensors"] = True
    if precision == "4bit":
        more["quantization_config"] = nf4()
    loaded: Any = AutoModelForCausalLM.from_pretrained(
        **source,
        **more,
        config=config,  # reading a GGUF's again takes half a minute
        dtype=DTYPES[precision],
        device_map="auto" if several else {"": machine.device},
        output_loading_info=True,
    )
    model, info = loaded
    if missing := sorted(info["missing_keys"]):  # transformers would go on with random numbers
        raise ValueError(f"it lacks weights, such as {missing[0]}")
    return model


def nf4() -> BitsAndBytesConfig:
    """How 4 bits are held, in training as well."""
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _merges(merge: Merge, precision: Precision) -> bool:
    """Merging into 4 bits would round the adapter away."""
    return merge == "always" or (merge == "auto" and precision != "4bit")


def _machine(options: Options) -> Machine:
    device = options.device if options.device != "auto" else _best_device()
    if device == "cuda" and not torch.cuda.is_available():
        raise BackendError(
            "peft_device = cuda, but torch finds no CUDA here; set it to cpu or auto, "
            "or install a torch built for CUDA and NVIDIA's driver"
        )
    if device == "mps" and not torch.backends.mps.is_available():
        raise BackendError("peft_device = mps, but this is no Mac with Metal; set it to auto")
    four_bit = find_spec("bitsandbytes") is not None
    if device == "cuda":
        cards = range(torch.cuda.device_count())
        free = sum(torch.cuda.mem_get_info(card)[0] for card in cards)
        return Machine("cuda", free, torch.cuda.is_bf16_supported(), four_bit)
    free = psutil.virtual_memory().available
    if device == "mps":
        return Machine("mps", free, bf16=True, four_bit=False)
    bf16 = any(has for name, has in torch.cpu.get_capabilities().items() if "bf16" in name)
    return Machine("cpu", free, bf16, four_bit)


def _best_device() -> Device:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _steps(items: Any, name: str, size: int, report: Report) -> Any:
    """Go through what transformers loads, and tell how far it is at each hundredth."""
    told = -1
    for number, item in enumerate(items):
        if number * 100 // len(items) > told:
            told = number * 100 // len(items)
            report(Loading(f"loading {name}", size * number // len(items), size))
        yield item
    report(Loading(f"loading {name}", size, size))


@contextmanager
def _loading(place: Path) -> Generator[None]:
    """Say what can't be loaded: libraries raise whatever a strange file leads them to."""
    try:
        yield
    except BackendError:
        raise
    except Exception as error:
        raise BackendError(f"{place} can't be loaded: {_line(error)}") from None


def _line(error: Exception, lines: int | None = None) -> str:
    """An error of a library, or the first lines of it, in one line."""
    words = " ".join(" ".join(str(error).splitlines()[:lines]).split()) or type(error).__name__
    return words if len(words) <= 300 else f"{words[:300]}…"
