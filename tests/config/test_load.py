import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from spec2rtl.config.folders import config_dir
from spec2rtl.config.layers import Configuration, Origin
from spec2rtl.config.load import find_workspace_file, load, secrets
from spec2rtl.config.settings import Settings
from spec2rtl.errors import ConfigError


class World:
    """A user's folder and a workspace, with the settings that each test gives them."""

    def __init__(self, root: Path) -> None:
        self.user = root / "config" / "config.toml"
        self.workspace = root / "work" / "spec2rtl.toml"
        self.spec = root / "work" / "rtl" / "a.spec.md"
        self.user.parent.mkdir()
        self.spec.parent.mkdir(parents=True)

    def load(
        self,
        user: str = "",
        workspace: str = "",
        environ: Mapping[str, str] | None = None,
        **flags: object,
    ) -> Configuration:
        self.user.write_text(user)
        self.workspace.write_text(workspace)
        folder = {"SPEC2RTL_CONFIG_DIR": str(self.user.parent)}
        return load(flags, start=self.spec, environ=folder | dict(environ or {}))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_nothing_said(world: World) -> None:
    configuration = world.load()
    assert configuration.settings == Settings()
    assert configuration.warnings == ()
    assert configuration.origin("seed") == Origin("default", "built in")
    assert configuration.user_file == world.user
    assert configuration.workspace_file == world.workspace


def test_the_nearer_wins_and_says_who_it_is(world: World) -> None:
    user, workspace = "\nseed = 1\n", "# ours\n\nlanguage = 'verilog'\nseed = 2\n"
    environ = {"SPEC2RTL_SEED": "3"}

    def check(configuration: Configuration, seed: int, origin: Origin) -> None:
        assert configuration.settings.seed == seed
        assert configuration.origin("seed") == origin
        assert configuration.warnings == ()

    check(world.load(user), 1, Origin("user", f"{world.user}:2"))
    check(world.load(user, workspace), 2, Origin("workspace", f"{world.workspace}:4"))
    check(world.load(user, workspace, environ), 3, Origin("environment", "SPEC2RTL_SEED"))
    check(world.load(user, workspace, environ, seed=4), 4, Origin("flag", "--seed"))
    check(world.load(user, workspace, environ, seed=0), 0, Origin("flag", "--seed"))
    check(
        world.load(user, environ={"SPEC2RTL_SEED": ""}, seed=None),
        1,
        Origin("user", f"{world.user}:2"),
    )


def test_lists_and_pairs_add_up(world: World) -> None:
    configuration = world.load(
        "[defines]\nA = 1\nB = 1\n",
        "include_dirs = ['inc', 'rtl/../inc']\ndefines.B = 2\n",
        {"SPEC2RTL_INCLUDE_DIRS": f"/e{os.pathsep}/f"},
        include_dirs=["near"],
        defines=["C=x", "D"],
    )
    work = world.workspace.parent
    assert configuration.settings.include_dirs == (
        f"{Path.cwd()}/near",
        "/e",
        "/f",
        f"{work}/inc",
    )
    assert dict(configuration.settings.defines) == {"A": "1", "B": "2", "C": "x", "D": "1"}
    assert [origin.where for origin in configuration.origins["defines"]] == [
        "-D",
        f"{world.workspace}:2",
        f"{world.user}:1",
    ]


def test_paths_are_relative_to_who_says_them(world: World) -> None:
    assert world.load("tests = 't.py'").settings.tests == f"{world.user.parent}/t.py"
    assert world.load("", "tests = 't.py'").settings.tests == f"{world.workspace.parent}/t.py"
    assert world.load(tests="t.py").settings.tests == f"{Path.cwd()}/t.py"
    assert world.load("tests = '~/t.py'").settings.tests == str(Path("~/t.py").expanduser())
    tools = world.load("vvp = 'bin/vvp'\niverilog = 'iverilog-12'").settings
    assert (tools.vvp, tools.iverilog) == (f"{world.user.parent}/bin/vvp", "iverilog-12")


