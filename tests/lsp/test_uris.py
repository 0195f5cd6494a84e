"""URIs as editors write them: the server names a document as the client does, however that is."""

import shutil
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from lsprotocol import types

from spec2rtl.lsp.documents import Documents, path_of, uri_of
from tests.lsp.client import CONVERTER, Client, applied, capabilities, edited
from tests.lsp.conftest import GOOD, NOT_A_REG

NAMES = [
    "A B",
    "x#y",
    "100%",
    "a%20b",
    "what?",
    "設計 😀",
    "a;b",
    "it's [1] (2) & $HOME",
    "C:",
    "e\u0301 \u00e9",
]
TOP = "module top(input clk, input rst, input en, output [3:0] n);\n  counter u(.clk(clk), .rst(rst), .en(en), .count(n));\nendmodule\n"


def as_vs_code(path: Path) -> str:
    return f"file://{quote(str(path))}"


def in_lower_case(path: Path) -> str:
    """The same with `%3a` for `%3A`."""
    first, *rest = as_vs_code(path).split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def in_full(path: Path) -> str:
    """Every character of the name as a code: ugly, and the same file."""
    return f"file://{quote(str(path.parent))}/" + "".join(f"%{b:02X}" for b in path.name.encode())


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/me/%E8%A8%AD%E8%A8%88/x%23y.v", "/home/me/設計/x#y.v"),
        ("file:///home/me/a;b.v", "/home/me/a;b.v"),
        ("file:///home/me/a%2Fb/../x%20y.v", "/home/me/a/x y.v"),
        ("file:///c%3A/Users/A%20B/x.v", "/c:/Users/A B/x.v"),
        ("file:///C%3a/Users/x.v", "/C:/Users/x.v"),
        ("file:///c:/x.v", "/c:/x.v"),
        ("file://localhost/home/x.v", "/home/x.v"),
        ("file:////home/x.v", "/home/x.v"),
        ("file:/home/x.v", "/home/x.v"),
        ("FILE:///home/x.v", "/home/x.v"),
        ("file://wsl.localhost/Debian/home/x.v", "//wsl.localhost/Debian/home/x.v"),
        ("file://wsl%24/Debian/home/x.v", "//wsl$/Debian/home/x.v"),
        ("file:///", "/"),
    ],
)
def test_paths(uri: str, path: str) -> None:
    assert str(path_of(uri)) == path
    assert path_of(uri_of(Path(path))) == Path(path)


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "git:/a/b.v?x",
        "vscode-remote://wsl+Debian/home/x.v",
        "file:",
        "",
        "file:///a%00b.v",
        "file://[/x.v",
    ],
)
def test_what_is_no_file(uri: str) -> None:
    assert path_of(uri) is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelled", [as_vs_code, in_lower_case, in_full])
def test_a_document_keeps_its_name(name: str, spelled: Callable[[Path], str]) -> None:
    path = Path("/w") / name / f"{name}.v"
    documents = Documents()
    documents.opened(types.TextDocumentItem(spelled(path), "verilog", 1, "x"))
    found = documents.at(path)
    assert found
    assert (found.uri, documents.uri(path)) == (spelled(path), spelled(path))
    assert documents.get(as_vs_code(path)) == found
    documents.closed(spelled(path))
    assert documents.at(path) is None
    assert documents.uri(path) == spelled(path)
    assert path_of(uri_of(path)) == path


def published(client: Client, uri: str, code: str | None) -> Awaitable[Any]:
    """Wait until that is what a document, by this very name, is said to have."""
    return client.until(
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
        lambda p: (
            p.uri == uri
            and (code in [d.code for d in p.diagnostics] if code else not p.diagnostics)
        ),
    )


