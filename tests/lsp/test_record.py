import json
from collections.abc import Callable
from pathlib import Path

from spec2rtl.syntax.testbench import GENERATED
from spec2rtl.verdict import AGREES
from tests.lsp.client import Client, uri
from tests.lsp.conftest import GOOD

REFLECTION = {
    "root_cause": "The counter counts by two.",
    "edits": [{"search": "4'd2", "replace": "4'd1"}],
}


async def test_a_repair_that_agrees_with_generated_tests_is_recorded_as_no_more(
    client: Client, folder: Path, script: Callable[..., str]
) -> None:
    tests = folder / "test_counter.py"
    tests.write_text(f"{GENERATED}\n{tests.read_text()}")
    await client.begin(folder)
    rtl = folder / "counter.v"
    client.open(rtl, GOOD.replace("4'd1", "4'd2"))
    await client.command("reflect", uri=uri(rtl), reflector=script(json.dumps(REFLECTION)))
    (run,) = (await client.command("runs"))["runs"]
    result = (await client.command("run", run_id=run["run_id"]))["result"]
    assert (result["status"], result["message"]) == ("compiled", AGREES)