REFUSED = [
    ("sandbox = 'off'", "may not set sandbox", "--sandbox"),
    ("sandbox = 'require'", "may not set sandbox", "SPEC2RTL_SANDBOX"),
    ("endpoint = 'openai:m@http://h/v1'", "may not set endpoint", "SPEC2RTL_ENDPOINT"),
    ("iverilog = './evil'", "may not set iverilog", "SPEC2RTL_IVERILOG"),
    ("vvp = 3", "may not set vvp", "SPEC2RTL_VVP"),
    ("generator = 'openai:m@http://h/v1'", "names an address or a file", "--generator"),
    ("generator = 'scripted:x.json'", "names an address or a file", "--generator"),
    ("generator = 'peft:base+adapter'", "names an address or a file", "--generator"),
    ("generator = 'embedded:../x'", "names an address or a file", "--generator"),
    ("reflector = 'openai:m@http://h/v1'", "names an address or a file", "--reflector"),
    ("remote = true", "may only say no to remote", "SPEC2RTL_REMOTE"),
    ("memory_mib = 4096", "may only lower memory_mib (2048, ", "SPEC2RTL_MEMORY_MIB"),
    ("max_cost = 5", "may only lower max_cost (1.0, ", "--max-cost"),
    ("tests = '../t.py'", "lies outside the workspace", "--tests"),
    ("tests = '/etc/t.py'", "lies outside the workspace", "--tests"),
    ("tests = '~/t.py'", "lies outside the workspace", "--tests"),
    ("include_dirs = ['inc', 'away']", "/away in include_dirs lies outside", "-I"),
]


@pytest.mark.parametrize(("line", "why", "way"), REFUSED)
def test_what_a_workspace_may_not_set(world: World, line: str, why: str, way: str) -> None:
    (world.workspace.parent / "away").symlink_to("/etc")
    configuration = world.load("max_cost = 1", f"# ours\n{line}\n")
    assert configuration.settings == Settings(max_cost=1.0)
    (warning,) = configuration.warnings
    assert warning.startswith(f"{world.workspace}:2: ignored: ")
    assert why in warning
    assert way in warning
    assert str(world.user) in warning


def test_what_a_workspace_may_set(world: World) -> None:
    configuration = world.load(
        "max_cost = 2",
        "generator = 'anthropic:some-model'\nreflector = 'rules'\n"
        "max_cost = 1.5\nmax_tokens = 1000\nremote = false\nmemory_mib = 512\n",
    )
    assert configuration.warnings == ()
    assert configuration.settings == Settings(
        generator="anthropic:some-model",
        reflector="rules",
        max_cost=1.5,
        max_tokens=1000,
        remote=False,
        memory_mib=512,
    )


def test_the_user_may_set_all_of_it(world: World) -> None:
    configuration = world.load(
        "endpoint = 'openai:m@http://h/v1'\nsandbox = 'require'\ngenerator = 'scripted:x.json'\n",
        environ={"SPEC2RTL_VVP": "/opt/vvp"},
        sandbox="off",
    )
    assert configuration.warnings == ()
    assert configuration.settings == Settings(
        endpoint="openai:m@http://h/v1", generator="scripted:x.json", sandbox="off", vvp="/opt/vvp"
    )


def test_a_no_to_remote_is_final(world: World) -> None:
    def check(configuration: Configuration, origin: str, *warnings: str) -> None:
        assert configuration.settings.remote is False
        assert configuration.origin("remote").where == origin
        assert configuration.warnings == warnings

    yes = {"SPEC2RTL_REMOTE": "1"}
    said = f"ignored: {world.user}:1 says no to remote"
    check(world.load("remote = false"), f"{world.user}:1")
    check(world.load("remote = false", "", yes), f"{world.user}:1", f"SPEC2RTL_REMOTE: {said}")
    check(world.load("remote = false", remote=True), f"{world.user}:1", f"--remote: {said}")
    check(world.load("remote = true", "", {"SPEC2RTL_REMOTE": "0"}), "SPEC2RTL_REMOTE")
    check(world.load("", "remote = false", {}), f"{world.workspace}:1")
    assert world.load("remote = true", "", yes).settings.remote is True


