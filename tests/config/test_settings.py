import re

from spec2rtl.config.settings import Settings, describe

WORKSPACE_NEVER = {
    "endpoint",
    "sandbox",
    "iverilog",
    "vvp",
    "peft_device",
    "peft_precision",
    "peft_merge",
    "peft_max_tokens",
    "peft_idle_seconds",
}


def test_every_setting_is_described_once() -> None:
    settings = describe()
    assert [s.name for s in settings] == list(Settings.__struct_fields__)
    for s in settings:
        assert s.default == getattr(Settings(), s.name)
        assert s.variable == "SPEC2RTL_" + s.name.upper()
        assert s.description.endswith(".")
        assert s.expected
        assert not s.flag or re.fullmatch(r"-[A-Z]|--[a-z-]+", s.flag)


def test_what_a_workspace_may_never_set() -> None:
    assert {s.name for s in describe() if s.workspace == "never"} == WORKSPACE_NEVER


def test_expected() -> None:
    expected = {s.name: s.expected for s in describe()}
    assert expected["sandbox"] == "auto, off or require"
    assert expected["seed"] == "a whole number from 0 to 2147483647"
    assert expected["max_tokens"] == "a whole number from 1 up"
    assert expected["max_cost"] == "a number above 0"
    assert expected["remote"] == "true or false"
    assert expected["tests"] == "a path"
    assert expected["generator"] == "a backend"
