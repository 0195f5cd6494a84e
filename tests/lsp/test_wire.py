import json

from lsprotocol import types

from scripts import generated
from scripts import wire as twin
from spec2rtl.lsp import features, server, wire


def test_what_is_made_from_the_types_says_what_they_say() -> None:
    assert generated.drifted() == [], "run: make generated"


def test_every_command_is_served_and_typed() -> None:
    assert set(features.COMMANDS) == set(wire.ARGUMENTS) == set(twin.ANSWERS)


def test_every_method_that_is_announced_is_served() -> None:
    served = {*features.MESSAGES, *features.QUESTIONS}
    assert served == {*server.METHODS, types.TEXT_DOCUMENT_DIAGNOSTIC}


def test_names_are_constants() -> None:
    assert f"export const GENERATE = {json.dumps(wire.GENERATE)};" in twin.text()
