"""Where a result goes, and what it never overwrites."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spec2rtl.errors import InputError
from spec2rtl.events import Input
from spec2rtl.outlet import FileOutlet, KeepOutlet, RegionOutlet, write_atomically
from spec2rtl.rtl import digest
from spec2rtl.spec.comments import spec_comments

OLD, NEW = "module old; endmodule\n", "module new; endmodule\n"


class Memory:
    """What a journal knows of the files that we wrote."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def written(self, place: str) -> str | None:
        return self.places.get(place)

    def wrote(self, place: str, sha256: str) -> None:
        self.places[place] = sha256

    def file(self, path: Path, *, mine: str | None = None, force: bool = False) -> FileOutlet:
        return FileOutlet(path, (), self, mine=mine, force=force)

    def region(self, path: Path, *, force: bool = False) -> RegionOutlet:
        (comment,) = spec_comments(path.read_text())
        return RegionOutlet(path, (), comment, "new", self, force=force)


@pytest.fixture
def memory() -> Memory:
    return Memory()


def test_a_new_file_is_written_and_remembered(tmp_path: Path, memory: Memory) -> None:
    out = tmp_path / "m.v"
    assert memory.file(out).deliver(NEW) == (str(out), None)
    assert out.read_text() == NEW
    assert memory.places == {str(out): digest(NEW)}


def test_what_we_wrote_is_replaced(tmp_path: Path, memory: Memory) -> None:
    out = tmp_path / "m.v"
    memory.file(out).deliver(OLD)
    assert memory.file(out).deliver(NEW) == (str(out), None)
    assert out.read_text() == NEW


def test_what_a_person_wrote_stays(tmp_path: Path, memory: Memory) -> None:
    out = tmp_path / "m.v"
    out.write_text(OLD)
    for name, text in (("m.new.v", NEW), ("m.new2.v", f"{NEW}\n"), ("m.new.v", NEW)):
        path, warning = memory.file(out).deliver(text)
        assert path == str(tmp_path / name)
        assert "holds edits that are not ours" in (warning or "")
    assert out.read_text() == OLD
    assert memory.file(out, force=True).deliver(NEW) == (str(out), None)
    assert out.read_text() == NEW


@pytest.mark.parametrize("during", [b"typed meanwhile", None])
def test_a_file_that_changed_meanwhile_stays(
    tmp_path: Path, memory: Memory, during: bytes | None
) -> None:
    out = tmp_path / "m.v"
    out.write_text(OLD)
    outlet = memory.file(out, mine=OLD)
    if during is None:
        out.unlink()
    else:
        out.write_bytes(during)
    path, warning = outlet.deliver(NEW)
    assert path == str(tmp_path / "m.new.v")
    assert "changed during the run" in (warning or "")


def test_of_runs_that_end_at_once_each_keeps_its_result(tmp_path: Path, memory: Memory) -> None:
    out, texts = tmp_path / "m.v", [f"module m{i}; endmodule\n" for i in range(8)]
    outlets = [memory.file(out) for _ in texts]
    with ThreadPoolExecutor(len(texts)) as pool:
        paths = [path for path, _ in pool.map(lambda o, t: o.deliver(t), outlets, texts)]
    assert paths.count(str(out)) == 1
    assert [Path(path or "").read_text() for path in paths] == texts


def test_the_users_own_file_is_replaced_when_it_is_to_be_changed(
    tmp_path: Path, memory: Memory
) -> None:
    out = tmp_path / "m.v"
    out.write_text(OLD)
    out.chmod(0o640)
    assert memory.file(out, mine=OLD).deliver(NEW) == (str(out), None)
    assert out.stat().st_mode & 0o777 == 0o640


def test_a_byte_order_mark_is_kept(tmp_path: Path, memory: Memory) -> None:
    out, mark = tmp_path / "m.v", b"\xef\xbb\xbf"
    out.write_bytes(mark + OLD.encode())
    assert memory.file(out, mine=OLD).deliver(NEW) == (str(out), None)
    assert out.read_bytes() == mark + NEW.encode()


