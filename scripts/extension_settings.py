"""The extension's settings, as the server describes them, in its package.json."""

import json
from pathlib import Path
from typing import Any

import msgspec

from spec2rtl.config.settings import SettingDoc, describe, types

PACKAGE = Path(__file__).parent.parent / "client-vscode" / "package.json"

OWN: dict[str, dict[str, Any]] = {
    "spec2rtl.enable": {
        "type": "boolean",
        "default": True,
        "scope": "window",
        "markdownDescription": "Whether the language server runs. Off: nothing is checked, shown or run until it is turned on again.",
    },
    "spec2rtl.stream": {
        "type": "string",
        "enum": ["editor", "preview"],
        "enumDescriptions": [
            "Into the editor of the file that is generated: one step to undo.",
            "Into a preview; the file gets the verified result.",
        ],
        "default": "editor",
        "scope": "window",
        "markdownDescription": "Where RTL is shown while it is being written.",
    },
    "spec2rtl.server.command": {
        "type": "string",
        "default": "",
        "scope": "machine",
        "markdownDescription": "The program `spec2rtl` to use as server; empty: found by itself.",
    },
    "spec2rtl.server.python": {
        "type": "string",
        "default": "",
        "scope": "machine",
        "markdownDescription": "A Python that has the package spec2rtl, to use as server.",
    },
    "spec2rtl.trace.server": {
        "type": "string",
        "enum": ["off", "messages", "verbose"],
        "default": "off",
        "scope": "window",
        "markdownDescription": "What of the traffic with the server the output channel shows.",
    },
}
"""The settings that only the client knows."""


def setting_schema(setting: SettingDoc) -> dict[str, Any]:
    """One setting as VS Code shows it; what a workspace may not set has the scope `machine`."""
    free = setting.workspace == "may"
    return {
        **_type(setting),
        "default": _default(setting),
        "scope": "resource" if free else "machine",
        "markdownDescription": setting.description,
    }


def _type(setting: SettingDoc) -> dict[str, Any]:
    if setting.kind == "pairs":
        return {"type": "object", "additionalProperties": {"type": ["string", "number"]}}
    if setting.kind == "paths":
        return {"type": "array", "items": {"type": "string"}}
    schema = msgspec.json.schema(types()[setting.name])
    options = schema.get("anyOf", [schema])
    found = dict(next(option for option in options if option.get("type") != "null"))
    found.pop("minLength", None)
    found.pop("default", None)
    if "enum" in found:
        found["type"] = "string"
    elif setting.default is None and found["type"] != "string":
        found["type"] = [found["type"], "null"]
    return found


def _default(setting: SettingDoc) -> Any:
    if setting.kind == "pairs":
        return {}
    if setting.kind == "paths":
        return []
    if setting.default is None and _type(setting)["type"] == "string":
        return ""
    value = setting.default
    return int(value) if isinstance(value, float) and value.is_integer() else value  # as in npm's


def properties() -> dict[str, dict[str, Any]]:
    """All settings, in the order in which they are shown."""
    served = {f"spec2rtl.{doc.in_editor}": setting_schema(doc) for doc in describe()}
    ordered = enumerate({**served, **OWN}.items())
    return {name: {**setting, "order": place} for place, (name, setting) in ordered}


def text() -> str:
    """package.json with today's settings."""
    data = json.loads(PACKAGE.read_text("utf-8"))
    found = properties()
    data["contributes"]["configuration"] = {"title": "Spec2RTL", "properties": found}
    data["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = [
        name for name, setting in found.items() if setting["scope"] == "resource"
    ]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
