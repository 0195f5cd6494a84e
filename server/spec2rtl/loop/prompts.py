"""The words that the models are given.

Every prompt begins with the same messages for one run (system and task), so that a backend can
reuse what it has read of them; what changes comes last. Nothing here knows a hidden test: the
only tests a prompt can show are those of the job.
"""

import re
from collections.abc import Sequence
from pathlib import PurePath

from msgspec import Struct, structs

from spec2rtl.chat import Message, Prompt
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.repair.reflection import Reflection, schema
from spec2rtl.rtl import (
    Diagnostic,
    Interface,
    SimulationReport,
    Testbench,
    TestResult,
    split_lines,
)
from spec2rtl.spec.header import header
from spec2rtl.spec.model import Spec

SHOWN_FAULTS = 12
"""Diagnostics or failing tests shown at most: the first ones cause the rest."""
SHOWN_HISTORY = 3
MOST_ASKED = 2
"""Rounds of questions to a recording."""
LOG_TAIL = 2_000
"""Characters of simulation output shown at most."""

GENERATOR = (
    "You are an expert RTL designer. You write synthesizable {language} that compiles with Icarus "
    "Verilog (-g2012) and passes its tests. You answer with code in one fenced block and nothing "
    "else."
)
REFLECTOR = (
    "You are an expert in RTL verification. You find the root cause of a failure in a {language} "
    "design from its specification, its test bench and fresh evidence. The specification and the "
    "test bench are right; only the design may change. Give the repair as exact search/replace "
    "edits where it is small and certain (each search text must occur exactly once in the design, "
    "without the line numbers), else as one clear instruction to the designer."
)
ASK_FIRST = (
    " Where the recording can settle a doubt, ask it first: put questions into `queries` and leave "
    "the rest empty."
)
LANGUAGES = {"verilog": "Verilog-2001", "systemverilog": "SystemVerilog"}
WHOLE_OR_BLOCKS = (
    "Answer with the whole module `{module}` in one fenced block, or with search/replace blocks "
    "whose search text occurs exactly once:\n"
    "<<<<<<< SEARCH\nold lines\n=======\nnew lines\n>>>>>>> REPLACE"
)


_REGISTERS = re.compile(
    r"\boutput\s+reg\b\s*(?:signed\b\s*)?(?:\[[^\]\n]*\]\s*)?([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)"
)


class Asked(Struct, frozen=True):
    """Questions that the reflector put to a recording, as it wrote them, and their answers."""

    reply: str
    answers: str


class Past(Struct, frozen=True):
    """An earlier attempt of the run, in short."""

    summary: str
    diagnosis: str | None


def first(job: Job, *, prefill: bool) -> Prompt:
    """Ask for the first candidate; `prefill`: the reply begins with the known header."""
    prefix = ""
    if prefill and job.interface:
        prefix = f"```verilog\n{_head(job, job.interface)}\n"
    return Prompt(messages=_opening(job), prefix=prefix, stable=2)


def repair(
    job: Job, attempt: Attempt, reflection: Reflection | None, past: Sequence[Past]
) -> Prompt:
    """Ask for a repair of a candidate, shown as the model's own last turn."""
    rtl = attempt.rtl if attempt.rtl is not None else ""
    parts = [describe(job, attempt), *_explained(attempt)]
    if reflection:
        parts.append(f"Diagnosis: {reflection.root_cause}")
        if reflection.instruction:
            parts.append(f"Repair: {reflection.instruction}")
    if past:
        parts.append("Earlier attempts, which did not work either:\n" + _history(past))
    parts.append("Change as little as possible. " + WHOLE_OR_BLOCKS.format(module=job.module))
    turn = Message("assistant", _fence(rtl) if rtl else "(no usable code)")
    return Prompt(messages=(*_opening(job), turn, Message("user", "\n\n".join(parts))), stable=2)


def begun(prompt: Prompt, text: str) -> Prompt:
    """The same prompt with the reply begun: a search/replace block that replaces `text`."""
    return structs.replace(prompt, prefix=f"<<<<<<< SEARCH\n{text}\n=======\n")


def fresh(job: Job, attempt: Attempt, reflection: Reflection | None) -> Prompt:
    """Ask for a new start after the models went round in a circle.

    Only the specification, the test bench's interface and the latest diagnosis are kept.
    """
    lesson = reflection.root_cause if reflection else describe(job, attempt)
    text = (
        "Earlier attempts went round in a circle. Start afresh, with another approach.\n\n"
        f"What was wrong at last: {lesson}\n\n" + _ask(job)
    )
    system, task = _opening(job)
    return Prompt(messages=(system, Message("user", f"{task.content}\n\n{text}")), stable=1)


