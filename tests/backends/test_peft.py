"""A transformers model in its worker, as the loop uses it."""

import asyncio
import contextlib
import os
import pkgutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import spec2rtl
from spec2rtl.backends.models import model_path
from spec2rtl.backends.name import Peft
from spec2rtl.backends.peft import PeftModel
from spec2rtl.backends.peft_wire import Options
from spec2rtl.backends.warm import Warm
from spec2rtl.chat import Chunk, Delta, Message, Progress, Prompt, Reply, Restart
from spec2rtl.config.settings import Settings
from spec2rtl.errors import BackendError
from spec2rtl.events import Downloading, RunFinished
from spec2rtl.jobs import generate_job, read_spec
from spec2rtl.loop.merge import Stop
from spec2rtl.wiring import Run, order_for
from tests.backends.hub import hub
from tests.backends.processes import gone, linux

# One loop, so that tests can share a worker: each takes seconds to import torch.
pytestmark = pytest.mark.asyncio(loop_scope="module")

MAKE = "import sys; from pathlib import Path; from tests.backends.tiny_qwen import *; "
ROOT = Path(__file__).parents[2]


def make(code: str) -> None:
    """Make models in a process of its own: this one stays free of torch."""
    subprocess.run([sys.executable, "-c", MAKE + code], cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A base and an adapter for it."""
    place = tmp_path_factory.mktemp("tiny")
    base, adapter = place / "base-0.1b", place / "adapter"
    make(
        f"make_base(Path({str(base)!r})); make_adapter(Path({str(adapter)!r}), Path({str(base)!r}))"
    )
    return str(base), str(adapter)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model(tiny: tuple[str, str]) -> AsyncIterator[PeftModel]:
    it = PeftModel(*tiny)
    yield it
    await it.aclose()


def ask(text: str = "say something", **more: Any) -> Prompt:
    return Prompt((Message("user", text),), **{"max_tokens": 40, "seed": 1, **more})


async def answer(model: PeftModel, prompt: Prompt) -> Reply:
    """The reply, checked to be what was streamed."""
    chunks = [chunk async for chunk in model.stream(prompt)]
    reply = chunks[-1]
    assert isinstance(reply, Reply)
    assert reply.text == "".join(c.text for c in chunks if isinstance(c, Delta))
    return reply


def kill(model: PeftModel) -> None:
    assert model.pid is not None
    with contextlib.suppress(ProcessLookupError):
        os.kill(model.pid, signal.SIGKILL)


async def test_loads_once_streams_and_continues(
    model: PeftModel, tiny: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('imported from where we happen to be')")
    monkeypatch.chdir(tmp_path)
    base, adapter = tiny
    assert model.name == f"peft:{base}+{adapter}"
    assert (model.strong, model.continues, model.parallel) == (False, True, 1)
    chunks = [chunk async for chunk in model.stream(ask(prefix="module m"))]
    steps = [c for c in chunks if isinstance(c, Progress)]
    assert {step.what for step in steps} == {f"loading {base}"}
    assert steps[-1].done == steps[-1].total > 0
    first = chunks[-1]
    assert isinstance(first, Reply)
    assert first.text.startswith("module m")
    assert first.usage.prompt_tokens > 20
    pid = model.pid
    again = [chunk async for chunk in model.stream(ask(prefix="module m"))]
    assert not any(isinstance(c, Progress) for c in again)
    assert (again[-1], model.pid) == (first, pid)
    assert (await answer(model, ask(prefix="module m", seed=2))).text != first.text
    schema = {"type": "object", "properties": {"root_cause": {"type": "string"}}}
    asked = await answer(model, ask(schema=schema))
    assert asked.usage.prompt_tokens > first.usage.prompt_tokens + len(str(schema))
    with pytest.raises(BackendError, match="this model's context 4096"):
        await answer(model, ask("word " * 4096))
    assert model.pid == pid


async def test_closing_the_stream_stops_the_reply(model: PeftModel) -> None:
    asked = ask("a", max_tokens=2000, temperature=1.5, prefix="module m")
    async with aclosing(model.stream(asked)) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Delta):
                break
    # Nothing of the first reply may be taken for the second's.
    reply = await answer(model, ask("b"))
    assert (await answer(model, ask("b"))).text == reply.text


async def test_a_crash_begins_the_reply_afresh(model: PeftModel) -> None:
    seen: list[Chunk] = []
    async for chunk in model.stream(ask(max_tokens=2000, temperature=1.5, seed=4)):
        seen.append(chunk)
        if isinstance(chunk, Delta) and not any(isinstance(c, Restart) for c in seen):
            kill(model)
    (restart,) = (c for c in seen if isinstance(c, Restart))
    assert "the worker ended unexpectedly, with signal 9" in restart.why
    reply = seen[-1]
    assert isinstance(reply, Reply)
    after = seen[seen.index(restart) :]
    assert reply.text == "".join(c.text for c in after if isinstance(c, Delta))


@linux
async def test_is_unloaded_when_idle_and_loaded_again(tiny: tuple[str, str]) -> None:
    async with aclosing(PeftModel(*tiny, options=Options(idle_seconds=0.01))) as model:
        first = await answer(model, ask())
        pid = model.pid
        assert pid is not None
        await gone(pid)
        assert await answer(model, ask()) == first
        assert model.pid != pid


@linux
async def test_the_worker_dies_with_its_killed_parent(tiny: tuple[str, str]) -> None:
    code = (
        "import asyncio\n"
        "from spec2rtl.backends.peft import WORKER\n"
        "from spec2rtl.backends.peft_wire import Load, Options\n"
        "from spec2rtl.backends.worker import Worker\n"
        "async def main():\n"
        "    worker = await Worker.start(WORKER)\n"
        f"    worker.send(Load({tiny[0]!r}, None, Options()))\n"
        "    print(worker.pid, flush=True)\n"
        "    await worker.line()\n"
        "    await asyncio.sleep(100)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    parent.kill()
    await parent.stdout.read()
    await parent.wait()
    await gone(child)


async def test_cancelling_while_it_loads_leaves_no_worker(tiny: tuple[str, str]) -> None:
    async with aclosing(PeftModel(*tiny)) as model:
        async with aclosing(model.stream(ask())) as chunks:
            assert isinstance(await anext(chunks), Progress)
            loading = asyncio.ensure_future(anext(chunks))
            await asyncio.sleep(0)
            loading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await loading
        assert model.pid is None


async def test_names_are_downloaded_without_their_pickles(
    tiny: tuple[str, str], tmp_path: Path
) -> None:
    root, asked = Path(tiny[0]).parent, list[str]()
    for place in ("base-0.1b/pytorch_model.bin", "adapter/adapter_model.bin"):
        (root / place).write_bytes(b"\x80")
    names = "me/base-0.1b", "me/adapter"
    with hub(root, asked) as url:
        environ = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(tmp_path)}
        async with aclosing(PeftModel(*names, environ=environ)) as model:
            chunks = [chunk async for chunk in model.stream(ask(max_tokens=2))]
    told = [c.what for c in chunks if isinstance(c, Progress)]
    assert set(told) == {f"loading {names[0]}", *(f"downloading {name}" for name in names)}
    assert isinstance(chunks[-1], Reply)
    assert {"model.safetensors", "adapter_model.safetensors", "tokenizer.json"} <= set(asked)
    assert not any(name.endswith(".bin") for name in asked)


async def refusal(*names: str, environ: dict[str, str] | None = None) -> str:
    async with aclosing(PeftModel(*names, environ={**os.environ, **(environ or {})})) as model:
        with pytest.raises(BackendError) as error:
            await answer(model, ask())
        assert model.pid is None
    said = str(error.value)
    assert said.startswith(f"peft:{'+'.join(names)}: ")
    assert "\n" not in said
    return said


async def test_what_is_wrong_is_one_line(tiny: tuple[str, str], tmp_path: Path) -> None:
    base, adapter = tiny
    assert "is an adapter; write peft:BASE+" in await refusal(adapter)
    assert "is no adapter" in await refusal(base, base)
    assert "there is no folder /no/such/base" in await refusal("/no/such/base", adapter)
    absent = "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')"
    (tmp_path / "torch.py").write_text(absent)
    said = await refusal(base, environ={"PYTHONPATH": str(tmp_path)})
    assert "torch is not installed; pip install 'spec2rtl[local]'" in said


async def test_a_worker_that_cannot_start(tiny: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('libcudart.so: no such file')")
    said = await refusal(tiny[0], environ={"PYTHONPATH": str(tmp_path)})
    assert said.endswith(
        "the worker ended while it loaded, with status 1 (OSError: libcudart.so: no such file)"
    )


async def test_the_next_run_finds_the_model_loaded(tiny: tuple[str, str], tmp_path: Path) -> None:
    spec = tmp_path / "inverter.spec.md"
    spec.write_text("A module `inverter`: y is not a.\n\n- input a\n- output y\n")
    environ = {**os.environ, "SPEC2RTL_DATA_DIR": str(tmp_path / "data")}
    settings = Settings(
        generator="peft:" + "+".join(tiny),
        reflector="rules",
        candidates=1,
        max_compile_iterations=1,
        peft_max_tokens=8,
    )
    job = generate_job(read_spec(str(spec)), settings, tests=None, module=None, out=None)
    order, _ = order_for(job, settings, to=None, environ=environ)
    loads: list[int] = []
    async with aclosing(Warm()) as warm:
        for _ in range(2):
            async with Run(order, settings, warm=warm, environ=environ) as run:
                seen = [event async for event in run.events(Stop())]
            loads.append(sum(isinstance(event, Downloading) for event in seen))
            end = seen[-1]
            assert isinstance(end, RunFinished)
            assert (end.result.status, end.result.usage.generator.completion_tokens) == (
                "failed",
                8,
            )
    assert loads[0] > 1
    assert loads[1] == 0


async def test_the_same_model_stays_warm(tiny: tuple[str, str]) -> None:
    async with aclosing(Warm()) as warm:
        one = warm.model(Peft(*tiny), Options(), os.environ)
        assert warm.model(Peft(*tiny), Options(), os.environ) is one
        assert warm.model(Peft(*tiny), Options(merge="never"), os.environ) is not one
        assert warm.model(Peft(tiny[0]), Options(), os.environ) is not one


async def test_only_the_worker_imports_torch() -> None:
    names = {m.name for m in pkgutil.walk_packages(spec2rtl.__path__, "spec2rtl.")}
    theirs = {"spec2rtl.backends.peft_load", "spec2rtl.backends.peft_reply"}
    assert theirs < names
    code = (
        "import sys, importlib\n"
        f"for name in {sorted(names - theirs)!r}:\n"
        "    if not name.endswith('__main__'): importlib.import_module(name)\n"
        "print(sorted({'torch', 'transformers', 'peft', 'huggingface_hub'} & set(sys.modules)))\n"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    assert (said.strip(), child.returncode) == (b"[]", 0)


@pytest.mark.model
async def test_the_real_model_writes_verilog() -> None:
    path = model_path("qwen2.5-coder-0.5b-instruct")
    if path is None:
        pytest.skip("the model is not here: spec2rtl models pull qwen2.5-coder-0.5b-instruct")
    header = "```verilog\nmodule inverter (input wire a, output wire y);\n"
    question = (
        "Generate synthesizable Verilog RTL for the following specification.\n\n"
        "Specification:\nA module `inverter` whose output y is the complement of its input a."
    )
    prompt = Prompt((Message("user", question),), prefix=header, max_tokens=24, temperature=0.0)
    async with aclosing(PeftModel(str(path))) as model:
        assert not model.strong
        reply = await answer(model, prompt)
    assert reply.text.startswith(header)
    assert "~a" in reply.text
    assert "endmodule" in reply.text
