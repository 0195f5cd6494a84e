"""The SDKs are slow to import: nothing does it before a model is asked."""

import asyncio
import subprocess
import sys

import pytest

from spec2rtl.backends.sdk import load


def test_importing_the_adapters_imports_no_sdk():
    code = (
        "import sys, spec2rtl.backends.openai, spec2rtl.backends.anthropic as a;"
        "a.AnthropicModel(api_key='k');"
        "print([m for m in ('openai', 'anthropic', 'httpx2', 'pydantic') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"
    assert found.stderr == ""


async def test_a_module_that_is_missing():
    with pytest.raises(ModuleNotFoundError):
        await load("no_such_module_at_all")


async def test_nobody_waits_for_a_cancelled_load():
    task = asyncio.create_task(load("json"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