def reflect(
    job: Job, attempt: Attempt, past: Sequence[Past], asked: Sequence[Asked] = ()
) -> Prompt:
    """Ask the reflector for a diagnosis of a fresh failure; `asked` is what it wanted to know."""
    background = [_specification(job)]
    if job.instruction:
        background.append(f"Change request: {job.instruction}")
    if job.testbench:
        background.append(_testbench(job.testbench))
    background += _context(job)
    now: list[str] = []
    if attempt.rtl is not None:
        now.append(f"Design, with line numbers:\n{_fence(_numbered(attempt.rtl))}")
    now += [describe(job, attempt), *_explained(attempt)]
    if past:
        now.append("Earlier attempts:\n" + _history(past))
    asks = may_ask(attempt, asked)
    now.append("Find the root cause and give the repair." + (ASK_FIRST if asks else ""))
    turns = [
        turn
        for one in asked
        for turn in (Message("assistant", one.reply), Message("user", one.answers))
    ]
    system = Message("system", REFLECTOR.format(language=LANGUAGES[job.language]))
    return Prompt(
        messages=(
            system,
            Message("user", "\n\n".join(part for part in background if part)),
            Message("user", "\n\n".join(now)),
            *turns,
        ),
        schema=schema(recorded=asks),
        stable=2,
        temperature=0.0,
    )


def may_ask(attempt: Attempt, asked: Sequence[Asked]) -> bool:
    """Is there a recording that the reflector can still put questions to?"""
    return attempt.explained is not None and len(asked) < MOST_ASKED


def describe(job: Job, attempt: Attempt) -> str:
    """Say in words what is wrong with a candidate."""
    if attempt.why_unusable:
        return f"The reply could not be used: {attempt.why_unusable}"
    if attempt.compiled and not attempt.compiled.ok:
        faults = [d for d in attempt.compiled.diagnostics if d.severity == "error"]
        listed = "\n".join(_fault(job, d, attempt.rtl or "") for d in faults[:SHOWN_FAULTS])
        return f"It does not compile:\n{listed or attempt.compiled.log[-LOG_TAIL:]}"
    if attempt.simulated and attempt.simulated.status != "passed":
        return _simulation(attempt.simulated)
    unmet = [f"- {budget.says}" for budget in attempt.budgets if not budget.met]
    if unmet:
        return "\n".join(("It works, but a budget of the specification is not met:", *unmet))
    return "It compiles."


def _explained(attempt: Attempt) -> list[str]:
    """What the recording of the first failing test tells, as a screen of plain text."""
    if attempt.explained is None:
        return []
    return [f"The first failure, recorded:\n{_fence(attempt.explained.text, 'text')}"]


def summary(job: Job, attempt: Attempt) -> str:
    """Say in one line how an attempt ended."""
    return " ".join(describe(job, attempt).split())[:400]


def _opening(job: Job) -> tuple[Message, Message]:
    system = Message("system", GENERATOR.format(language=LANGUAGES[job.language]))
    if job.task == "generate":
        asks = ["Generate synthesizable Verilog RTL for the following specification."]
    elif job.task == "repair":
        asks = [
            f"Repair the module `{job.module}` so that it compiles and passes its tests. "
            "Change as little as possible."
        ]
    else:
        asks = [
            f"Change the module `{job.module}` as requested. Leave everything that the request "
            "does not touch as it is."
        ]
    parts = [*asks, _specification(job), *_context(job)]
    if job.task != "generate":
        parts.append(f"The file as it stands:\n{_fence(job.target.text)}")
    if job.task == "edit":
        parts.append(f"Change request: {job.instruction}")
    parts.append(_ask(job))
    return system, Message("user", "\n\n".join(part for part in parts if part))


def _ask(job: Job) -> str:
    if job.task != "generate":
        return WHOLE_OR_BLOCKS.format(module=job.module)
    text = f"Write the complete module `{job.module}` in {LANGUAGES[job.language]}."
    if job.interface:
        # Shown it as a frame to fill in, a small model was right less often (2 of 26, not 9 of 26),
        # though it goes on after a bare header with `begin`, which a rule mends.
        verilog = " (an output assigned in an always block also needs `reg`)"
        text += " It must begin with this header"
        text += verilog if job.language == "verilog" else ""
        text += f":\n{_fence(_head(job, job.interface))}"
    elif job.testbench and job.testbench.signals:
        text += f" Its tests use these ports: {', '.join(job.testbench.signals)}."
    return text


