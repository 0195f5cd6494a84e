"""The text of macOS' profile: what it allows. It can only be run there, and never was by us."""

import re
from pathlib import Path

import pytest

from spec2rtl.process.sandbox import Binds
from spec2rtl.process.seatbelt import Seatbelt

Expression = str | list["Expression"]

OPERATIONS = {
    "process-fork",
    "process-exec",
    "sysctl-read",
    "signal",
    "mach-lookup",
    "file-read-metadata",
    "file-read*",
    "file-write*",
}
DEVICES = {f'"/dev/{name}"' for name in ("null", "zero", "random", "urandom")}


def read(profile: str) -> list[Expression]:
    """Read a profile, which is Scheme."""
    top: list[Expression] = []
    pending = [top]
    for word in re.findall(r'"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+', profile):
        if word == "(":
            inner: list[Expression] = []
            pending[-1].append(inner)
            pending.append(inner)
        elif word == ")":
            pending.pop()
        else:
            pending[-1].append(word)
    assert pending == [top], "brackets that nothing closes"
    return top


def rules(binds: Binds) -> list[tuple[set[str], list[list[str]]]]:
    """Each rule of a profile that allows: its operations, its filters."""
    argv = Seatbelt().wrap(["/bin/sh", "-c", ":"], binds)
    assert (argv[:2], argv[3:]) == (["sandbox-exec", "-p"], ["/bin/sh", "-c", ":"])
    version, default, *allowed = read(argv[2])
    assert (version, default) == (["version", "1"], ["deny", "default"])
    found: list[tuple[set[str], list[list[str]]]] = []
    for rule in allowed:
        assert isinstance(rule, list)
        assert rule[0] == "allow"
        names = {word for word in rule[1:] if isinstance(word, str)}
        found.append((names, [[str(w) for w in part] for part in rule if isinstance(part, list)]))
    return found


def places(operation: str, binds: Binds) -> set[str]:
    """Where an operation on files is allowed."""
    allowed = [filters for names, filters in rules(binds) if operation in names]
    assert all(allowed), "a rule without a place"
    return {path for filters in allowed for kind, path in filters if kind in ("literal", "subpath")}


def test_it_allows_nothing_but_what_a_program_needs_to_start() -> None:
    assert {name for names, _ in rules(Binds()) for name in names} == OPERATIONS


def test_it_writes_only_where_that_is_bound(tmp_path: Path) -> None:
    scratch, shown = tmp_path / "scratch", tmp_path / "shown"
    binds = Binds(read=(shown,), write=(scratch,))
    assert places("file-write*", binds) == {f'"{scratch}"', '"/dev/null"', '"/dev/zero"'}
    assert {f'"{shown}"', f'"{scratch}"', '"/usr"'} | DEVICES <= places("file-read*", binds)
    assert places("file-write*", Binds()) == {'"/dev/null"', '"/dev/zero"'}


def test_it_shows_no_folder_that_holds_the_users_own() -> None:
    home = Path.home()
    shown = {Path(path.strip('"')) for path in places("file-read*", Binds())} - {Path("/")}
    assert not [path for path in shown if home.is_relative_to(path)]
    # `/` itself is listed, nothing below it.
    assert ["literal", '"/"'] in [f for _, filters in rules(Binds()) for f in filters]


@pytest.mark.parametrize("name", ['a "quoted" one', "back\\slash", "(allow network*)", "größe 变"])
def test_a_strange_name_is_one_path(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    found = places("file-write*", Binds(write=(folder,)))
    assert found == {f'"{quoted}"', '"/dev/null"', '"/dev/zero"'}
