"""`models list|pull|path`: the embedded models."""

import argparse
import asyncio

from msgspec import Struct
from rich.markup import escape

from spec2rtl import events as e
from spec2rtl.backends.download import pull_model
from spec2rtl.backends.models import MODELS, find_model, model_path
from spec2rtl.cli.printing import print_json
from spec2rtl.cli.show import Show, to_stderr, to_stdout
from spec2rtl.errors import InputError


class ModelInfo(Struct, frozen=True):
    """An embedded model; `path` is None where it is not here yet."""

    name: str
    bytes: int
    sha256: str
    licence: str
    path: str | None


class ModelList(Struct, frozen=True):
    """The object of `models list --json`."""

    models: tuple[ModelInfo, ...]


def list_models(args: argparse.Namespace) -> int:
    """`models list`."""
    models = tuple(_info(name) for name in MODELS)
    if args.json:
        print_json(ModelList(models))
        return 0
    console = to_stdout()
    for model in models:
        here = f"[green]{escape(model.path)}[/]" if model.path else "[dim]not here[/]"
        console.print(f"{model.name}  {model.bytes / 1e9:.2f} GB  {model.licence}  {here}")
    return 0


def pull(args: argparse.Namespace) -> int:
    """`models pull NAME`."""
    model = find_model(args.name)
    show = Show(to_stderr())

    async def work() -> None:
        async for progress in pull_model(model.name):
            show(e.Downloading(what=progress.what, done=progress.done, total=progress.total))

    try:
        asyncio.run(work())
    finally:
        show.close()
    return path(args)


def path(args: argparse.Namespace) -> int:
    """`models path NAME`."""
    info = _info(find_model(args.name).name)
    if info.path is None:
        raise InputError(f"{info.name} is not here yet: spec2rtl models pull {info.name}")
    if args.json:
        print_json(info)
    else:
        print(info.path)  # noqa: T201
    return 0


def _info(name: str) -> ModelInfo:
    model = MODELS[name]
    found = model_path(name)
    return ModelInfo(name, model.bytes, model.sha256, model.licence, str(found) if found else None)