def test_unknown_names(world: World) -> None:
    def check(configuration: Configuration, *expected: str) -> None:
        assert configuration.settings == Settings()
        assert configuration.warnings == expected

    file = world.workspace
    check(
        world.load("", "\n[generater]\nx = 1\n"),
        f"{file}:2: unknown setting generater, ignored; did you mean generator?",
    )
    check(world.load("", "zebra = 1"), f"{file}:1: unknown setting zebra, ignored")
    check(world.load("", '"z\\u001b" = 1'), f"{file}: unknown setting 'z\\x1b', ignored")
    check(
        world.load("openai_api_key = 'sk-123'"),
        f"{world.user}:1: openai_api_key ignored: keys come from the environment alone"
        " (ANTHROPIC_API_KEY, OPENAI_API_KEY); remove it from the file",
    )
    check(
        world.load(environ={"SPEC2RTL_SEEED": "1", "SPEC2RTL_DATA_DIR": "/x", "SPEC2RTL_Q": "1"}),
        "SPEC2RTL_SEEED: unknown variable, ignored; did you mean SPEC2RTL_SEED?",
    )
    check(world.load(sead=1), "--sead: unknown setting sead, ignored; did you mean seed?")


def test_unusable_values_are_one_line(world: World) -> None:
    def check(expected: str, *said: object, **flags: object) -> None:
        with pytest.raises(ConfigError) as caught:
            world.load(*said, **flags)  # pyright: ignore[reportArgumentType]
        assert str(caught.value) == expected

    seed = "seed must be a whole number from 0 to 2147483647, not"
    check(f"{world.user}:1: {seed} '3'", "seed = '3'")
    check(f"{world.workspace}:2: {seed} 1.5", "", '\n"seed" = 1.5')
    check(f"SPEC2RTL_SEED: {seed} 'x'", "", "", {"SPEC2RTL_SEED": "x"})
    check(f"--seed: {seed} 'x'", seed="x")
    check(f"--seed: {seed} '{'x' * 59}…", seed="x" * 500)
    check(f"{world.user}: not valid TOML: Invalid value (at line 1, column 8)", "seed = \n")


def test_unusable_files_are_one_line(world: World) -> None:
    world.load()
    environ = {"SPEC2RTL_CONFIG_DIR": str(world.user.parent)}

    def check(expected: str) -> None:
        with pytest.raises(ConfigError) as caught:
            load({}, start=world.spec, environ=environ)
        assert str(caught.value) == expected

    world.workspace.write_bytes(b"tests = '\xe9'")
    check(f"{world.workspace}: not UTF-8 text: save it as UTF-8")
    world.user.unlink()
    world.user.mkdir()
    check(f"{world.user}: can't be read: Is a directory")


def test_no_files_and_an_untrusted_workspace(world: World) -> None:
    world.workspace.write_text("seed = 5")
    environ = {"SPEC2RTL_CONFIG_DIR": "/nowhere/at/all"}
    assert load({}, start=world.spec, environ=environ).settings.seed == 5
    untrusted = load({}, start=None, environ=environ)
    assert untrusted.settings == Settings()
    assert untrusted.workspace_file is None


def test_where_the_workspace_ends(tmp_path: Path) -> None:
    def check(start: str, expected: str | None) -> None:
        found = find_workspace_file(tmp_path / start)
        assert found == (tmp_path / expected if expected else None)

    for folder in ("a/b/c", "repo/.git", "repo/sub", "a/inner/.git"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "a" / "spec2rtl.toml").touch()
    (tmp_path / "a/b/c/a.spec.md").touch()
    check("a/b/c/a.spec.md", "a/spec2rtl.toml")
    check("a/b/c", "a/spec2rtl.toml")
    check("a/b/missing/x.spec.md", "a/spec2rtl.toml")
    check("a/inner/x.v", None)
    check("a/../repo/sub/x.v", None)
    (tmp_path / "spec2rtl.toml").touch()
    check("repo/sub/x.v", None)
    (tmp_path / "repo/spec2rtl.toml").mkdir()
    check("repo/sub/x.v", None)
    (tmp_path / "repo/sub/spec2rtl.toml").touch()
    check("repo/sub/x.v", "repo/sub/spec2rtl.toml")


def test_secrets() -> None:
    environ = {"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "", "HOME": "/root"}
    assert secrets(environ) == ("a",)


def test_config_dir() -> None:
    assert config_dir({"SPEC2RTL_CONFIG_DIR": "~/c"}) == Path("~/c").expanduser()
    assert config_dir({}).name == "spec2rtl"
