"""What is said between us and an editor beyond the protocol: names and payloads.

`make generated` writes the TypeScript twin. Positions are the protocol's: 0-based, in the
negotiated encoding. What is 1-based stands in the types of `rtl.py`, `events.py` and `checks.py`.
"""

from msgspec import Struct, field

from spec2rtl.events import Event, Iteration, Result
from spec2rtl.journal.runs import RunStatus, RunSummary

GENERATE = "spec2rtl.generate"
REPAIR = "spec2rtl.repair"
EDIT = "spec2rtl.edit"
UPDATE = "spec2rtl.update"
CHECK = "spec2rtl.check"
SIMULATE = "spec2rtl.simulate"
REFLECT = "spec2rtl.reflect"
CANCEL = "spec2rtl.cancel"
DOCTOR = "spec2rtl.doctor"
RUNS = "spec2rtl.runs"
RUN = "spec2rtl.run"
RESUME_RUN = "spec2rtl.resumeRun"
EXPORT_RUN = "spec2rtl.exportRun"
DELETE_RUN = "spec2rtl.deleteRun"
APPLY_RUN = "spec2rtl.applyRun"
TESTS = "spec2rtl.tests"
SPECS = "spec2rtl.specs"
WAVES = "spec2rtl.waves"

EVENT = "spec2rtl/event"
"""Notification: an `Event`, to clients that asked for them."""
PROGRESS = "spec2rtl/progress"
"""Notification: a `Progress`, to the same clients; before the event that led to it."""
DRAFT = "spec2rtl/draft"
"""Notification: a `Draft`, to the same clients."""
DRAFT_OVER = "spec2rtl/draftOver"
"""Notification: a `RunArgs`, to the same clients: of that run nothing is delivered, its draft is void."""
SPEC_CHANGED = "spec2rtl/specChanged"
"""Notification: a `SpecStates`, to the same clients."""
TESTS_CHANGED = "spec2rtl/testsChanged"
"""Notification: an empty object, to the same clients: the answer of `TESTS` may be another."""
DELIVER = "spec2rtl/deliver"
"""Request to the same clients: a `Delivery`; they answer `Applied`."""

EDIT_RTL = "spec2rtl.editRtl"
"""A client's command, where it says that it has it: asks for an instruction, then `EDIT`."""
SHOW_RUN = "spec2rtl.showRun"
"""A client's command, where it says that it has it: shows the run with the id given."""

SECTION = "spec2rtl"
"""The section of the editor's settings; a setting's name there is in camelCase."""


class Position(Struct, frozen=True):
    """A place in a document."""

    line: int
    character: int


class Range(Struct, frozen=True):
    """An area of a document."""

    start: Position
    end: Position


class Options(Struct, frozen=True):
    """`initializationOptions`.

    `events` asks for the notifications and requests above; `commands` are the client's own that
    lenses may use; `trusted` False: nothing of the workspace is run. `settings` stands in where the
    client has no `workspace/configuration`.
    """

    events: bool = False
    trusted: bool = True
    commands: tuple[str, ...] = ()
    settings: dict[str, object] = field(default_factory=dict[str, object])


class FileArgs(Struct, frozen=True):
    """A file."""

    uri: str


class _Asking(FileArgs, frozen=True, kw_only=True):
    """What models are asked about; None: the backend that the settings lead to."""

    generator: str | None = None
    reflector: str | None = None


class UpdateArgs(_Asking, frozen=True, kw_only=True):
    """`uri` is a spec that changed since its RTL was generated; `range` that of a spec comment."""

    range: Range | None = None


class GenerateArgs(UpdateArgs, frozen=True, kw_only=True):
    """`uri` is a spec, or an RTL file whose spec comment is in `range` (or the only one)."""

    tests: str | None = None
    module: str | None = None


class RepairArgs(_Asking, frozen=True, kw_only=True):
    """`uri` is the file to repair, or to propose repairs for."""

    tests: str | None = None
    spec: str | None = None
    top: str | None = None


class EditArgs(RepairArgs, frozen=True, kw_only=True):
    """`uri` is the file to edit, `range` what the instruction speaks of."""

    instruction: str
    range: Range | None = None


class SimulateArgs(FileArgs, frozen=True, kw_only=True):
    """`uri` is RTL, a spec, or a test module; `tests` overrides those beside it.

    `only` are the names of the tests to run, empty for all.
    """

    tests: str | None = None
    top: str | None = None
    only: tuple[str, ...] = ()


class WavesArgs(SimulateArgs, frozen=True, kw_only=True):
    """`uri` is a test module, or RTL or a spec with tests; `test` one that fails."""

    test: str


class RunArgs(Struct, frozen=True):
    """A run."""

    run_id: str


class ApplyRunArgs(RunArgs, frozen=True):
    """A run whose result shall go to its file; `candidate` names another text of the run."""

    candidate: str | None = None


class RunsArgs(Struct, frozen=True):
    """Which runs: of a file, of files in the workspace, or all; the newest `limit`."""

    uri: str | None = None
    workspace: bool = False
    limit: int = 50


class TestsArgs(Struct, frozen=True):
    """Which tests: of one module, or of the workspace."""

    __test__ = False

    uri: str | None = None


