"""What an evaluation found, with its uncertainty: pure."""

from collections.abc import Iterable, Sequence
from math import comb, sqrt
from statistics import fmean, median

from msgspec import Struct

from spec2rtl.chat import Usage
from spec2rtl.evals.record import Plan, Record, Verdict

Z = 1.959963984540054
"""The normal quantile of a two-sided interval of 95 %."""


class Outcome(Struct, frozen=True):
    """One problem: passed if a sample passed, errored if no sample could be judged."""

    id: str
    difficulty: str
    verdict: Verdict
    reason: str
    seconds: float
    samples: int
    passes: int
    compiles: bool | None


class PassAt(Struct, frozen=True):
    """The unbiased pass@k over the problems with k samples judged, with its interval."""

    rate: float
    interval: tuple[float, float]
    problems: int


class Share(Struct, frozen=True):
    """Counts of problems; the rate is pass@1 of those that could be judged, with its interval.

    `errored` problems are in `total` but not in the rate: they say nothing of the designs. With
    several samples a problem is `passed` where one of them did; `pass_at` maps k to pass@k.
    """

    total: int
    passed: int
    failed: int
    errored: int
    pass_rate: float | None
    interval: tuple[float, float]
    pass_at: dict[str, PassAt] = {}


class Effort(Struct, frozen=True):
    """What generating took: tokens, US dollars (None: unknown), seconds and iterations."""

    generator: Usage
    reflector: Usage
    seconds: float
    iterations: float
    iterations_to_first_pass: float | None


class Simulator(Struct, frozen=True):
    """The versions that the verdicts hold for."""

    iverilog: str
    cocotb: str


class Report(Struct, frozen=True):
    """The object of `eval --json`; `pass_at` maps k to the unbiased pass@k."""

    problems: tuple[Outcome, ...]
    summary: Share
    simulator: Simulator
    generator: str | None
    reflector: str | None
    seed: int
    benchmark: str
    dataset: str
    candidates: str | None
    loop: str | None
    feedback: str | None
    policy: str | None
    evidence: str | None
    samples: int
    by_difficulty: dict[str, Share]
    pass_at: dict[str, float]
    compile_rate: float | None
    effort: Effort | None
    seconds: float
    warnings: tuple[str, ...] = ()


def wilson(rate: float, count: int) -> tuple[float, float]:
    """Wilson's score interval of 95 % for a share of `count`."""
    if count == 0:
        return 0.0, 1.0
    z2 = Z * Z
    middle = (rate + z2 / (2 * count)) / (1 + z2 / count)
    half = Z / (1 + z2 / count) * sqrt(rate * (1 - rate) / count + z2 / (4 * count * count))
    return round(max(0.0, middle - half), 6), round(min(1.0, middle + half), 6)


def pass_at(k: int, samples: int, passes: int) -> float:
    """The unbiased estimate that one of `k` samples passes, from `passes` of `samples`."""
    return 1.0 - comb(samples - passes, k) / comb(samples, k)


