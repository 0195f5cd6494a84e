"""The JSON Schemas of every `--json` object and of the events, from their types."""

import json
from pathlib import Path

import msgspec

from spec2rtl.checks import Checked, SimulationResult
from spec2rtl.cli.models import ModelInfo, ModelList
from spec2rtl.cli.refused import Refusal
from spec2rtl.cli.runs import Exported
from spec2rtl.doctor import Report
from spec2rtl.evals.report import Report as EvalReport
from spec2rtl.events import Event, Result
from spec2rtl.journal.views import RunList, RunShown
from spec2rtl.mutation import MutationReport
from spec2rtl.writing import TestsWritten

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"

SCHEMAS: dict[str, object] = {
    "run": Result,
    "event": Event,
    "check": Checked,
    "simulate": SimulationResult,
    "tests": TestsWritten,
    "tests-against": MutationReport,
    "runs-list": RunList,
    "runs-show": RunShown,
    "runs-export": Exported,
    "models-list": ModelList,
    "models-path": ModelInfo,
    "doctor": Report,
    "eval": EvalReport,
    "error": Refusal,
}


def schema(name: str) -> str:
    """The text of one schema file."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(draft | msgspec.json.schema(SCHEMAS[name]), indent=2) + "\n"
