import json

from scripts import wire as twin
from spec2rtl.lsp import server, wire


def test_the_typescript_twin_has_not_drifted() -> None:
    assert not twin.drifted(), "run: python -m scripts.wire"


def test_every_command_is_served_and_typed() -> None:
    assert set(server.COMMANDS) == set(twin.ANSWERS)
    for name, (_, kind) in server.COMMANDS.items():
        assert twin.ANSWERS[name][0] == (kind.__name__ if kind else "void")


def test_names_are_constants() -> None:
    assert f"export const GENERATE = {json.dumps(wire.GENERATE)};" in twin.text()
