"""The settings: name, type, default and meaning of each stand here and nowhere else."""

import re
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct

from spec2rtl.rtl import Language

Sandbox = Literal["auto", "require", "off"]
Merge = Literal["auto", "always", "never"]
Precision = Literal["auto", "bf16", "fp32", "4bit"]
Device = Literal["auto", "cuda", "mps", "cpu"]
OnSave = Literal["off", "check", "update"]

Kind = Literal["value", "backend", "path", "paths", "pairs", "tool"]
"""How a value is written: `path` and `paths` are relative to whoever says them; a `tool` is a
program's name or path; `pairs` are NAME=VALUE."""

Right = Literal["may", "never", "lower", "forbid", "local"]
"""What a workspace's file may do: set it, not set it, only lower the limit, only say no, or only
choose among the backends that name no address, file or program."""

Count = Annotated[int, Meta(ge=1, le=100)]
Amount = Annotated[float, Meta(gt=0)]
Text = Annotated[str, Meta(min_length=1)]
Pairs = tuple[tuple[str, str], ...]


class About(Struct, frozen=True):
    """What there is to know of a setting beside its type and default."""

    text: str
    flag: str = ""
    kind: Kind = "value"
    workspace: Right = "may"


class Settings(Struct, frozen=True):
    """All settings, with the built-in defaults; paths are absolute."""

    generator: Annotated[
        Text | None,
        About(
            "Backend that writes RTL; unset: Claude if there is a key, else `endpoint`, else"
            " the embedded model.",
            "--generator",
            "backend",
            "local",
        ),
    ] = None
    reflector: Annotated[
        Text | None,
        About(
            "Backend that diagnoses failures; unset: Claude if there is a key, else `endpoint`,"
            " else `rules`.",
            "--reflector",
            "backend",
            "local",
        ),
    ] = None
    endpoint: Annotated[
        Text | None,
        About(
            "An OpenAI-compatible server, as openai:MODEL@BASE_URL, that is the default backend"
            " where no key is set.",
            kind="backend",
            workspace="never",
        ),
    ] = None
    remote: Annotated[
        bool,
        About(
            "Whether text may leave this machine; a `false` anywhere is final.",
            workspace="forbid",
        ),
    ] = True
    language: Annotated[Language, About("Language to write where the spec names none.")] = "verilog"
    tests: Annotated[
        Text | None,
        About(
            "The cocotb tests where the spec names none; unset: test_NAME.py beside it.",
            "--tests",
            "path",
        ),
    ] = None
    sources: Annotated[
        tuple[Text, ...],
        About("Further RTL files that every compile gets.", kind="paths"),
    ] = ()
    include_dirs: Annotated[
        tuple[Text, ...],
        About("Folders in which `include directives search.", "-I", "paths"),
    ] = ()
    defines: Annotated[Pairs, About("Verilog macros.", "-D", "pairs")] = ()
    parameters: Annotated[Pairs, About("Parameters of the top module.", "-P", "pairs")] = ()
    max_compile_iterations: Annotated[
        Count,
        About("Failed compiles after which a run ends.", "--max-compile-iterations"),
    ] = 3
    max_simulation_iterations: Annotated[
        Count,
        About("Failed simulations after which a run ends.", "--max-simulation-iterations"),
    ] = 4
    candidates: Annotated[
        Count | None,
        About("Candidates drawn in an iteration; unset: as suits the generator.", "--candidates"),
    ] = None
    seed: Annotated[
        Annotated[int, Meta(ge=0, le=2**31 - 1)],
        About("Seed of the models' sampling.", "--seed"),
    ] = 0
    max_seconds: Annotated[
        Amount | None,
        About("Seconds after which a run ends.", "--max-seconds", workspace="lower"),
    ] = None
    max_tokens: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        About("Tokens after which a run ends.", "--max-tokens", workspace="lower"),
    ] = None
    max_cost: Annotated[
        Amount | None,
        About("US dollars after which a run ends.", "--max-cost", workspace="lower"),
    ] = None
    exclude: Annotated[
        tuple[Text, ...],
        About("Folders that an editor's server neither reads nor watches.", kind="paths"),
    ] = ()
    on_save: Annotated[
        OnSave,
        About(
            "What saving does in an editor: nothing; `check`: the tests of a saved spec, RTL or test"
            " module run; `update`: a spec's changes are also made in its RTL, as a proposal."
        ),
    ] = "off"
    sandbox: Annotated[
        Sandbox,
        About(
            "Whether simulations run in a sandbox; `auto`: where one works; `require`: without one"
            " they are refused; `off`: never.",
            "--sandbox",
            workspace="never",
        ),
    ] = "auto"
    iverilog: Annotated[
        Text, About("The Icarus Verilog compiler.", kind="tool", workspace="never")
    ] = "iverilog"
    vvp: Annotated[Text, About("The Icarus Verilog simulator.", kind="tool", workspace="never")] = (
        "vvp"
    )
    compile_seconds: Annotated[
        Amount, About("Seconds that one compile may take.", workspace="lower")
    ] = 30.0
    simulation_seconds: Annotated[
        Amount, About("Seconds that one simulation may take.", workspace="lower")
    ] = 60.0
    memory_mib: Annotated[
        Annotated[int, Meta(ge=64)], About("Memory in MiB that a tool may use.", workspace="lower")
    ] = 2048
    output_mib: Annotated[
        Annotated[int, Meta(ge=1)], About("Output in MiB that a tool may write.", workspace="lower")
    ] = 16
    peft_device: Annotated[
        Device, About("What a `peft:` model runs on; `auto`: the best there is.", workspace="never")
    ] = "auto"
    peft_precision: Annotated[
        Precision,
        About(
            "What a `peft:` model's weights are kept as; `auto`: what is fastest and fits.",
            workspace="never",
        ),
    ] = "auto"
    peft_merge: Annotated[
        Merge,
        About(
            "Whether an adapter is merged into its base; `auto`: unless that has 4 bits.",
            workspace="never",
        ),
    ] = "auto"
    peft_max_tokens: Annotated[
        Annotated[int, Meta(ge=1)],
        About("Tokens that a reply of a `peft:` model may have.", workspace="never"),
    ] = 2048
    peft_idle_seconds: Annotated[
        Amount,
        About("Seconds without work after which a `peft:` model is unloaded.", workspace="never"),
    ] = 900.0


