"""`spec2rtl`: parses arguments, calls one command, turns errors into one line and an exit code."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from spec2rtl.cli.start import loaded
from spec2rtl.cli.streams import lost
from spec2rtl.errors import ConfigError, InputError, Spec2rtlError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["_Parser"]  # pyright: ignore[reportPrivateUsage]

USAGE_ERROR = 2

BACKENDS = (
    "embedded[:NAME] | anthropic[:MODEL] | openai:MODEL@BASE_URL | peft:BASE[+ADAPTER] | "
    "scripted:FILE (default: what is at hand, printed)"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 good, 1 failed, 2 error, 130 cancelled.

    Ctrl-C raises `KeyboardInterrupt` where a command doesn't end in good order by itself.
    """
    argv = sys.argv[1:] if argv is None else argv
    args = argparse.Namespace()
    try:
        return _run(argv, args)
    except Spec2rtlError as error:
        return _refuse(argv, args, error)
    except OSError as error:
        # The disk is full, most likely where our output goes; or a name is too long.
        return _refuse(argv, args, InputError(f"{error.filename or 'output'}: {error.strerror}"))


def _refuse(argv: Sequence[str], args: argparse.Namespace, error: Spec2rtlError) -> int:
    """Say it in one line, and as an object where one was asked for."""
    if not lost() and ("--json" in argv or "--events" in argv):
        from spec2rtl.cli.printing import print_json
        from spec2rtl.cli.refused import refused

        with contextlib.suppress(OSError):  # a full disk, met only now
            print_json(refused(argv, args, error))
    print(f"spec2rtl: {error}", file=sys.stderr)  # noqa: T201
    return USAGE_ERROR


def _run(argv: Sequence[str], args: argparse.Namespace) -> int:
    """Parse and carry out; `args` are filled in."""
    _refuse_odd_bytes(argv)
    parser().parse_args(argv, args)
    if not hasattr(args, "command"):
        parser().print_help(sys.stderr)
        return USAGE_ERROR
    command: Callable[[argparse.Namespace], int] = getattr(
        import_module(f"spec2rtl.cli.{args.module}"), args.command
    )
    loaded()
    code = command(args)
    sys.stdout.flush()  # while a full disk can still be told
    return code


def _refuse_odd_bytes(argv: Sequence[str]) -> None:
    """Raise `ConfigError` for bytes that are no text: neither JSON nor the journal can hold them."""
    names = list(argv)
    with contextlib.suppress(FileNotFoundError):
        names.append(os.getcwd())  # noqa: PTH109 (nothing heavy)
    for name in names:
        shown = os.fsencode(name).decode("utf-8", "replace")
        if shown != name:
            raise ConfigError(f"{shown}: is not UTF-8; rename the file or write it in UTF-8")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **how: Any) -> None:
        # No `--js` for `--json`: scripts would break as options are added.
        super().__init__(**how, allow_abbrev=False, formatter_class=_Formatter)

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """The whole command line; importing nothing heavy."""
    top = _Parser(
        prog="spec2rtl",
        description="From a written specification to Verilog that compiles and passes its tests.",
        epilog="Begin with: spec2rtl generate examples/counter/counter.spec.md",
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    _generate(commands)
    _repair(commands)
    _edit(commands)
    _check(commands)
    _simulate(commands)
    _tests(commands)
    _evaluate(commands)
    _runs(commands)
    _models(commands)
    _doctor(commands)
    _lsp(commands)
    return top


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"spec2rtl {version('spec2rtl')}")  # noqa: T201
        parser.exit()


def _add(
    commands: "Commands", name: str, module: str, function: str, *, does: str, example: str
) -> _Parser:
    command = commands.add_parser(
        name,
        help=does,
        description=does[0].upper() + does[1:] + ".",
        epilog=f"Example:\n  {example}",
    )
    command.set_defaults(module=module, command=function)
    return command


def _generate(commands: "Commands") -> None:
    command = _add(
        commands,
        "generate",
        "tasks",
        "generate",
        does="write RTL from a specification until it compiles and passes its tests",
        example="spec2rtl generate examples/counter/counter.spec.md",
    )
    command.add_argument(
        "spec", metavar="SPEC", help="NAME.spec.md, or FILE.v[:LINE] for a spec comment"
    )
    command.add_argument("--module", dest="module_name", metavar="NAME", help="the module to write")
    command.add_argument("--out", metavar="FILE", help="where it goes (default: beside the spec)")
    _loop_options(command)


def _repair(commands: "Commands") -> None:
    command = _add(
        commands,
        "repair",
        "tasks",
        "repair",
        does="change RTL as little as possible until it compiles and passes its tests",
        example="spec2rtl repair examples/fifo_repair/fifo.v "
        "--tests examples/fifo_repair/test_fifo.py",
    )
    _modify_options(command)


def _edit(commands: "Commands") -> None:
    command = _add(
        commands,
        "edit",
        "tasks",
        "edit",
        does="change RTL as an instruction says; what it does not touch stays byte for byte",
        example='spec2rtl edit examples/counter_edit/counter.v --instruction "Widen it to 8 bits"',
    )
    command.add_argument("--instruction", metavar="TEXT", required=True, help="the change wanted")
    _modify_options(command)


