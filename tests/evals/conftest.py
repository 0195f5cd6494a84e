"""A workbench for each test, and the folder of the public development data."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from spec2rtl.evals.bench import Workbench
from tests.evals.shell import Shell
from tests.evals.small import workbench

DATA = Path(os.environ.get("SPEC2RTL_DATA_SETS", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Workbench]:
    async with workbench(tmp_path / "environments") as made:
        yield made


@pytest.fixture
def data() -> Path:
    """The public problems for development, which are not part of the repository."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA}: no development data; name its folder by SPEC2RTL_DATA_SETS")
    return DATA


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
