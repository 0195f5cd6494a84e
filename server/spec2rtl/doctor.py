"""What is installed, which backends answer, where each setting comes from, and what to mend."""

import asyncio
import os
import platform
import shlex
import sys
from collections.abc import Callable, Coroutine, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import cast

from msgspec import Struct

from spec2rtl.backends.models import DEFAULT_MODEL, model_path
from spec2rtl.backends.name import Anthropic, OpenAI, parse_backend
from spec2rtl.backends.probe import probe
from spec2rtl.config.layers import Configuration
from spec2rtl.config.settings import Settings
from spec2rtl.errors import Spec2rtlError, ToolError
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.wiring import choose_backend, open_journal, toolchain

PYTHON = (3, 11)
XLLAMACPP = "pip install xllamacpp"


class Finding(Struct, frozen=True):
    """One thing that was looked at; `needed` False: the product works without it.

    `mend` says what to do about it, `command` does it, in any terminal.
    """

    name: str
    ok: bool
    detail: str
    mend: str | None = None
    needed: bool = True
    command: str | None = None


class SettingValue(Struct, frozen=True):
    """A setting, its value as text, and where it comes from."""

    name: str
    value: str
    origin: str


class Report(Struct, frozen=True):
    """The object of `doctor --json`; `ok` when everything needed is there."""

    ok: bool
    version: str
    findings: tuple[Finding, ...]
    settings: tuple[SettingValue, ...]


async def examine(configuration: Configuration, environ: Mapping[str, str] = os.environ) -> Report:
    """Look at everything; never raises for what it looks at."""
    settings = configuration.settings
    findings = [
        _python(),
        _attempt("simulator", lambda: _simulator(settings)),
        _sandbox(settings),
        _attempt("journal", lambda: _journal(environ)),
        _embedded(),
        *_peft(settings),
        *await asyncio.gather(*_backends(settings, environ)),
        _attempt("generator", lambda: _chosen("generator", settings, environ)),
        _attempt("reflector", lambda: _chosen("reflector", settings, environ)),
    ]
    values = tuple(
        SettingValue(name, _shown(getattr(settings, name)), configuration.origin(name).where)
        for name in settings.__struct_fields__
    )
    ok = all(finding.ok for finding in findings if finding.needed)
    return Report(ok, version("spec2rtl"), tuple(findings), values)


def _shown(value: object) -> str:
    """Write a setting's value as one would in a terminal; nothing where there is none."""
    if isinstance(value, tuple):
        items = cast("tuple[str | tuple[str, str], ...]", value)
        return ", ".join(item if isinstance(item, str) else "=".join(item) for item in items)
    return "" if value is None else str(value)


def _attempt(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Spec2rtlError as error:
        install = error.install if isinstance(error, ToolError) else None
        return Finding(name, ok=False, detail=str(error), command=install and in_terminal(install))


def in_terminal(install: str) -> str:
    """A command for a terminal, whose `pip` may be that of another Python than ours."""
    pip = shlex.join((sys.executable, "-m", "pip"))
    return f"{pip} {install.removeprefix('pip ')}" if install.startswith("pip ") else install


def _python() -> Finding:
    found = platform.python_version()
    ok = sys.version_info >= PYTHON
    return Finding("python", ok, found, None if ok else "install Python 3.11 or newer")


def _simulator(settings: Settings) -> Finding:
    tools = toolchain(settings).tools
    detail = f"iverilog {tools.iverilog_version}, cocotb {tools.cocotb_version}"
    return Finding("simulator", ok=True, detail=detail)


def _sandbox(settings: Settings) -> Finding:
    best = best_sandbox()
    if best:
        detail = best.name if settings.sandbox != "off" else f"{best.name}, switched off"
        return Finding("sandbox", ok=True, detail=detail, needed=False)
    return Finding(
        "sandbox",
        ok=False,
        detail="none works here: tools and tests run under resource limits only",
        mend="install bubblewrap, or allow user name spaces",
        needed=settings.sandbox == "require",
    )


def _journal(environ: Mapping[str, str]) -> Finding:
    with open_journal(environ) as journal:
        return Finding("journal", ok=True, detail=f"{len(journal.runs())} runs")


def _embedded() -> Finding:
    try:
        runtime = version("xllamacpp")
    except PackageNotFoundError:
        return Finding(
            "embedded",
            ok=False,
            detail="xllamacpp is not installed",
            mend=f"{XLLAMACPP}, or choose another generator",
            needed=False,
            command=in_terminal(XLLAMACPP),
        )
    path = model_path(DEFAULT_MODEL)
    detail = f"xllamacpp {runtime}; {path or 'the model is downloaded at first use'}"
    return Finding("embedded", ok=True, detail=detail, needed=False)


def _peft(settings: Settings) -> list[Finding]:
    """What a transformers model needs, where one is wanted; importing torch would take seconds."""
    chosen = (settings.generator, settings.reflector)
    if not any(text and text.startswith("peft:") for text in chosen):
        return []
    try:
        found = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "peft"))
    except PackageNotFoundError as error:
        detail, mend = f"{error.name} is not installed", "pip install 'spec2rtl[local]'"
        return [Finding("peft", ok=False, detail=detail, mend=mend, command=in_terminal(mend))]
    return [Finding("peft", ok=True, detail=found)]


def _backends(
    settings: Settings, environ: Mapping[str, str]
) -> list[Coroutine[None, None, Finding]]:
    found: list[Anthropic | OpenAI] = []
    if environ.get("ANTHROPIC_API_KEY"):
        found.append(Anthropic(base_url=environ.get("ANTHROPIC_BASE_URL") or None))
    if settings.endpoint:
        endpoint = parse_backend(settings.endpoint)
        if isinstance(endpoint, OpenAI):
            found.append(endpoint)
    return [_answers(one, settings, environ) for one in found]


async def _answers(
    backend: Anthropic | OpenAI, settings: Settings, environ: Mapping[str, str]
) -> Finding:
    name = str(backend)
    if backend.remote and not settings.remote:
        return Finding(name, ok=True, detail="not asked: remote = false", needed=False)
    why = await probe(backend, environ)
    mend = "check the key, the address and the network" if why else None
    return Finding(name, ok=why is None, detail=why or "answers", mend=mend, needed=False)


def _chosen(role: str, settings: Settings, environ: Mapping[str, str]) -> Finding:
    text = settings.generator if role == "generator" else settings.reflector
    backend, line = choose_backend(text, role, settings, environ)
    return Finding(role, ok=True, detail=line.removeprefix(f"{role}: ") if line else str(backend))