class SettingDoc(Struct, frozen=True):
    """A setting as documentation, `doctor` and editors show it; `flag` is "" where none is."""

    name: str
    kind: Kind
    expected: str
    default: Any
    description: str
    variable: str
    flag: str
    workspace: Right

    @property
    def in_editor(self) -> str:
        """Its name in an editor's settings: in camelCase."""
        return re.sub(r"_(\w)", lambda match: match[1].upper(), self.name)


@cache
def describe() -> tuple[SettingDoc, ...]:
    """List the settings in their order."""
    hints = get_type_hints(Settings, include_extras=True)
    return tuple(
        _describe(field.name, hints[field.name], field.default)
        for field in msgspec.structs.fields(Settings)
    )


@cache
def types() -> dict[str, Any]:
    """Map each setting's name to its type, constraints included."""
    return {field.name: field.type for field in msgspec.structs.fields(Settings)}


def _describe(name: str, hint: Any, default: object) -> SettingDoc:
    (about,) = (note for note in hint.__metadata__ if isinstance(note, About))
    return SettingDoc(
        name=name,
        kind=about.kind,
        expected=_expected(about.kind, msgspec.inspect.type_info(hint)),
        default=default,
        description=about.text,
        variable=f"SPEC2RTL_{name.upper()}",
        flag=about.flag,
        workspace=about.workspace,
    )


def _expected(kind: Kind, of: msgspec.inspect.Type) -> str:
    """Say in words what a value of this type looks like."""
    if kind == "paths":
        return "a list of paths"
    if kind == "pairs":
        return "NAME = VALUE pairs"
    if isinstance(of, msgspec.inspect.UnionType):
        (of,) = (t for t in of.types if not isinstance(t, msgspec.inspect.NoneType))
    match of:
        case msgspec.inspect.IntType(ge=low, le=None):
            return f"a whole number from {low} up"
        case msgspec.inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case msgspec.inspect.FloatType():
            return "a number above 0"
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.LiteralType(values=values):
            *most, last = map(str, values)
            return f"{', '.join(most)} or {last}"
        case _:
            return {"path": "a path", "tool": "a program", "backend": "a backend"}.get(kind, "text")