def _modify_options(command: _Parser) -> None:
    command.add_argument("files", metavar="FILE", nargs="+", help="the design's RTL files")
    command.add_argument("--spec", metavar="SPEC", help="its specification")
    command.add_argument("--top", metavar="NAME", help="the module to simulate")
    command.add_argument("--apply", action="store_true", help="write the result to the file")
    _loop_options(command)


def _loop_options(command: _Parser) -> None:
    add = command.add_argument
    add("--tests", metavar="PATH", help="cocotb tests (default: test_NAME.py beside it)")
    add("--generator", metavar="G", help=BACKENDS)
    add("--reflector", metavar="R", help="the same, or rules")
    add("--max-compile-iterations", type=count, metavar="N", help="failed compiles (3)")
    add("--max-simulation-iterations", type=count, metavar="N", help="failed simulations (4)")
    add("--candidates", type=count, metavar="N", help="replies drawn an iteration")
    _limits_options(command)
    _design_options(command)
    shape = command.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print one JSON object")
    shape.add_argument("--events", action="store_true", help="print one JSON event a line")


def _limits_options(command: _Parser) -> None:
    add = command.add_argument
    add("--seed", type=int, metavar="N", help="of sampling (0)")
    add("--max-seconds", type=positive, metavar="S", help="stop after that time")
    add("--max-tokens", type=count, metavar="N", help="stop after that many tokens")
    add("--max-cost", type=positive, metavar="USD", help="stop at that cost")
    add("--force", action="store_true", help="overwrite a file that holds your edits")


def _design_options(command: _Parser) -> None:
    add = command.add_argument
    add("-I", dest="include_dirs", action="append", metavar="DIR", help="include folder")
    add("-D", dest="defines", action="append", metavar="NAME=VALUE", help="macro")
    add("-P", dest="parameters", action="append", metavar="NAME=VALUE", help="parameter")
    add("--sandbox", choices=("auto", "require", "off"), help="isolation of tools and tests (auto)")


def _check(commands: "Commands") -> None:
    command = _add(
        commands,
        "check",
        "tools",
        "check",
        does="compile RTL and show its diagnostics, or what is unclear in a spec",
        example="spec2rtl check examples/fifo_repair/fifo.v",
    )
    command.add_argument(
        "files", metavar="FILE", nargs="+", help="the design's RTL files, and specs"
    )
    command.add_argument("--top", metavar="NAME", help="the top module")
    _design_options(command)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _simulate(commands: "Commands") -> None:
    command = _add(
        commands,
        "simulate",
        "tools",
        "simulate",
        does="run cocotb tests against RTL",
        example="spec2rtl simulate examples/fifo_repair/fifo.v "
        "--tests examples/fifo_repair/test_fifo.py",
    )
    command.add_argument("files", metavar="FILE", nargs="+", help="the design's RTL files")
    command.add_argument("--tests", metavar="PATH", required=True, help="cocotb tests")
    command.add_argument("--top", metavar="NAME", help="the module to simulate")
    _design_options(command)
    keep = "where to put the recording of the first failing test, for a waveform viewer"
    command.add_argument("--waves", metavar="DIR", help=keep)
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _tests(commands: "Commands") -> None:
    command = _add(
        commands,
        "tests",
        "tests",
        "tests",
        does="write tests from a specification, or show which mutants of a design tests let live",
        example="spec2rtl tests examples/counter/counter.spec.md\n"
        "  spec2rtl tests examples/counter/test_counter.py --against examples/counter/counter.v",
    )
    add = command.add_argument
    add("path", metavar="SPEC|PATH", help="NAME.spec.md; with --against: cocotb tests")
    add("--against", metavar="FILE", nargs="+", help="the RTL files whose mutants are tested")
    add("--top", metavar="NAME", help="with --against: the module to simulate")
    add("--mutants", type=count, metavar="N", help="with --against: drawn at most (40)")
    add("--module", dest="module_name", metavar="NAME", help="the module to test")
    add("--out", metavar="FILE", help="where the tests go (default: test_NAME.py beside the spec)")
    add("--generator", metavar="G", help=BACKENDS)
    add("--max-compile-iterations", type=count, metavar="N", help="replies without tests (3)")
    add("--max-simulation-iterations", type=count, metavar="N", help="refused tests (4)")
    add("--candidates", type=count, metavar="N", help="designs drawn to compare on (1)")
    _limits_options(command)
    _design_options(command)
    add("--json", action="store_true", help="print one JSON object")


def _evaluate(commands: "Commands") -> None:
    command = _add(
        commands,
        "eval",
        "evals",
        "evaluate",
        does="score published candidates of a benchmark, or generate and score",
        example="spec2rtl eval verilog-eval --dataset DIR --generator embedded",
    )
    benchmarks = command.add_subparsers(title="benchmarks", metavar="BENCHMARK", required=True)
    helps = {
        "cvdp": ("CVDP: JSON lines, each problem with its cocotb harness", "F.jsonl"),
        "verilog-eval": ("VerilogEval: a folder of *_prompt.txt, *_ref.sv, *_test.sv", "DIR"),
    }
    for name, (does, dataset) in helps.items():
        example = f"spec2rtl eval {name} --dataset {dataset} --candidates DIR"
        function = name.replace("-", "_")
        _eval_options(_add(benchmarks, name, "evals", function, does=does, example=example))