def test_where_nothing_was_changed_nothing_is_written(tmp_path: Path, memory: Memory) -> None:
    out = tmp_path / "m.v"
    out.write_bytes(b"\xef\xbb\xbf" + OLD.encode())
    before = out.stat()
    assert memory.file(out, mine=OLD).deliver(OLD) == (str(out), None)
    assert (out.stat().st_ino, out.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert memory.places == {}


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_one_and_its_target_is_written(
    tmp_path: Path, memory: Memory, there: bool
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "rtl").mkdir()
    target, out = tmp_path / "rtl" / "m.v", tmp_path / "m.v"
    out.symlink_to("rtl/m.v")
    if there:
        target.write_text(OLD)
    assert memory.file(out, mine=OLD).deliver(NEW) == (str(out), None)
    assert out.is_symlink()
    assert target.read_text() == NEW
    assert [path.name for path in target.parent.iterdir()] == ["m.v"]


def test_a_link_makes_no_file_outside_its_workspace(tmp_path: Path, memory: Memory) -> None:
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    for name, to in (("out.v", "../elsewhere.v"), ("circle.v", "circle.v")):
        (project / name).symlink_to(to)
        with pytest.raises(InputError, match="leads nowhere in its workspace"):
            memory.file(project / name)
    assert not (tmp_path / "elsewhere.v").exists()


def test_what_can_not_be_written_is_said_before_the_run(tmp_path: Path, memory: Memory) -> None:
    with pytest.raises(InputError, match="no such folder"):
        memory.file(tmp_path / "none" / "m.v")
    with pytest.raises(InputError, match="not a regular file"):
        memory.file(tmp_path)
    with pytest.raises(InputError, match="name too long"):
        memory.file(tmp_path / f"{'n' * 300}.v")
    long = tmp_path / f"{'n' * 250}.v"
    assert memory.file(long).deliver(NEW) == (str(long), None)
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(InputError, match="read-only"):
            memory.file(tmp_path / "m.v")


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "m.v").mkdir()
    with pytest.raises(InputError, match="choose another --out"):
        write_atomically(tmp_path / "m.v", NEW)
    assert [path.name for path in tmp_path.iterdir()] == ["m.v"]


def test_inputs_that_changed_or_went_are_named(tmp_path: Path) -> None:
    same, changed, gone, marked = (tmp_path / name for name in "abcd")
    for path in (same, changed, gone):
        path.write_text(OLD)
    marked.write_bytes(b"\xef\xbb\xbf" + OLD.encode())
    outlet = KeepOutlet(
        tuple(Input("rtl", str(path), digest(OLD)) for path in (same, changed, gone, marked))
    )
    changed.write_text(NEW)
    gone.unlink()
    assert outlet.changed() == (str(changed), str(gone))
    assert outlet.deliver(NEW) == (None, None)


def test_a_region_is_put_below_its_comment_and_replaced(tmp_path: Path, memory: Memory) -> None:
    host = tmp_path / "host.v"
    host.write_text("// spec: a module `new`\nmodule mine; endmodule\n")
    assert memory.region(host).deliver(OLD) == (str(host), None)
    assert memory.region(host).deliver(NEW) == (str(host), None)
    text = host.read_text()
    assert text.startswith("// spec: a module `new`\n")
    assert text.endswith("module mine; endmodule\n")
    assert NEW in text
    assert OLD not in text


def test_a_host_that_can_not_be_read_any_more_is_not_replaced(
    tmp_path: Path, memory: Memory
) -> None:
    host = tmp_path / "host.v"
    host.write_text("// spec: a module `new`\nmodule mine; endmodule\n")
    outlet = memory.region(host, force=True)
    host.write_bytes(b"// \xe9\n")
    with pytest.raises(InputError, match=r"host\.v: is not UTF-8 any more"):
        outlet.deliver(NEW)
    assert host.read_bytes() == b"// \xe9\n"


def test_a_region_that_was_edited_stays(tmp_path: Path, memory: Memory) -> None:
    host = tmp_path / "host.v"
    host.write_text("// spec: a module `new`\n")
    memory.region(host).deliver(OLD)
    host.write_text(host.read_text().replace("old", "edited"))
    path, warning = memory.region(host).deliver(NEW)
    assert path == str(tmp_path / "new.v")[:-2] + ".new.v"
    assert "holds edits that are not ours" in (warning or "")
    assert "edited" in host.read_text()
    assert memory.region(host, force=True).deliver(NEW) == (str(host), None)
    assert "edited" not in host.read_text()
