"""FuseSoC's `.core` files: sources and include folders of their filesets, macros of a target."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

from spec2rtl.eda.filelist import FileList
from spec2rtl.eda.sources import absolute, read_text
from spec2rtl.errors import InputError

_CONDITION = re.compile(r"^!?\w+\s*\?\s*\((.*)\)$")
"""`tool_icarus ? (file.v)`: taken whether or not the flag is set."""
_FLAGS = {"true": "1", "false": "0"}
_VERILOG = frozenset((".v", ".sv"))
_INCLUDED = frozenset((".vh", ".svh"))


def load_core(path: Path) -> FileList:
    """Read a core file; raises `InputError` for one that is no YAML."""
    text = read_text(path)
    try:
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or "not YAML"
        raise InputError(f"{path}{place}: not a FuseSoC core file: {why}") from None
    files: list[Path] = []
    folders: list[Path] = []
    for name, facts in _entries(content):
        file = absolute(path.parent / name)
        if facts.get("is_include_file") or file.suffix in _INCLUDED:
            folder = facts.get("include_path")
            folders.append(absolute(path.parent / str(folder)) if folder else file.parent)
        elif file.suffix in _VERILOG:
            files.append(file)
    defines = dict(_defines(content))
    return FileList(
        tuple(dict.fromkeys(files)),
        tuple(dict.fromkeys(folders)),
        tuple(defines.items()),
        nested=(path,),
    )


def _entries(content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The files of all filesets, each with what is said of it."""
    for fileset in _dict(_dict(content).get("filesets")).values():
        listed = _dict(fileset).get("files")
        for entry in cast("list[Any]", listed) if isinstance(listed, list) else []:
            if isinstance(entry, dict):
                for name, facts in cast("dict[Any, Any]", entry).items():
                    yield _plain(str(name)), _dict(facts)
            else:
                yield _plain(str(entry)), {}


def _defines(content: Any) -> Iterator[tuple[str, str]]:
    """The macros that the default target asks for, with its values or their own."""
    known = _dict(_dict(content).get("parameters"))
    asked = _dict(_dict(_dict(content).get("targets")).get("default")).get("parameters")
    for entry in cast("list[Any]", asked) if isinstance(asked, list) else []:
        name, _, value = _plain(str(entry)).partition("=")
        facts = _dict(known.get(name))
        value = value or str(facts.get("default", ""))
        if facts.get("datatype") == "bool":
            value = _FLAGS.get(value.lower(), value)
        if facts.get("paramtype") == "vlogdefine" and value:
            yield name, value


def _plain(name: str) -> str:
    match = _CONDITION.match(name.strip())
    return match[1].strip() if match else name.strip()


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
