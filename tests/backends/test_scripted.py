"""Replies from a file."""

from pathlib import Path

import pytest

from spec2rtl.backends.scripted import ScriptedModel
from spec2rtl.chat import Delta, Message, Prompt, Reply
from spec2rtl.errors import BackendError, ConfigError

PROMPT = Prompt((Message("user", "A counter."),))


async def test_gives_its_replies_in_order_then_runs_dry(tmp_path: Path):
    script = tmp_path / "replies.json"
    script.write_text('["module a; endmodule", "", "é"]')
    model = ScriptedModel(script)
    assert model.name == f"scripted:{script}"
    for wanted in ("module a; endmodule", "", "é"):
        *deltas, last = [chunk async for chunk in model.stream(PROMPT)]
        assert last == Reply(wanted)
        assert "".join(chunk.text for chunk in deltas if isinstance(chunk, Delta)) == wanted
    with pytest.raises(BackendError, match=r"replies\.json: .* run dry: all 3 of its"):
        await anext(model.stream(PROMPT))


async def test_goes_on_where_an_earlier_run_stopped(tmp_path: Path):
    script = tmp_path / "replies.json"
    script.write_text('["a", "b"]')
    model = ScriptedModel(script, used=1)
    assert [chunk async for chunk in model.stream(PROMPT)][-1] == Reply("b")
    with pytest.raises(BackendError, match="run dry"):
        await anext(model.stream(PROMPT))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "can't read the script: No such file"),
        (b"[", "isn't JSON"),
        (b"\xff\xfe", "isn't JSON"),
        (b"{}", "must be a JSON array of strings"),
        (b'["a", 3]', r"must be a JSON array of strings: .*\$\[1\]"),
    ],
)
def test_a_bad_script_is_one_line(tmp_path: Path, content: bytes | None, line: str):
    script = tmp_path / "replies.json"
    if content is not None:
        script.write_bytes(content)
    with pytest.raises(ConfigError, match=line) as error:
        ScriptedModel(script)
    assert str(script) in str(error.value)
    assert "\n" not in str(error.value)
