from pathlib import Path

import pytest

from spec2rtl.eda.filelist import FileList, load_filelist
from spec2rtl.errors import InputError


def test_all_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RTL_DIR", "rtl")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/inner.f").write_text("inner.v -I .\n+define+DEEP\n")
    (tmp_path / "all.f").write_text(
        "// sources\n# more\n"
        "$RTL_DIR/a.v ${RTL_DIR}/b.v\n"
        '"with blank/c.v" $(RTL_DIR)/a.v /* d.v\n e.v */\n'
        "+incdir+inc+../shared\n-Iinc2 -I inc3\n"
        "-DN=3 -D M +define+A=1+B\n"
        "-f sub/inner.f\n-v lib.v\n-s top -g2012 -Wall -sv\n"
        "http//x.v"
    )
    assert load_filelist(tmp_path / "all.f") == FileList(
        files=tuple(
            tmp_path / n
            for n in (
                "rtl/a.v",
                "rtl/b.v",
                "with blank/c.v",
                "sub/inner.v",
                "lib.v",
                "http//x.v",
            )
        ),
        include_dirs=(
            tmp_path / "inc",
            tmp_path.parent / "shared",
            tmp_path / "inc2",
            tmp_path / "inc3",
            tmp_path / "sub",
        ),
        defines=(("N", "3"), ("M", ""), ("A", "1"), ("B", ""), ("DEEP", "")),
        top="top",
        nested=(tmp_path / "all.f", tmp_path / "sub/inner.f"),
    )


def test_options_that_are_not_known_are_passed_over(tmp_path: Path):
    (tmp_path / "x.f").write_text("-full64 +v2k\n-y lib --trace a.v\n-f y.f\n-full64\n")
    (tmp_path / "y.f").write_text("\n+access+r\nb.v\n")
    found = load_filelist(tmp_path / "x.f")
    assert found.files == (tmp_path / "a.v", tmp_path / "b.v")
    assert found.unknown == (
        f"{tmp_path}/y.f:2: passed over: +access+r",
        f"{tmp_path}/x.f:1: passed over: -full64, -y, --trace",
    )


def test_paths_that_count_from_elsewhere(tmp_path: Path):
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim/x.f").write_text("rtl/a.v -f sim/y.f +incdir+inc\n")
    (tmp_path / "sim/y.f").write_text("rtl/b.v\n")
    found = load_filelist(tmp_path / "sim/x.f", tmp_path)
    assert found.files == (tmp_path / "rtl/a.v", tmp_path / "rtl/b.v")
    assert found.include_dirs == (tmp_path / "inc",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.v\n$SURELY_NOT_SET/b.v", "x.f:2: $SURELY_NOT_SET is not set in the environment"),
        ("-f x.f", "x.f: -f x.f: a command file that names itself"),
        ("\n-I", "x.f:2: -I wants a value"),
        ("-f gone.f", "gone.f: no such file"),
    ],
)
def test_unusable(tmp_path: Path, text: str, message: str):
    (tmp_path / "x.f").write_text(text)
    with pytest.raises(InputError) as caught:
        load_filelist(tmp_path / "x.f")
    assert str(caught.value) == f"{tmp_path}/{message}"
