"""What the commands print meets the schemas that are published."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scripts.schemas import FOLDER
from tests.cli.conftest import Bench, fenced, inverter

RIGHT, WRONG, BROKEN = fenced(inverter()), fenced(inverter("a")), fenced(inverter("nowhere"))
ONE_EACH = ("--max-compile-iterations", "1", "--max-simulation-iterations", "1")


def check(name: str, value: Any) -> None:
    """Validate one object against `docs/schemas/NAME.json`."""
    schema = json.loads((FOLDER / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(value)


def generate(bench: Bench, *replies: str, flags: tuple[str, ...] = ()) -> Any:
    generator = bench.script(*replies)
    argv = ("generate", "inv.spec.md", "--generator", generator, "--reflector", "rules", "--json")
    return bench.run(*argv, *flags).json


@pytest.mark.parametrize(
    ("reply", "status"), [(RIGHT, "verified"), (WRONG, "failed"), (BROKEN, "failed")]
)
def test_generate(bench: Bench, reply: str, status: str) -> None:
    result = generate(bench, reply, flags=ONE_EACH)
    assert result["status"] == status
    check("run", result)


def test_generate_compiled_and_error(bench: Bench) -> None:
    (bench.folder / "test_inv.py").unlink()
    compiled, dry = generate(bench, RIGHT), generate(bench)
    (bench.folder / "inv.spec.md").write_text("")
    empty = generate(bench, RIGHT)
    assert [r["status"] for r in (compiled, dry, empty)] == ["compiled", "error", "error"]
    for result in (compiled, dry, empty):
        check("run", result)


def test_repair(bench: Bench) -> None:
    bench.write("inv.v", inverter("a"))
    script = ("--generator", bench.script(RIGHT), "--reflector", "rules", "--json")
    check("run", bench.run("repair", "inv.v", "--tests", "test_inv.py", *script).json)


def test_every_event_and_the_journal(bench: Bench) -> None:
    reflection = {"root_cause": "no `~`", "lines": [2], "edits": None, "instruction": "invert"}
    reflector = bench.script(*[json.dumps(reflection)] * 3, name="reflections.json")
    generator = bench.script("no code", BROKEN, WRONG, RIGHT)
    argv = ("generate", "inv.spec.md", "--generator", generator, "--reflector", reflector)
    lines = bench.run(*argv, "--events").out.splitlines()
    events = [json.loads(line) for line in lines]
    for event in events:
        check("event", event)
    kinds = {event["type"] for event in events}
    assert kinds >= {"rejected", "compiled", "simulated", "reflected", "iteration_finished"}
    check("run", events[-1]["result"])
    check("runs-list", bench.run("runs", "list", "--json").json)
    check("runs-show", bench.run("runs", "show", "last", "--json").json)
    check("runs-export", bench.run("runs", "export", "last", "--json").json)
    check("run", bench.run("runs", "replay", "last", "--json").json)


@pytest.mark.parametrize("rtl", [inverter(), inverter("a"), "module inv(; endmodule\n"])
def test_check_and_simulate(bench: Bench, rtl: str) -> None:
    bench.write("inv.v", rtl)
    check("check", bench.run("check", "inv.v", "--json").json)
    simulated = bench.run("simulate", "inv.v", "--tests", "test_inv.py", "--json")
    check("simulate", simulated.json)


@pytest.mark.parametrize(
    ("argv", "schema"),
    [
        (["generate", "--json"], "run"),
        (["generate", "inv.spec.md", "--seed", "x", "--events"], "event"),
        (["repair", "--json"], "run"),
        (["edit", "inv.v", "--json"], "run"),
        (["check", "--json"], "check"),
        (["simulate", "inv.v", "--json"], "simulate"),
    ],
)
def test_wrong_usage_is_the_commands_own_object(bench: Bench, argv: list[str], schema: str) -> None:
    ran = bench.run(*argv)
    check(schema, ran.json)
    result = ran.json.get("result", ran.json)
    assert ran.code == 2
    assert ran.err == f"spec2rtl: {result['message']}\n"
    if schema not in {"check", "simulate"}:
        assert (result["task"], result["status"], result["rtl"]) == (argv[0], "error", "")


def test_what_could_not_be_done(bench: Bench) -> None:
    check("check", bench.run("check", "none.v", "--json").json)
    check("simulate", bench.run("simulate", "none.v", "--tests", "none.py", "--json").json)
    event = bench.run("generate", "none.spec.md", "--events").json
    check("event", event)
    assert (event["type"], event["result"]["status"]) == ("run_finished", "error")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["nothing", "--json"], "'nothing'"),
        (["runs", "show", "none", "--json"], "no run"),
        (["runs", "replay", "none", "--events"], "no run"),
        (["models", "path", "none", "--json"], "none"),
        (["models", "path", "qwen2.5-coder-0.5b-instruct", "--json"], "models pull"),
    ],
)
def test_a_refusal_is_one_object_too(bench: Bench, argv: list[str], says: str) -> None:
    ran = bench.run(*argv)
    check("error", ran.json)
    assert ran.code == 2
    assert says in ran.json["message"]
    assert ran.err == f"spec2rtl: {ran.json['message']}\n"


def test_models_and_doctor(bench: Bench) -> None:
    check("models-list", bench.run("models", "list", "--json").json)
    check("doctor", bench.run("doctor", "--json").json)