def _eval_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--dataset", metavar="PATH", required=True, help="the problems")
    source = command.add_mutually_exclusive_group()
    source.add_argument(
        "--candidates", dest="published", metavar="DIR", help="score DIR/ID/PATH (cvdp), DIR/ID.sv"
    )
    source.add_argument("--generator", metavar="G", help=BACKENDS)
    add("--reflector", metavar="R", help="the same, or rules")
    add("--loop", choices=("single", "agentic"), default="agentic", help="one reply, or the loop")
    add(
        "--feedback",
        choices=("none", "harness"),
        default="none",
        help="what the loop may see of the benchmark's own tests (none)",
    )
    add(
        "--evidence",
        choices=("on", "off"),
        help="explain failing tests of verilog-eval to the models, from recordings (on where "
        "--feedback harness and --policy reflection show failures at all)",
    )
    add(
        "--policy",
        choices=("reflection", "sampling"),
        help="show failures to the models, or draw anew (as suits the generator)",
    )
    add("--samples", type=count, default=1, metavar="N", help="of each problem (1)")
    add("--seed", type=int, metavar="N", help="of sampling, and of --limit (0)")
    add("--ids", metavar="A,B", help="these problems only")
    add("--limit", type=count, metavar="N", help="so many problems, drawn by the seed")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=count, metavar="N", help="problems at a time (all cores)")
    where.add_argument("--ray", metavar="ADDRESS", help=argparse.SUPPRESS)
    add("--out", metavar="DIR", help="where results go (default: a new folder of the user's data)")
    add("--resume", action="store_true", help="go on with what --out holds")
    add("--sandbox", choices=("auto", "require", "off"), help="isolation of tools and tests (auto)")
    add("--json", action="store_true", help="print one JSON object")


def _runs(commands: "Commands") -> None:
    command = _add(
        commands,
        "runs",
        "runs",
        "runs",
        does="list, show, replay, resume, export or delete runs of the journal",
        example="spec2rtl runs show last",
    )
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True)
    helps = {
        "list": "all runs, the newest first",
        "show": "one run: iterations, diagnoses, the best candidate",
        "replay": "print a run's events again, as they came",
        "resume": "go on with a cancelled or killed run",
        "export": "write a run as one self-contained JSON file",
        "delete": "remove a run from the journal",
    }
    for name, does in helps.items():
        example = "spec2rtl runs list --limit 5" if name == "list" else f"spec2rtl runs {name} last"
        function = f"{name}_runs" if name == "list" else name
        action = _add(actions, name, "runs", function, does=does, example=example)
        if name != "list":
            action.add_argument("id", metavar="ID", help="a run, its beginning, or `last`")
        if name == "export":
            action.add_argument("--out", metavar="FILE", help="(default: ID.json here)")
        if name == "list":
            action.add_argument("--limit", type=count, default=20, metavar="N", help="(20)")
        shape = action.add_mutually_exclusive_group()
        shape.add_argument("--json", action="store_true", help="print one JSON object")
        if name in {"replay", "resume"}:
            shape.add_argument("--events", action="store_true", help="print one JSON event a line")


def _models(commands: "Commands") -> None:
    command = _add(
        commands,
        "models",
        "models",
        "list_models",
        does="list, pull or locate the embedded models",
        example="spec2rtl models pull qwen2.5-coder-1.5b-instruct",
    )
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True)
    helps = {
        "list": "the models and whether they are here",
        "pull": "download a model",
        "path": "print where a model's file is",
    }
    for name, does in helps.items():
        example = "list" if name == "list" else f"{name} qwen2.5-coder-0.5b-instruct"
        function = f"{name}_models" if name == "list" else name
        action = _add(
            actions, name, "models", function, does=does, example=f"spec2rtl models {example}"
        )
        if name != "list":
            action.add_argument("name", metavar="NAME", help="a model's name")
        action.add_argument("--json", action="store_true", help="print one JSON object")


def _doctor(commands: "Commands") -> None:
    command = _add(
        commands,
        "doctor",
        "doctor",
        "doctor",
        does="say what is installed, which backends answer, and what to do about the rest",
        example="spec2rtl doctor",
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _lsp(commands: "Commands") -> None:
    command = _add(
        commands,
        "lsp",
        "lsp",
        "lsp",
        does="serve an editor: the language server",
        example="spec2rtl lsp --stdio",
    )
    way = command.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="over stdin and stdout (the default)")
    way.add_argument("--tcp", metavar="HOST:PORT", help="over a socket, for one client")


def count(text: str) -> int:
    """Read a number of things; argparse names this function in its message."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be at least 1")
    return number


def positive(text: str) -> float:
    """Read an amount; argparse names this function in its message."""
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text}: must be more than 0")
    return number
