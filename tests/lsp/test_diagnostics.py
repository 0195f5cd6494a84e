import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.client import TIMEOUT, Client, capabilities, uri
from tests.lsp.conftest import GOOD, NOT_A_REG

BAD = "module m(input a, output y);\n  assign y = nowhere;\nendmodule\n"
Fits = Callable[[list[types.Diagnostic]], bool]
PULLS = capabilities(textDocument__diagnostic={})


def codes(found: list[types.Diagnostic]) -> list[object]:
    return [d.code for d in found]


def errors(found: list[types.Diagnostic]) -> list[types.Diagnostic]:
    return [d for d in found if d.severity == types.DiagnosticSeverity.Error]


async def test_pushed_as_typed_and_taken_back(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    file = tmp_path / "m.v"
    client.open(file, BAD)
    found = await client.published(file, lambda f: any(d.source == "iverilog" for d in f))
    (error,) = errors(found)
    assert (error.range.start.line, error.range.start.character) == (1, 13)
    assert error.range.end.character == 20
    client.forget()
    client.change(file, BAD.replace("nowhere", "a"), 2)
    assert await client.published(file, lambda f: not f) == []
    client.change(file, BAD, 3)
    await client.published(file, lambda f: bool(errors(f)))
    client.forget()
    client.close(file)
    assert await client.published(file, lambda f: not f) == []


async def test_pulled_at_once_then_completed(client: Client, tmp_path: Path) -> None:
    answer = await client.begin(tmp_path, caps=PULLS)
    assert answer.capabilities.diagnostic_provider.inter_file_dependencies
    file = tmp_path / "m.v"
    client.open(file, BAD)
    (error,) = errors(await client.pulled(file))
    assert error.range.start.line == 1
    await client.until(types.WORKSPACE_DIAGNOSTIC_REFRESH)
    (error,) = errors(await client.pulled(file))
    assert error.source == "iverilog"
    client.change(file, BAD.replace("nowhere", "a"), 2)
    assert await client.pulled(file) == []
    pushed = [p for m, p in client.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
    assert pushed == []


async def test_positions_in_utf16(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    file = tmp_path / "m.v"
    client.open(file, "module m(output y); /* 計數器 😀😀 */ assign y = nowhere;\nendmodule\n")
    found = await client.published(file, lambda f: any(d.source == "iverilog" for d in f))
    (error,) = errors(found)
    line = "module m(output y); /* 計數器 😀😀 */ assign y = "
    assert error.range.start.character == len(line) + 2


async def test_modules_and_headers_elsewhere_are_not_missing(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "rtl").mkdir()
    (tmp_path / "inc").mkdir()
    (tmp_path / "rtl/leaf.v").write_text("module leaf(input a); endmodule\n")
    (tmp_path / "rtl/other.v").write_text("module other(input a); endmodule\n")
    (tmp_path / "inc/defs.vh").write_text("`define WIDTH 4\n`define OTHER other o(.a(a[0]))\n")
    top = tmp_path / "top.v"
    text = (
        '`include "defs.vh"\nmodule top(input [`WIDTH-1:0] a);\n'
        "  leaf l(.a(a[0]));\n  `OTHER;\nendmodule\n"
    )
    await client.begin(tmp_path)
    client.open(top, text)
    await client.published(top, lambda f: f == [])
    client.change(top, text.replace("leaf l", "leave l"), 2)
    found = await client.published(top, lambda f: bool(errors(f)))
    assert "leave" in found[0].message


@pytest.mark.parametrize(
    ("inner", "use", "wrong"),
    [
        ("module inner(input a);\n  wrong;;\nendmodule\n", "inner u(a);", "inner.v, line 2: "),
        (
            "module inner #(parameter W = 1) (input a);\n"
            "  generate if (W < 1) missing v(a); endgenerate\nendmodule\n",
            "inner #(.W(0)) u(a);",
            "inner.v, line 2: ",
        ),
    ],
)
async def test_what_fails_in_another_file_is_told_where_it_is_used(
    client: Client, tmp_path: Path, inner: str, use: str, wrong: str
) -> None:
    (tmp_path / "inner.v").write_text(inner)
    file = tmp_path / "m.v"
    await client.begin(tmp_path)
    client.open(file, f"// inner\nmodule m(input a);\n  {use}\nendmodule\n")
    found = await client.published(file, lambda f: any(d.source == "iverilog" for d in f))
    (led,) = [d for d in errors(found) if d.message.startswith(wrong)]
    assert (led.range.start.line, led.range.start.character) == (2, 2)
    (note,) = [r for r in led.related_information or () if r.location.uri.endswith("inner.v")]
    assert note.location.range.start.line == 1
    client.forget()
    (tmp_path / "inner.v").write_text("module inner #(parameter W = 1) (input a);\nendmodule\n")
    changed = types.FileEvent(uri(tmp_path / "inner.v"), types.FileChangeType.Changed)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
    assert await client.published(file, lambda f: errors(f) == []) is not None


async def test_a_file_without_a_module_lacks_nothing(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path, caps=PULLS)
    for name, text, wrong in (
        ("package.sv", "package p;\n  parameter int N = 4;\nendpackage\n", []),
        ("macros.v", "`define WIDTH 4\n", []),
        ("empty.v", "", []),
        ("itself.v", "module m();\n  m m();\nendmodule\n", ["no-top-module"]),
    ):
        file = tmp_path / name
        client.open(file, text)
        await client.until(types.WORKSPACE_DIAGNOSTIC_REFRESH)  # it was compiled
        assert codes(await client.pulled(file)) == wrong, name
        client.close(file)
        client.forget()


async def test_a_command_file_gives_macros_and_folders(client: Client, tmp_path: Path) -> None:
    (tmp_path / "deep/inc").mkdir(parents=True)
    (tmp_path / "deep/inc/defs.vh").write_text("`define W 2\n")
    (tmp_path / "all.f").write_text("+incdir+deep/inc\n+define+ON=1\ntop.v\n")
    top = tmp_path / "top.v"
    top.write_text('`include "defs.vh"\nmodule top(output [`W-1:0] y); assign y = `ON; endmodule\n')
    await client.begin(tmp_path)
    client.open(top)
    assert await client.published(top, lambda f: f == []) == []


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (None, "iverilog is missing; install it with: "),
        ("exit 3", "iverilog is broken: "),
        (
            'case $1 in -V) echo "Icarus Verilog version 11.0 (stable)";; *) echo no ivl >&2; exit 127;; esac',
            "iverilog is broken: ",
        ),
    ],
)
async def test_a_tool_that_fails_says_so_once(
    client: Client, tmp_path: Path, script: str | None, message: str
) -> None:
    tool = tmp_path / "tools" / "iverilog"
    tool.parent.mkdir()
    if script:
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
    client.settings = {"iverilog": str(tool)}
    await client.begin(tmp_path)
    files = [tmp_path / f"m{number}.v" for number in range(3)]
    for file in files:
        client.open(file, GOOD)
        found = await client.published(file, lambda f: "check-unavailable" in codes(f))
        (status,) = [d for d in found if d.code == "check-unavailable"]
        assert message in status.message
        assert "install it with: " in status.message
    shown = [p.message for m, p in client.told if m == types.WINDOW_SHOW_MESSAGE]
    assert len(shown) == 1
    assert message in shown[0]
    # It is mended: the next check sees it, with nothing restarted.
    client.forget()
    tool.unlink(missing_ok=True)
    tool.symlink_to(shutil.which("iverilog") or "")
    client.change(files[0], NOT_A_REG, 2)
    await client.published(
        files[0],
        lambda f: "check-unavailable" not in codes(f) and any(d.source == "iverilog" for d in f),
    )
    await client.workspace_execute_command_async(types.ExecuteCommandParams("spec2rtl.doctor"))
    await client.published(files[1], lambda f: f == [])


def configure(client: Client, **settings: object) -> None:
    client.forget()
    client.settings = settings
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))