ARGUMENTS: dict[str, type[Struct] | None] = {
    GENERATE: GenerateArgs,
    REPAIR: RepairArgs,
    EDIT: EditArgs,
    UPDATE: UpdateArgs,
    REFLECT: RepairArgs,
    CHECK: FileArgs,
    SIMULATE: SimulateArgs,
    DOCTOR: None,
    CANCEL: RunArgs,
    RUNS: RunsArgs,
    RUN: RunArgs,
    RESUME_RUN: RunArgs,
    EXPORT_RUN: RunArgs,
    DELETE_RUN: RunArgs,
    APPLY_RUN: ApplyRunArgs,
    TESTS: TestsArgs,
    SPECS: None,
    WAVES: WavesArgs,
}
"""The type of each command's one argument."""

OPTIONAL = frozenset((RUNS, TESTS))
"""Commands that need no argument although they take one."""


class RunAnswer(Result, frozen=True, kw_only=True):
    """The answer of what starts a run: `words` tell of its end, `target` is its file's URI."""

    words: str = ""
    target: str = ""


class Cancelled(Struct, frozen=True):
    """Was there such a run, and is it being cancelled?"""

    cancelled: bool


class Applied(Struct, frozen=True):
    """Did the editor take the text?"""

    applied: bool


class Waves(Struct, frozen=True):
    """The answer of `WAVES`: a recording of a failing test; `message` says why there is none.

    `path` is the file and `save` GTKWave's for it; `gtkwave` is that program, where it is
    installed. `signals` are full names in the file, `time_ns` is when the test failed, from its
    beginning. `svg` is a picture of the cycles before that, `text` says what is known of it.
    """

    path: str | None = None
    save: str | None = None
    gtkwave: str | None = None
    signals: tuple[str, ...] = ()
    time_ns: float | None = None
    text: str = ""
    svg: str = ""
    test: str = ""
    message: str | None = None


class Proposal(Struct, frozen=True):
    """A repair: `evidence` says what was tried; `verified`: it compiles and its tests pass."""

    title: str
    root_cause: str
    by: str
    diff: str
    rtl: str
    evidence: str
    verified: bool


class Proposals(Struct, frozen=True):
    """The answer of `REFLECT`; `message` says why there are none."""

    uri: str
    proposals: tuple[Proposal, ...] = ()
    message: str | None = None


class RunDetail(Struct, frozen=True):
    """The answer of `RUN`; `result` is None for a run that has no end.

    `target` is the URI of the file that its result is meant for, `spec` the text that it read,
    where it read one.
    """

    run: RunSummary
    iterations: tuple[Iteration, ...]
    result: Result | None
    events: tuple[Event, ...]
    target: str
    spec: str | None


class ExportedRun(Struct, frozen=True):
    """The answer of `EXPORT_RUN`: one self-contained JSON document."""

    run_id: str
    text: str


class Test(Struct, frozen=True):
    """A cocotb test; `line` is 0-based, `module` the one under test as far as it is known."""

    __test__ = False

    uri: str
    name: str
    line: int
    spec: str | None = None
    rtl: str | None = None
    module: str | None = None


class TestList(Struct, frozen=True):
    """The answer of `TESTS`."""

    __test__ = False

    tests: tuple[Test, ...]


class SpecState(Struct, frozen=True):
    """A spec and what was made of it; `changed` are requirements that differ since then.

    `difference` says how far they are apart, where the spec is `outdated`; `range` is where it begins, for a spec comment of the file.
    """

    uri: str
    module: str
    target: str
    last_run: str | None = None
    status: RunStatus | None = None
    outdated: bool = False
    changed: tuple[str, ...] = ()
    difference: str = ""
    range: Range | None = None


class SpecStates(Struct, frozen=True):
    """All specs of a file, perhaps none."""

    uri: str
    specs: tuple[SpecState, ...]


class SpecList(Struct, frozen=True):
    """The answer of `SPECS`."""

    specs: tuple[SpecState, ...]


class Progress(Struct, frozen=True):
    """How a run stands, in one line."""

    run_id: str
    module: str
    line: str


class Room(Struct, frozen=True):
    """What a draft takes the place of in its file: nothing, or what we wrote there ourselves.

    `head` and the whole draft stand where `range` was; None: all of the text. `version` is that of
    the document, None where it isn't open.
    """

    range: Range | None
    head: str
    version: int | None


class Draft(Struct, frozen=True):
    """More of the RTL that a model is writing; `restart`: what came before is void.

    `uri` is the file that it is meant for. `room` None: somebody's text is there, or the file is
    not what the run saw: show it elsewhere.
    """

    run_id: str
    candidate: int
    uri: str
    append: str
    restart: bool
    room: Room | None


class Delivery(Struct, frozen=True):
    """A result to put into the editor: `text` is the file's, as one undo step.

    `create`: there is no such file yet. `before` is its text when the run began, `version` its
    document's, None where it wasn't open.
    `confirm` says why the user must look first: then show it as a diff. Nothing may be applied
    to another version or, where that is None, to another text.
    """

    run_id: str
    uri: str
    text: str
    create: bool = False
    version: int | None = None
    before: str | None = None
    confirm: str | None = None