def build(
    plan: Plan, records: Sequence[Record], *, seconds: float, warnings: Iterable[str] = ()
) -> Report:
    """Fold the records; problems come in the order of their first record."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.id, []).append(record)
    outcomes = tuple(_outcome(group) for group in groups.values())
    levels = dict.fromkeys(o.difficulty for o in outcomes if o.difficulty)
    known = [r.compiles for r in records if r.compiles is not None]
    generated = plan.generator is not None
    summary = _share(outcomes, plan.samples)
    return Report(
        problems=outcomes,
        summary=summary,
        simulator=Simulator(plan.iverilog, plan.cocotb),
        generator=plan.generator,
        reflector=plan.reflector,
        seed=plan.seed,
        benchmark=plan.benchmark,
        dataset=plan.dataset,
        candidates=plan.candidates,
        loop=plan.loop if generated else None,
        feedback=plan.feedback if generated else None,
        policy=plan.policy,
        evidence=plan.evidence if generated else None,
        samples=plan.samples,
        by_difficulty={
            d: _share([o for o in outcomes if o.difficulty == d], plan.samples) for d in levels
        },
        pass_at={k: found.rate for k, found in summary.pass_at.items()},
        compile_rate=fmean(known) if known else None,
        effort=_effort(records),
        seconds=seconds,
        warnings=tuple(warnings),
    )


def _outcome(group: list[Record]) -> Outcome:
    judged = [r for r in group if r.verdict != "errored"]
    passed = [r for r in group if r.verdict == "passed"]
    shown = (passed or judged or group)[0]
    compiles = [r.compiles for r in group if r.compiles is not None]
    return Outcome(
        id=shown.id,
        difficulty=shown.difficulty,
        verdict=shown.verdict,
        reason=shown.reason,
        seconds=round(sum(r.seconds for r in group), 3),
        samples=len(judged),
        passes=len(passed),
        compiles=any(compiles) if compiles else None,
    )


def _share(outcomes: Sequence[Outcome], samples: int) -> Share:
    count = {
        verdict: sum(o.verdict == verdict for o in outcomes)
        for verdict in ("passed", "failed", "errored")
    }
    rates = [o.passes / o.samples for o in outcomes if o.samples]
    rate = fmean(rates) if rates else None
    return Share(
        total=len(outcomes),
        passed=count["passed"],
        failed=count["failed"],
        errored=count["errored"],
        pass_rate=rate,
        interval=wilson(rate or 0.0, len(rates)),
        pass_at=_pass_at(outcomes, samples),
    )


def _pass_at(outcomes: Sequence[Outcome], samples: int) -> dict[str, PassAt]:
    """For 1, 2, 4, … and the number of samples, over the problems with that many judged."""
    found: dict[str, PassAt] = {}
    powers = [1 << n for n in range(samples.bit_length()) if 1 << n < samples]
    for k in [*powers, samples]:
        enough = [o for o in outcomes if o.samples >= k]
        if enough:
            rate = fmean(pass_at(k, o.samples, o.passes) for o in enough)
            found[str(k)] = PassAt(rate, wilson(rate, len(enough)), len(enough))
    return found


def _effort(records: Sequence[Record]) -> Effort | None:
    runs = [(r, r.generation) for r in records if r.generation]
    if not runs:
        return None
    first = [g.first_good for r, g in runs if r.verdict == "passed" and g.first_good]
    return Effort(
        generator=sum((g.usage.generator for _, g in runs), Usage()),
        reflector=sum((g.usage.reflector for _, g in runs), Usage()),
        seconds=round(sum(g.seconds for _, g in runs), 3),
        iterations=fmean(g.iterations for _, g in runs),
        iterations_to_first_pass=median(first) if first else None,
    )


def markdown(report: Report) -> str:
    """Write the report as a short Markdown page."""
    who = report.generator or report.candidates
    passed = "passed in a sample" if report.samples > 1 else "passed"
    lines = [f"# {report.benchmark}: {who}", ""]
    if report.generator:
        tests = {
            "harness": "**the benchmark's own tests were shown to the loop** (feedback `harness`)",
            "none": "no prompt saw the benchmark's tests (feedback `none`)",
        }
        lines += [
            f"Loop `{report.loop}`, reflector `{report.reflector}`, seed {report.seed}, "
            f"{report.samples} sample(s) a problem; {tests[report.feedback or 'none']}. "
            + (f"Policy `{report.policy}`, evidence `{report.evidence}`." if report.policy else ""),
            "",
        ]
    lines += [
        f"iverilog {report.simulator.iverilog}, cocotb {report.simulator.cocotb}. The rate is "
        "pass@1 of the problems that could be judged, with Wilson's interval of 95 %.",
        "",
        f"| | problems | {passed} | failed | errored | rate | interval |",
        "|---|---|---|---|---|---|---|",
        _row("all", report.summary),
        *(_row(name, share) for name, share in report.by_difficulty.items()),
        "",
        *_figures(report),
        "| problem | verdict | passes | seconds | reason |",
        "|---|---|---|---|---|",
    ]
    for problem in report.problems:
        reason = " ".join(problem.reason.split()).replace("|", "\\|")[:160]
        lines.append(
            f"| {problem.id} | {problem.verdict} | {problem.passes}/{problem.samples} "
            f"| {problem.seconds:.1f} | {reason} |"
        )
    return "\n".join(lines) + "\n"


def _row(name: str, share: Share) -> str:
    rate = "–" if share.pass_rate is None else f"{share.pass_rate:.1%}"
    low, high = share.interval
    counts = f"{share.total} | {share.passed} | {share.failed} | {share.errored}"
    return f"| {name} | {counts} | {rate} | {low:.1%} to {high:.1%} |"


def _passes(k: str, found: PassAt) -> str:
    low, high = found.interval
    return f"pass@{k} {found.rate:.1%} ({low:.1%} to {high:.1%})"


def _figures(report: Report) -> list[str]:
    rates = [_passes(k, found) for k, found in report.summary.pass_at.items()]
    if report.compile_rate is not None:
        rates.append(f"compiles {report.compile_rate:.1%}")
    parts = filter(None, (", ".join(rates), f"{report.seconds:.0f} s in all."))
    lines = ["; ".join(parts), ""]
    if report.samples > 1:
        for name, share in report.by_difficulty.items():
            shown = ", ".join(_passes(k, found) for k, found in share.pass_at.items())
            lines += [f"{name}: {shown}.", ""]
    if effort := report.effort:
        tokens = effort.generator + effort.reflector
        cost = "unknown" if tokens.cost_usd is None else f"{tokens.cost_usd:.4f} USD"
        first = effort.iterations_to_first_pass
        lines += [
            f"{tokens.prompt_tokens} tokens read ({tokens.cached_tokens} of them cached), "
            f"{tokens.completion_tokens} written, cost {cost}, {effort.seconds:.0f} s generating; "
            f"{effort.iterations:.1f} iterations a run, "
            f"{'–' if first is None else f'{first:g}'} to the first pass (median).",
            "",
        ]
    return lines
