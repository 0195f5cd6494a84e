import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from spec2rtl.eda import sources
from spec2rtl.eda.sources import load_design, read_text, workspace
from spec2rtl.errors import InputError


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body.encode() if isinstance(body, str) else body)


def test_files_headers_and_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(
        tmp_path,
        {
            "rtl/top.v": '`include "a.vh"\n// `include "no.vh"\nmodule top;\r\n'
            'reg [7:0] m [0:1]; initial $readmemh("rom.hex", m); endmodule\n',
            "rtl/rom.v": 'module rom #(parameter F = "init.bin") (); reg m [0:1];\n'
            "initial $readmemb(F, m); endmodule",
            "rtl/a.vh": '`include "sub/b.vh"\n`include <sys.vh>\n`include "gone.vh"\n',
            "rtl/sub/b.vh": '`include "c.vh"\n`include "a.vh"\n',
            "rtl/sub/c.vh": "// c",
            "inc/sys.vh": "`define SYS 1",
            "inc/c.vh": "// not this one",
            "rtl/rom.hex": "00 01\n",
            "init.bin": "0 1\n",
        },
    )
    monkeypatch.chdir(tmp_path)
    design = load_design(
        [Path("rtl/top.v"), Path("rtl/rom.v"), Path("rtl/../rtl/top.v")],
        include_dirs=[Path("inc")],
        defines=[("N", "3")],
        parameters=[("W", "8")],
    )
    assert [s.path for s in design.sources] == [
        str(tmp_path / "rtl" / n) for n in ("top.v", "rom.v")
    ]
    assert "\r\n" in design.sources[0].text
    assert {name: header.path for name, header in design.headers} == {
        "a.vh": str(tmp_path / "rtl/a.vh"),
        "sub/b.vh": str(tmp_path / "rtl/sub/b.vh"),
        "c.vh": str(tmp_path / "rtl/sub/c.vh"),
        "sys.vh": str(tmp_path / "inc/sys.vh"),
    }
    assert {d.name: d.data for d in design.data} == {"rom.hex": b"00 01\n", "init.bin": b"0 1\n"}
    assert (design.defines, design.parameters) == ((("N", "3"),), (("W", "8"),))


@pytest.mark.parametrize(
    ("marker", "names"), [(None, ["in"]), ("spec2rtl.toml", ["in", "../hex/up", "{p}/hex/whole"])]
)
def test_data_stays_in_the_project(tmp_path: Path, marker: str | None, names: list[str]):
    project = tmp_path / "project"
    loads = ["../hex/up", "{p}/hex/whole", "../../secret", "{t}/secret", "../hex/link", "in"]
    filled = [name.format(p=project, t=tmp_path) for name in loads]
    text = "".join(f'initial $readmemh("{name}", m);' for name in filled)
    write(tmp_path, {"secret": "x", "project/rtl/m.v": text, "project/rtl/in": "0"})
    write(project, {"hex/up": "1", "hex/whole": "2"} | ({marker: ""} if marker else {}))
    (project / "hex/link").symlink_to(tmp_path / "secret")
    found = [data.name for data in load_design([project / "rtl/m.v"]).data]
    assert sorted(found) == sorted(name.format(p=project) for name in names)


def test_a_link_does_not_lead_out_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files = {"secret": "x", "p/spec2rtl.toml": "", "p/hex/shared": "1", "run/here": "2"}
    loads = ("out", "to/secret", "in", "here", "there")
    text = "".join(f'initial $readmemh("{name}", m);' for name in loads)
    write(tmp_path, files | {"p/rtl/m.v": text})
    for link, target in (
        ("p/rtl/out", "secret"),
        ("p/rtl/to", "."),
        ("p/rtl/in", "p/hex/shared"),
        ("run/there", "secret"),
    ):
        (tmp_path / link).symlink_to(tmp_path / target)
    monkeypatch.chdir(tmp_path / "run")
    assert [data.name for data in load_design([tmp_path / "p/rtl/m.v"]).data] == ["in", "here"]


def test_the_home_folder_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".git").mkdir()
    assert workspace(tmp_path / "rtl") == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    assert workspace(tmp_path / "rtl") == tmp_path / "rtl"


def test_strings_of_a_design_that_loads_nothing_are_only_strings(tmp_path: Path):
    write(tmp_path, {"m.v": 'initial $display("rom.hex"); // $readmemh', "rom.hex": "0"})
    assert load_design([tmp_path / "m.v"]).data == ()


def test_no_file_is_an_empty_design():
    assert load_design([]).sources == ()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"module m;\0", "m.v: is a binary file (a zero byte at 9)"),
        (b"module m;\n// \xe9t\xe9", "m.v:2: is not UTF-8 (byte 13: 0xe9); save it as UTF-8"),
        ("module".encode("utf-16"), "m.v: is UTF-16; save it as UTF-8"),
        (b"\x1f\x8b\x08", "m.v: is compressed (gzip); unpack it first"),
        (b" " * (sources.MAX_BYTES + 1), "m.v: 10.0 MiB; 10 MiB are the most"),
    ],
)
def test_unusable_files(tmp_path: Path, body: bytes, message: str):
    write(tmp_path, {"m.v": body})
    with pytest.raises(InputError) as caught:
        load_design([tmp_path / "m.v"])
    assert str(caught.value) == f"{tmp_path}/{message}"


def test_bom_is_dropped(tmp_path: Path):
    write(tmp_path, {"m.v": b"\xef\xbb\xbfmodule m;"})
    assert read_text(tmp_path / "m.v") == "module m;"


def test_what_is_no_file(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.v")
    for path, message in [
        (tmp_path / "gone.v", "no such file"),
        (tmp_path, "is a folder; name a file"),
        (tmp_path / "pipe.v", "is no ordinary file"),
        (tmp_path / ("n" * 300), "can't be read: File name too long"),
    ]:
        with pytest.raises(InputError, match=message):
            load_design([path])


def test_a_header_that_includes_itself(tmp_path: Path):
    write(tmp_path, {"m.v": '`include "a.vh"', "a.vh": '`include "a.vh"\n`include "m.v"'})
    assert [name for name, _ in load_design([tmp_path / "m.v"]).headers] == ["a.vh", "m.v"]
