import json
import struct
from pathlib import Path
from typing import Any

import pytest

from spec2rtl.backends import peft_files as files
from spec2rtl.errors import BackendError

QWEN_32B = {
    "vocab_size": 152064,
    "hidden_size": 5120,
    "num_hidden_layers": 64,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "intermediate_size": 27648,
    "tie_word_embeddings": False,
}
QWEN_0_5B = {
    "vocab_size": 151936,
    "hidden_size": 896,
    "num_hidden_layers": 24,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
    "intermediate_size": 4864,
    "tie_word_embeddings": True,
}


def safetensors(shape: tuple[int, ...] = (2, 3)) -> bytes:
    size = 4
    for extent in shape:
        size *= extent
    header = {"w": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}}
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


def folder(path: Path, **contents: Any) -> Path:
    """Write files; `__` in a name is a dot, `___` a dash."""
    path.mkdir(parents=True)
    for name, content in contents.items():
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (path / name.replace("___", "-").replace("__", ".")).write_bytes(data)
    return path


def test_shapes(tmp_path: Path) -> None:
    whole = folder(tmp_path / "m", config__json={}, model__safetensors=safetensors())
    files.check_base(whole)
    assert files.shapes(whole) == {"w": (2, 3)}


INDEX = {"weight_map": {"w": "model-1.safetensors", "v": "model-2.safetensors"}}


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ({"model__safetensors": safetensors()}, "is no model: it has no config.json"),
        ({"adapter_config__json": {}}, "is an adapter; write peft:BASE+"),
        ({"config__json": {}}, "holds no weights: there is no .safetensors file"),
        (
            {"config__json": {}, "pytorch_model__bin": b"\x80"},
            "pytorch_model.bin is a pickle, which can run any code when it is read: refused",
        ),
        (
            {"config__json": {}, "model__safetensors": safetensors()[:-1]},
            "model.safetensors is corrupt or half downloaded",
        ),
        (
            {"config__json": {}, "model__safetensors": safetensors()[:20]},
            "model.safetensors is corrupt or half downloaded",
        ),
        (
            {"config__json": {}, "model__safetensors": b"version https://git-lfs"},
            "model.safetensors is corrupt or half downloaded",
        ),
        ({"config__json": {}, "model__safetensors": b""}, "corrupt or half downloaded"),
        (
            {
                "config__json": {},
                "model__safetensors__index__json": INDEX,
                "model___1__safetensors": safetensors(),
            },
            "is half downloaded: model-2.safetensors is missing",
        ),
        (
            {"config__json": {}, "model__safetensors__index__json": b"{"},
            "model.safetensors.index.json is corrupt",
        ),
    ],
)
def test_bases_that_are_refused(tmp_path: Path, contents: dict[str, Any], said: str) -> None:
    with pytest.raises(BackendError) as refusal:
        files.check_base(folder(tmp_path / "m", **contents))
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_adapters_that_are_refused(tmp_path: Path) -> None:
    base = folder(tmp_path / "base", config__json={}, model__safetensors=safetensors())
    with pytest.raises(BackendError, match="is no adapter: it has no"):
        files.check_adapter(base)
    pickled = folder(tmp_path / "old", adapter_config__json={}, adapter_model__bin=b"\x80")
    with pytest.raises(BackendError, match="is a pickle"):
        files.check_adapter(pickled)
    (pickled / "other.safetensors").write_bytes(safetensors())
    with pytest.raises(BackendError, match=r"adapter_model\.bin is a pickle"):
        files.check_adapter(pickled)
    bare = folder(tmp_path / "bare", adapter_config__json={}, model__safetensors=safetensors())
    with pytest.raises(BackendError, match=r"there is no adapter_model\.safetensors"):
        files.check_adapter(bare)
    empty = struct.pack("<Q", 2) + b"{}"
    void = folder(tmp_path / "void", adapter_config__json={}, adapter_model__safetensors=empty)
    with pytest.raises(BackendError, match="holds no tensor: the adapter would change nothing"):
        files.check_adapter(void)


def test_what_a_name_means(tmp_path: Path) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(b"GGUF")
    (tmp_path / "notes.txt").write_text("")
    assert files.local(str(tmp_path)) == tmp_path
    assert files.local(str(model)) == model
    files.check_base(model)
    assert files.local("Qwen/Qwen2.5-Coder-32B-Instruct") is None
    for name, said in (
        ("/no/such/folder", "there is no folder /no/such/folder"),
        ("./here", "there is no folder ./here"),
        ("missing.gguf", "there is no folder missing.gguf"),
        (f"{tmp_path}/notes.txt", "neither a folder nor a .gguf file"),
    ):
        with pytest.raises(BackendError, match=said):
            files.local(name)
    model.write_bytes(b"<html>")
    with pytest.raises(BackendError, match="is no GGUF file"):
        files.check_base(model)


def test_parameters() -> None:
    def billion(config: dict[str, Any]) -> float:
        count = files.parameters(config)
        assert count is not None
        return round(count / 1e9, 2)

    assert billion(QWEN_32B) == 32.76
    assert billion(QWEN_0_5B) == 0.49
    assert billion(QWEN_0_5B | {"num_experts": 8, "moe_intermediate_size": 4864}) == 2.69
    assert files.parameters({}) is None
    assert files.parameters(QWEN_0_5B | {"hidden_size": "wide"}) is None


def test_strong(tmp_path: Path) -> None:
    large = folder(tmp_path / "a-0.5b", config__json=QWEN_32B)
    small = folder(tmp_path / "a-32b", config__json=QWEN_0_5B)
    bare = folder(tmp_path / "a-1.5b", config__json=b"[]")
    for base, strong in (
        (str(large), True),
        (str(small), False),
        (str(bare), False),
        ("Qwen/Qwen2.5-Coder-32B-Instruct", True),
        ("Qwen/Qwen2.5-Coder-1.5B-Instruct", False),
        ("models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", False),
        ("someone/verilog-writer", True),
    ):
        assert files.is_strong(base) == strong, base