async def shown(client: Client, path: Path, pulls: bool, fits: Fits) -> list[types.Diagnostic]:
    """Wait until the editor shows diagnostics that fit."""
    if not pulls:
        return await client.published(path, fits)
    async with asyncio.timeout(TIMEOUT):
        while not fits(found := await client.pulled(path)):
            await client.until(types.WORKSPACE_DIAGNOSTIC_REFRESH)
            client.forget()
    return found


@pytest.mark.parametrize("pulls", [False, True])
async def test_another_simulator(client: Client, tmp_path: Path, pulls: bool) -> None:
    """Gone and there again by a setting: nobody edits a file."""
    await client.begin(tmp_path, caps=PULLS if pulls else capabilities())
    good, bad = tmp_path / "good.v", tmp_path / "bad.v"
    client.open(good, GOOD)
    client.open(bad, BAD)

    def compiled(found: list[types.Diagnostic]) -> bool:
        return {d.source for d in found} == {"iverilog"}

    def unchecked(found: list[types.Diagnostic]) -> bool:
        return "check-unavailable" in codes(found) and all(d.source != "iverilog" for d in found)

    await shown(client, bad, pulls, compiled)
    await shown(client, good, pulls, lambda f: f == [])
    for _ in range(2):
        configure(client, iverilog="/no/iverilog")
        status, *_ = await shown(client, good, pulls, unchecked)
        assert status.message.startswith("not checked: /no/iverilog is missing; install it with: ")
        await shown(client, bad, pulls, unchecked)
        configure(client)
        await shown(client, good, pulls, lambda f: f == [])
        await shown(client, bad, pulls, compiled)


