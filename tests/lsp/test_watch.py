"""Files that change outside of an editor that can't watch them."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from lsprotocol import types

from spec2rtl.lsp.index import Index
from spec2rtl.lsp.watch import MOST_WATCHES, covering
from tests.lsp.client import Client, capabilities, uri
from tests.lsp.test_diagnostics import errors

CANNOT_WATCH = capabilities(workspace__didChangeWatchedFiles=None)
LEAF = "module leaf(input a); endmodule\n"
TOP = "module top(input a);\n  leaf l(.a(a));\nendmodule\n"


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)


@pytest.mark.parametrize(
    ("folders", "excluded", "expected"),
    [
        ((), (), {".": True}),
        (("rtl/a/b", "sim"), (), {".": True}),
        ((".git/objects", "rtl/a"), (), {".": False, "rtl": True}),
        (
            ("ip/one/build/x", "ip/two", "rtl"),
            (),
            {".": False, "ip": False, "ip/one": False, "ip/two": True, "rtl": True},
        ),
        (("rtl", "fpga/out put"), ("fpga",), {".": False, "rtl": True}),
        (("node_modules/a", "venv"), (), {".": False}),
    ],
)
def test_covering(
    tmp_path: Path, folders: tuple[str, ...], excluded: tuple[str, ...], expected: dict[str, bool]
) -> None:
    make(tmp_path, *folders)
    index = Index()
    index.confine([tmp_path], [tmp_path / name for name in excluded])
    found = covering(tmp_path, index.ignores)
    assert {path.relative_to(tmp_path).as_posix(): deep for path, deep in found} == expected


def test_covering_is_bounded(tmp_path: Path) -> None:
    make(tmp_path, *(f"ip/block{n}/build" for n in range(MOST_WATCHES + 10)))
    index = Index()
    index.confine([tmp_path])
    assert covering(tmp_path, index.ignores) == [(tmp_path, False), (tmp_path / "ip", True)]


def watches(pid: int) -> int:
    """How many folders a process watches."""
    notes: list[str] = []
    for path in Path(f"/proc/{pid}/fdinfo").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            notes.append(path.read_text())
    return sum(len(re.findall(r"^inotify wd:", note, re.MULTILINE)) for note in notes)


async def test_twenty_thousand_files(client: Client, tmp_path: Path) -> None:
    root = tmp_path / "many files"
    for folder in ("rtl", "doc", ".git/objects", "build/a", "fpga", "ip/sim_build"):
        for part in range(20):
            inner = root / folder / f"part{part}"
            inner.mkdir(parents=True)
            for number in range(170):
                (inner / f"f{number}.txt").touch()
    (root / "spec2rtl.toml").write_text('exclude = ["fpga"]\n')
    await client.begin(root, caps=CANNOT_WATCH)
    top = root / "top.v"
    client.open(top, TOP)
    await client.published(top, lambda f: bool(errors(f)))
    client.forget()
    (root / "rtl/part7/leaf.v").write_text(LEAF)
    await client.published(top, lambda f: f == [])
    assert client.server_pid
    # The folder itself and `ip`; `rtl` and `doc` with the twenty in each.
    assert watches(client.server_pid) == 2 + 2 * 21


async def test_folders_that_come_go_and_are_ignored(client: Client, tmp_path: Path) -> None:
    make(tmp_path, ".git", "build")
    (tmp_path / "build/leaf.v").write_text(LEAF)
    await client.begin(tmp_path, caps=CANNOT_WATCH)
    top = tmp_path / "top.v"
    client.open(top, TOP)
    await client.published(top, lambda f: bool(errors(f)))
    client.forget()
    make(tmp_path, "new/deep")
    (tmp_path / "new/deep/leaf.v").write_text(LEAF)
    await client.published(top, lambda f: f == [])
    client.forget()
    (tmp_path / "new").rename(tmp_path.parent / "elsewhere")
    await client.published(top, lambda f: bool(errors(f)))


async def test_what_is_excluded_is_not_read(client: Client, tmp_path: Path) -> None:
    make(tmp_path, "old")
    (tmp_path / "old/leaf.v").write_text(LEAF)
    await client.begin(tmp_path)
    top = tmp_path / "top.v"
    client.open(top, TOP)
    await client.published(top, lambda f: f == [])
    client.forget()
    client.settings = {"exclude": ["old"]}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    await client.published(top, lambda f: bool(errors(f)))


async def test_renamed_and_deleted_in_the_editor(client: Client, tmp_path: Path) -> None:
    make(tmp_path, "a")
    (tmp_path / "a/leaf.v").write_text(LEAF)
    await client.begin(tmp_path)
    top = tmp_path / "top.v"
    client.open(top, TOP)
    await client.published(top, lambda f: f == [])
    (tmp_path / "a").rename(tmp_path / "build")  # a folder of tools' output is not looked into
    client.forget()
    moved = types.FileRename(uri(tmp_path / "a"), uri(tmp_path / "build"))
    client.workspace_did_rename_files(types.RenameFilesParams([moved]))
    await client.published(top, lambda f: bool(errors(f)))
    client.forget()
    (tmp_path / "build").rename(tmp_path / "b")
    back = types.FileRename(uri(tmp_path / "build"), uri(tmp_path / "b"))
    client.workspace_did_rename_files(types.RenameFilesParams([back]))
    await client.published(top, lambda f: f == [])
    client.forget()
    (tmp_path / "b/leaf.v").unlink()
    (tmp_path / "b").rmdir()
    gone = types.FileDelete(uri(tmp_path / "b"))
    client.workspace_did_delete_files(types.DeleteFilesParams([gone]))
    await client.published(top, lambda f: bool(errors(f)))


async def test_folders_that_come_and_go(client: Client, tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    make(tmp_path, "mine", "other")
    (other / "leaf.v").write_text(LEAF)
    await client.begin(mine)
    top = mine / "top.v"
    client.open(top, TOP)
    await client.published(top, lambda f: bool(errors(f)))
    folder = [types.WorkspaceFolder(uri(other), "other")]
    for added, removed in ((folder, []), ([], folder)):
        client.forget()
        event = types.WorkspaceFoldersChangeEvent(added, removed)
        client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        await client.published(top, lambda f, gone=bool(removed): bool(errors(f)) == gone)
