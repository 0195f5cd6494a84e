"""Diagnoses without a model: the frequent faults of RTL, and their mechanical repair.

Each rule is a function in the table of its kind: declarations, syntax, behaviour. Compile faults
are looked for in the order of the compiler's errors, all certain repairs are made at once, and
behaviour is looked at only in what compiles.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice

from spec2rtl.repair.behaviour_faults import behaviour_findings
from spec2rtl.repair.declaration_faults import declaration_findings
from spec2rtl.repair.dialect_faults import verilog_findings
from spec2rtl.repair.edits import Splice, as_edits
from spec2rtl.repair.reflection import Reflection
from spec2rtl.repair.situation import Finding, Situation
from spec2rtl.repair.syntax_faults import syntax_findings
from spec2rtl.rtl import Diagnostic, Language, TestResult
from spec2rtl.spec.model import Spec
from spec2rtl.syntax.dialect import SYSTEMVERILOG
from spec2rtl.syntax.modules import modules


def diagnose(
    rtl: str,
    diagnostics: Sequence[Diagnostic],
    tests: Sequence[TestResult],
    *,
    module: str,
    language: Language,
    spec: Spec | None,
) -> Reflection | None:
    """Explain why a candidate fails; None when no rule knows."""
    case = Situation(
        rtl,
        modules(rtl),
        module,
        language,
        errors=tuple(islice((d for d in diagnostics if d.severity == "error"), _MOST)),
        failed=tuple(t for t in tests if t.failed),
        spec=spec,
    )
    findings: Iterable[Finding] = ()
    if case.errors:
        findings = chain(syntax_findings(case), declaration_findings(case))
    elif case.failed:
        findings = behaviour_findings(case)
    elif any(d.code == SYSTEMVERILOG for d in diagnostics):
        findings = verilog_findings(case)
    return _reflection(rtl, islice(findings, _MOST))


_SHOWN = 4
_MOST = 200
"""Errors that are looked at, and what is found, at once: what is left has a turn of its own."""


def _reflection(rtl: str, findings: Iterable[Finding]) -> Reflection | None:
    """The certain repairs together, else the first fault with its instruction."""
    found = list(dict.fromkeys(findings))
    certain = [f for f in found if f.splices]
    chosen = certain or found[:1]
    if not chosen:
        return None
    causes = list(dict.fromkeys(f.cause for f in chosen))
    more = f" (and {len(causes) - _SHOWN} more)" if len(causes) > _SHOWN else ""
    instructions = [f.instruction for f in chosen if f.instruction]
    splices = _compatible(certain)
    return Reflection(
        root_cause=" ".join(causes[:_SHOWN]) + more,
        lines=tuple(sorted({f.line for f in chosen})),
        edits=as_edits(rtl, splices) if splices else None,
        instruction=" ".join(dict.fromkeys(instructions)) or None,
    )


def _compatible(findings: Iterable[Finding]) -> list[Splice]:
    """The splices of all findings, but not of one that touches what an earlier one changes."""
    kept: list[Splice] = []
    for finding in findings:
        new = [s for s in finding.splices if s not in kept]
        if not any(s.start < k.end and k.start < s.end for s in new for k in kept):
            kept += new
    return kept
