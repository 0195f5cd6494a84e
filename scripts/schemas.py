"""Write the JSON Schemas of every `--json` object and of the events from their types.

python -m scripts.schemas           writes docs/schemas
python -m scripts.schemas --check   fails when they have drifted
"""

import json
import sys
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


def drifted() -> list[str]:
    """The schemas whose file does not say what the types say."""
    found = {path.stem: path.read_text() for path in FOLDER.glob("*.json")}
    return sorted(
        name for name in SCHEMAS | found if name not in SCHEMAS or found.get(name) != schema(name)
    )


def main() -> int:
    """Write or check."""
    if "--check" in sys.argv:
        stale = drifted()
        if stale:
            sys.stderr.write(f"docs/schemas: {', '.join(stale)} drifted: run `make schemas`\n")
        return bool(stale)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (FOLDER / f"{name}.json").write_text(schema(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