def opened(client: Client, uri: str, text: str) -> types.TextDocumentIdentifier:
    item = types.TextDocumentItem(uri, "verilog", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return types.TextDocumentIdentifier(uri)


@pytest.mark.parametrize("name", NAMES)
async def test_a_folder_of_any_name(client: Client, folder: Path, name: str) -> None:
    work = folder.with_name(name)
    shutil.move(folder, work)
    rtl, tests, spec = (
        in_lower_case(work / n) for n in ("counter.v", "test_counter.py", "counter.spec.md")
    )
    (work / "counter.v").write_text(GOOD.replace("if (rst)", "if (en)"))
    client.settings = {"defines": {"X": "1"}}
    await client.begin(work, events=False)

    top = opened(client, in_full(work / "top.v"), TOP)
    await published(client, top.uri, None)
    definition = types.DefinitionParams(top, types.Position(1, 3))
    found = await client.text_document_definition_async(definition)
    assert isinstance(found, Sequence)
    assert [path_of(p.uri) for p in found if isinstance(p, types.Location)] == [work / "counter.v"]

    counter = opened(client, rtl, GOOD.replace("if (rst)", "if (en)"))
    opened(client, tests, (work / "test_counter.py").read_text())
    result = await client.command("simulate", uri=rtl)
    assert result["status"] == "failed"
    shown = await published(client, tests, "test-failed")
    assert {n.location.uri for d in shown.diagnostics for n in d.related_information or ()} == {rtl}
    shown = await published(client, rtl, "test-failed")
    assert {n.location.uri for d in shown.diagnostics for n in d.related_information or ()} == {
        tests
    }

    version = types.VersionedTextDocumentIdentifier(uri=rtl, version=2)
    whole = types.TextDocumentContentChangeWholeDocument(NOT_A_REG)
    client.text_document_did_change(types.DidChangeTextDocumentParams(version, [whole]))
    await published(client, tests, None)
    await published(client, rtl, "not-an-lvalue")
    here = types.Range(types.Position(0, 0), types.Position(0, 0))
    asks = types.CodeActionContext([], ["source.fixAll.spec2rtl"])
    params = types.CodeActionParams(counter, here, asks)
    fixes = await client.text_document_code_action_async(params)
    fix = CONVERTER.structure(msgspec.to_builtins(fixes)[0], types.CodeAction)
    assert (edited(fix.edit).text_document.uri, applied(fix.edit, NOT_A_REG)) == (rtl, GOOD)

    opened(client, spec, (work / "counter.spec.md").read_text())
    asked = types.ExecuteCommandParams("spec2rtl.specs")
    (state,) = msgspec.to_builtins(await client.workspace_execute_command_async(asked))["specs"]
    assert (state["uri"], state["target"]) == (spec, rtl)
    client.text_document_did_close(types.DidCloseTextDocumentParams(counter))
    await published(client, rtl, None)


async def test_a_folder_behind_a_link(client: Client, folder: Path, tmp_path: Path) -> None:
    """As `/tmp` is on macOS: files go by the names that the editor has for them."""
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    (folder / "counter.v").write_text(GOOD)
    await client.begin(link, caps=capabilities(workspace__didChangeWatchedFiles=None))
    top = opened(client, as_vs_code(link / "top.v"), TOP)
    await published(client, top.uri, None)
    found = await client.text_document_definition_async(
        types.DefinitionParams(top, types.Position(1, 3))
    )
    assert isinstance(found, Sequence)
    assert [p.uri for p in found if isinstance(p, types.Location)] == [uri_of(link / "counter.v")]
    (folder / "counter.v").write_text(GOOD.replace("en,", "enable,").replace("(en)", "(enable)"))
    await published(client, top.uri, "port-not-found")
    (folder / "counter.v").write_text(GOOD.replace("if (rst)", "if (en)"))
    result = await client.command("simulate", uri=uri_of(link / "counter.v"))
    assert {d["file"] for d in result["diagnostics"]} <= {str(link / "test_counter.py")}
    await published(client, uri_of(link / "test_counter.py"), "test-failed")


async def test_the_root_of_the_file_system(client: Client, folder: Path) -> None:
    """Opened by mistake, it is too large to be read or watched: what is open works."""
    await client.begin(Path("/"), caps=capabilities(workspace__didChangeWatchedFiles=None))
    rtl = opened(client, as_vs_code(folder / "counter.v"), NOT_A_REG)
    await published(client, rtl.uri, "not-an-lvalue")
    await client.until(types.WINDOW_LOG_MESSAGE, lambda p: "changes outside" in p.message)


async def test_lines_that_end_in_cr_lf(client: Client, folder: Path) -> None:
    """A repair leaves the others as they are, and writes its own like them."""
    await client.begin(folder)
    text = NOT_A_REG.replace("\n", "\r\n")
    rtl = opened(client, as_vs_code(folder / "counter.v"), text)
    shown = await published(client, rtl.uri, "not-an-lvalue")
    error = shown.diagnostics[0]
    line = text.split("\r\n")[error.range.start.line]
    assert line[error.range.start.character : error.range.end.character] == "count"
    here = types.Range(types.Position(0, 0), types.Position(0, 0))
    asks = types.CodeActionContext([], ["source.fixAll.spec2rtl"])
    fixes = await client.text_document_code_action_async(types.CodeActionParams(rtl, here, asks))
    fix = CONVERTER.structure(msgspec.to_builtins(fixes)[0], types.CodeAction)
    assert applied(fix.edit, text) == GOOD.replace("\n", "\r\n")