@pytest.mark.parametrize("pulls", [False, True])
@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"compileSeconds": 0.001}, GOOD),
        ({"defines": {"ON": "nowhere"}}, "module m(output y);\n  assign y = `ON;\nendmodule\n"),
        (
            {"includeDirs": ["other"]},
            '`include "on.vh"\nmodule m(output y); assign y = `ON; endmodule\n',
        ),
        ({"sources": ["other/leaf.v"]}, "module m(input a);\n  leaf l(.a(a));\nendmodule\n"),
    ],
)
async def test_settings_that_decide_what_is_wrong(
    client: Client, tmp_path: Path, pulls: bool, setting: dict[str, object], text: str
) -> None:
    """One that makes a good file a bad one, and back."""
    (tmp_path / "other").mkdir()
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc/on.vh").write_text("`define ON 1'b1\n")
    (tmp_path / "other/on.vh").write_text("`define ON nowhere\n")
    (tmp_path / "leaf.v").write_text("module leaf(input a); endmodule\n")
    (tmp_path / "other/leaf.v").write_text("module leaf(input b); endmodule\n")
    good = {"defines": {"ON": "1'b1"}, "includeDirs": ["inc"]}
    client.settings = good
    await client.begin(tmp_path, caps=PULLS if pulls else capabilities())
    file = tmp_path / "m.v"
    client.open(file, text)
    await shown(client, file, pulls, lambda f: f == [])
    configure(client, **good | setting)
    await shown(client, file, pulls, lambda f: any(d.source == "iverilog" for d in errors(f)))
    configure(client, **good)
    await shown(client, file, pulls, lambda f: f == [])