def _head(job: Job, interface: Interface) -> str:
    """The known header; an output is a `reg` where the specification calls it one."""
    said = job.spec.text if job.spec else ""
    registers = {n for line in _REGISTERS.findall(said) for n in re.findall(r"[A-Za-z_]\w*", line)}
    return header(interface, job.language, frozenset(registers))


def specification(spec: Spec) -> str:
    """The specification as a prompt gives it: its text, and what it says exactly once more."""
    return "\n\n".join([f"Specification:\n{spec.text.strip()}", *_exact(spec), *_timing(spec)])


def _timing(spec: Spec) -> list[str]:
    """Say in Verilog what registers wait for; a small model takes any reset for asynchronous."""
    if len(spec.clocks) != 1:
        return []
    clock = spec.clocks[0]
    edge = f"{'posedge' if clock.edge == 'rising' else 'negedge'} {clock.name}"
    told: list[str] = []
    for reset in spec.resets:
        if reset.active is None or reset.synchronous is None:
            continue
        own = f" or {'posedge' if reset.active == 'high' else 'negedge'} {reset.name}"
        event = edge if reset.synchronous else edge + own
        test = reset.name if reset.active == "high" else f"!{reset.name}"
        told.append(
            f"Registers that `{reset.name}` resets: `always @({event})`, `if ({test})` first."
        )
    return told


def _specification(job: Job) -> str:
    if job.spec is None:
        return ""
    budgets = "\n".join(f"- {require.text}" for require in job.requires)
    kept = f"\n\nThe design must keep to these budgets:\n{budgets}" if budgets else ""
    return specification(job.spec) + kept


def _exact(spec: Spec) -> list[str]:
    names = {
        "truth_table": "truth table",
        "karnaugh_map": "Karnaugh map",
        "waveform": "waveform",
        "state_table": "state machine",
    }
    return [f"The {names[e.kind]} above says exactly:\n{e.canonical}" for e in spec.exact]


def _testbench(bench: Testbench) -> str:
    """The whole test bench; a benchmark's own may be Verilog."""
    if bench.path.endswith(".py"):
        return f"Test bench (cocotb):\n{_fence(bench.text, 'python')}"
    return f"Test bench:\n{_fence(bench.text)}"


def _context(job: Job) -> list[str]:
    return [
        f"Another file of the design, which stays as it is:\n{_fence(source.text)}"
        for source in job.context.sources
    ]


def _fence(text: str, language: str = "verilog") -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _numbered(text: str) -> str:
    return "\n".join(f"{n:4} {line}" for n, line in enumerate(split_lines(text), 1))


def _fault(job: Job, diagnostic: Diagnostic, rtl: str) -> str:
    lines = split_lines(rtl)
    place = f"line {diagnostic.line}"
    if diagnostic.file != job.target.path:
        place = f"{PurePath(diagnostic.file).name}, {place}"  # which is not the model's to change
    elif 0 < diagnostic.line <= len(lines):
        place += f" (`{lines[diagnostic.line - 1].strip()[:120]}`)"
    return f"- {place}: {diagnostic.message}"


def _simulation(report: SimulationReport) -> str:
    words = {
        "timeout": "The simulation did not end in its time: look for an endless loop.",
        "memory": "The simulation ran out of memory.",
        "output_limit": "The simulation printed without end.",
    }
    failed = [t for t in report.tests if t.failed]
    passed = sum(t.status == "passed" for t in report.tests)
    parts = [words[report.reason]] if report.reason in words else []
    if report.tests:
        parts.append(f"It compiles; {passed} of {len(report.tests)} tests pass. Failures:")
        parts += [_failure(t) for t in failed[:SHOWN_FAULTS]]
    elif not parts:
        parts.append(f"The simulation failed ({report.reason}):\n{report.log[-LOG_TAIL:]}")
    return "\n".join(parts)


def _failure(test: TestResult) -> str:
    place = f", test bench line {test.line}" if test.line else ""
    when = f" at {test.time_ns:g} ns" if test.time_ns is not None else ""
    return f"- {test.name}{when}{place}: {test.message}"


def _history(past: Sequence[Past]) -> str:
    lines: list[str] = []
    for number, one in enumerate(past[-SHOWN_HISTORY:], 1):
        diagnosis = f" Diagnosis then: {one.diagnosis}" if one.diagnosis else ""
        lines.append(f"{number}. {one.summary}{diagnosis}")
    return "\n".join(lines)
