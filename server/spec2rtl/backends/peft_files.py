"""Models and adapters on disk: what can be told, and refused, before torch is loaded."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from spec2rtl.backends.name import SMALL, parameters_billion
from spec2rtl.errors import BackendError

CONFIG = "config.json"
ADAPTER_CONFIG = "adapter_config.json"
INDEX = "model.safetensors.index.json"
ADAPTER = "adapter_model.safetensors"
"""The one file that peft reads; it would take a pickle in its place."""
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
"""One of them is there where there is a tokenizer; without, transformers makes an empty one."""
PICKLED = (".bin", ".pt", ".pth", ".ckpt")

_HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
_HEADER_BYTES = 100_000_000

Shapes = Mapping[str, tuple[int, ...]]


def local(name: str) -> Path | None:
    """The folder or GGUF file that a name means; None: a name on the hub."""
    path = Path(name).expanduser()
    if path.is_dir() or (path.suffix == ".gguf" and path.is_file()):
        return path.absolute()
    if path.exists():
        raise BackendError(f"{name} is neither a folder nor a .gguf file")
    if not _HUB_NAME.fullmatch(name) or path.suffix == ".gguf":
        raise BackendError(f"there is no folder {name}; write the path of one, or ORG/NAME")
    return None


def check(base: str, adapter: str | None) -> None:
    """Refuse what is here and can't be loaded; what is on the hub is checked when it has come."""
    if path := local(base):
        check_base(path)
    if adapter and (path := local(adapter)):
        check_adapter(path)


def check_base(path: Path) -> None:
    """Refuse a base that can't be loaded; raises `BackendError`."""
    if path.is_file():
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise BackendError(f"{path} is no GGUF file: it is corrupt or half downloaded")
        return
    if not (path / CONFIG).is_file():
        if (path / ADAPTER_CONFIG).is_file():
            raise BackendError(f"{path} is an adapter; write peft:BASE+{path}")
        raise BackendError(f"{path} is no model: it has no {CONFIG}")
    shapes(path)


def check_adapter(path: Path) -> None:
    """Refuse an adapter that can't be loaded; raises `BackendError`."""
    if path.is_file() or not (path / ADAPTER_CONFIG).is_file():
        raise BackendError(f"{path} is no adapter: it has no {ADAPTER_CONFIG}")
    adapter_shapes(path)


def adapter_shapes(folder: Path) -> Shapes:
    """The tensors that peft would read; raises `BackendError` where it has none to read."""
    file = folder / ADAPTER
    if not file.is_file():
        raise _weightless(folder, ADAPTER)
    found = dict(_header(file))
    if not found:
        raise BackendError(f"{file} holds no tensor: the adapter would change nothing")
    return found


def shapes(folder: Path) -> Shapes:
    """The tensors of a folder's safetensors; raises `BackendError` where a file isn't whole."""
    files = sorted(folder.glob("*.safetensors"))
    missing = [name for name in _indexed(folder) if not (folder / name).is_file()]
    if missing:
        raise BackendError(f"{folder} is half downloaded: {missing[0]} is missing")
    if not files:
        raise _weightless(folder, ".safetensors file")
    found: dict[str, tuple[int, ...]] = {}
    for file in files:
        found.update(_header(file))
    return found


def _weightless(folder: Path, wanted: str) -> BackendError:
    """What to say of a folder without the weights that are wanted."""
    pickled = [p.name for p in sorted(folder.iterdir()) if p.suffix in PICKLED]
    if pickled:
        return BackendError(
            f"{folder / pickled[0]} is a pickle, which can run any code when it is read: "
            "refused; convert it to safetensors"
        )
    return BackendError(f"{folder} holds no weights: there is no {wanted}")


def is_strong(base: str) -> bool:
    """Is this model large enough to make use of a critique? Unknown sizes count as large."""
    path = Path(base).expanduser()
    size = None
    if path.is_dir():
        size = _configured_billion(path)
    if size is None:
        size = parameters_billion(path.name)
    return size is None or size > SMALL


def parameters(config: Mapping[str, Any]) -> int | None:
    """Count a decoder's parameters from its configuration; None where it says too little."""

    def number(key: str, default: int | None = None) -> int:
        value = config.get(key)
        return int(value) if value is not None else _known(default)

    try:
        hidden, layers = number("hidden_size"), number("num_hidden_layers")
        heads, inner = number("num_attention_heads"), number("intermediate_size")
        vocabulary = number("vocab_size")
        head = number("head_dim", hidden // heads)
        groups = number("num_key_value_heads", heads)
        experts = number("num_experts", number("num_local_experts", 0))
        inner_all = experts * number("moe_intermediate_size", inner) if experts else inner
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    attention = 2 * hidden * head * (heads + groups)
    embeddings = vocabulary * hidden * (1 if config.get("tie_word_embeddings") else 2)
    return embeddings + layers * (attention + 3 * hidden * inner_all)


def _known(value: int | None) -> int:
    if value is None:
        raise ValueError
    return value


def _configured_billion(folder: Path) -> float | None:
    try:
        config = json.loads((folder / CONFIG).read_bytes())
    except (OSError, ValueError):
        return None
    count = parameters(cast("dict[str, Any]", config)) if isinstance(config, dict) else None
    return count / 1e9 if count is not None else None


def _indexed(folder: Path) -> list[str]:
    """The files that the index of a model in several parts names."""
    index = folder / INDEX
    if not index.is_file():
        return []
    try:
        names = json.loads(index.read_bytes())["weight_map"].values()
        return sorted({str(name) for name in names})
    except (ValueError, KeyError, AttributeError, TypeError):
        raise BackendError(f"{index} is corrupt; download it again") from None


class _Tensor(msgspec.Struct):
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


def _header(file: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Read the names and shapes in a safetensors file, which must be as long as they say."""
    broken = BackendError(f"{file} is corrupt or half downloaded; get it again")
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, _HEADER_BYTES):
            raise broken
        try:
            raw = msgspec.json.decode(stream.read(length), type=dict[str, msgspec.Raw])
            raw.pop("__metadata__", None)
            tensors = {n: msgspec.json.decode(t, type=_Tensor) for n, t in raw.items()}
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise broken from None
    if max((t.data_offsets[1] for t in tensors.values()), default=0) != size - 8 - length:
        raise broken
    for name, tensor in tensors.items():
        yield name, tensor.shape