async def test_a_spec_says_what_is_unclear(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    spec = tmp_path / "x.spec.md"
    client.open(spec, "# A thing\n\nIt does something.\n")
    found = await client.published(spec, bool)
    assert {d.source for d in found} == {"spec"}
    client.forget()
    client.change(spec, "# x\n\n- `input clk`: the clock\n- `output q`: the output\n", 2)
    await client.published(spec, lambda f: "no-interface" not in codes(f))


async def test_failing_tests_at_both_ends(client: Client, folder: Path) -> None:
    await client.begin(folder)
    rtl, tests = folder / "counter.v", folder / "test_counter.py"
    rtl.write_text(GOOD.replace("if (rst)", "if (en)"))
    client.open(rtl)
    result = await client.command("simulate", uri=uri(rtl))
    assert result["status"] == "failed"
    at_tests = await client.published(tests, bool)
    assert {d.code for d in at_tests} == {"test-failed"}
    assert at_tests[0].related_information
    at_rtl = await client.published(rtl, lambda f: "test-failed" in codes(f))
    related = next(d for d in at_rtl if d.code == "test-failed").related_information
    assert related
    assert related[0].location.uri == uri(tests)
    client.forget()
    client.change(rtl, GOOD, 2)
    assert await client.published(tests, lambda f: f == []) == []
    assert await client.published(rtl, lambda f: f == []) == []


async def test_a_single_test_keeps_what_others_found(client: Client, folder: Path) -> None:
    await client.begin(folder)
    rtl, tests = folder / "counter.v", folder / "test_counter.py"
    rtl.write_text(GOOD.replace("if (rst)", "if (en)"))
    client.open(rtl)
    result = await client.command("simulate", uri=uri(rtl))
    failed = [t["name"] for t in result["tests"] if t["status"] == "failed"]
    assert len(failed) > 1
    every = await client.published(tests, lambda f: len(f) == len(failed))
    one = await client.command("simulate", uri=uri(tests), only=[failed[0]])
    assert [(t["name"], t["status"]) for t in one["tests"]] == [(failed[0], "failed")]
    assert one["status"] == "failed"
    params = [p for m, p in client.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
    last = [p for p in params if p.uri == uri(tests)][-1]
    assert {d.message for d in last.diagnostics} == {d.message for d in every}
    answer = await client.command("simulate", uri=uri(tests), only=["test_nothing"])
    assert "no test `test_nothing`; there are " in answer["message"]


async def test_files_that_change_outside(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    top, leaf = tmp_path / "top.v", tmp_path / "leaf.v"
    client.open(top, "module top(input a);\n  leaf l(.a(a));\nendmodule\n")
    await client.published(top, lambda f: bool(errors(f)))
    client.forget()
    leaf.write_text("module leaf(input a); endmodule\n")
    event = types.FileEvent(uri(leaf), types.FileChangeType.Created)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    await client.published(top, lambda f: f == [])
    client.forget()
    leaf.unlink()
    event = types.FileEvent(uri(leaf), types.FileChangeType.Deleted)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    await client.published(top, lambda f: bool(errors(f)))


async def test_a_client_that_cannot_watch(client: Client, tmp_path: Path) -> None:
    caps = capabilities(workspace__didChangeWatchedFiles=None)
    await client.begin(tmp_path, caps=caps)
    top = tmp_path / "top.v"
    client.open(top, "module top(input a);\n  leaf l(.a(a));\nendmodule\n")
    await client.published(top, lambda f: bool(errors(f)))
    client.forget()
    (tmp_path / "leaf.v").write_text("module leaf(input a); endmodule\n")
    await client.published(top, lambda f: f == [])


async def test_a_big_file_and_one_that_is_no_text(client: Client, tmp_path: Path) -> None:
    (tmp_path / "odd.v").write_bytes(b"module odd; endmodule // \xff\xfe\n")
    await client.begin(tmp_path)
    big = tmp_path / "big.v"
    lines = "".join(f"  wire [7:0] w{n} = {n % 256};\n" for n in range(50_000))
    client.open(big, f"module big;\n{lines}  wire last = nowhere;\nendmodule\n")
    found = await client.published(big, lambda f: bool(errors(f)))
    assert errors(found)[0].range.start.line == 50_001
    top = tmp_path / "top.v"
    client.open(top, "module top; odd o(); endmodule\n")
    found = await client.published(top, lambda f: "check-unavailable" in codes(f))
    assert "not UTF-8" in found[0].message


async def test_typing_fast_ends_in_the_last_text(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    file = tmp_path / "m.v"
    client.open(file, GOOD)
    for version in range(2, 40):
        client.change(file, NOT_A_REG if version % 2 else GOOD, version)
    client.change(file, NOT_A_REG, 40)
    found = await client.published(file, lambda f: any(d.source == "iverilog" for d in f))
    assert errors(found)
    versions = [p.version for m, p in client.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
    assert versions == sorted(versions)


async def test_two_folders_have_two_settings(client: Client, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        shutil.copy(__file__, folder / "note.txt")
    (one / "spec2rtl.toml").write_text('[defines]\nON = "1"\n')
    await client.begin(one, two)
    text = "module m(output y);\n  assign y = `ON;\nendmodule\n"
    client.open(one / "m.v", text)
    client.open(two / "m.v", text)
    good, bad = await asyncio.gather(
        client.published(one / "m.v", lambda f: f == []),
        client.published(two / "m.v", lambda f: bool(errors(f))),
    )
    assert good == []
    assert bad
