// Generated from the server's types by `make generated`: do not edit.

export const GENERATE = "spec2rtl.generate";
export const REPAIR = "spec2rtl.repair";
export const EDIT = "spec2rtl.edit";
export const UPDATE = "spec2rtl.update";
export const CHECK = "spec2rtl.check";
export const SIMULATE = "spec2rtl.simulate";
export const REFLECT = "spec2rtl.reflect";
export const CANCEL = "spec2rtl.cancel";
export const DOCTOR = "spec2rtl.doctor";
export const RUNS = "spec2rtl.runs";
export const RUN = "spec2rtl.run";
export const RESUME_RUN = "spec2rtl.resumeRun";
export const EXPORT_RUN = "spec2rtl.exportRun";
export const DELETE_RUN = "spec2rtl.deleteRun";
export const APPLY_RUN = "spec2rtl.applyRun";
export const TESTS = "spec2rtl.tests";
export const SPECS = "spec2rtl.specs";
export const WAVES = "spec2rtl.waves";
export const EVENT = "spec2rtl/event";
export const PROGRESS = "spec2rtl/progress";
export const DRAFT = "spec2rtl/draft";
export const DRAFT_OVER = "spec2rtl/draftOver";
export const SPEC_CHANGED = "spec2rtl/specChanged";
export const TESTS_CHANGED = "spec2rtl/testsChanged";
export const DELIVER = "spec2rtl/deliver";
export const EDIT_RTL = "spec2rtl.editRtl";
export const SHOW_RUN = "spec2rtl.showRun";
export const SECTION = "spec2rtl";

/** Each command's one argument and its answer. */
export interface Commands {
  "spec2rtl.generate": { argument: GenerateArgs; answer: RunAnswer };
  "spec2rtl.repair": { argument: RepairArgs; answer: RunAnswer };
  "spec2rtl.edit": { argument: EditArgs; answer: RunAnswer };
  "spec2rtl.update": { argument: UpdateArgs; answer: RunAnswer };
  "spec2rtl.check": { argument: FileArgs; answer: CheckAnswer };
  "spec2rtl.simulate": { argument: SimulateArgs; answer: SimulationAnswer };
  "spec2rtl.reflect": { argument: RepairArgs; answer: Proposals };
  "spec2rtl.cancel": { argument: RunArgs; answer: Cancelled };
  "spec2rtl.doctor": { argument: void; answer: Report };
  "spec2rtl.runs": { argument: RunsArgs; answer: RunList };
  "spec2rtl.run": { argument: RunArgs; answer: RunDetail };
  "spec2rtl.resumeRun": { argument: RunArgs; answer: RunAnswer };
  "spec2rtl.exportRun": { argument: RunArgs; answer: ExportedRun };
  "spec2rtl.deleteRun": { argument: RunArgs; answer: RunArgs };
  "spec2rtl.applyRun": { argument: ApplyRunArgs; answer: Applied };
  "spec2rtl.tests": { argument: TestsArgs; answer: TestList };
  "spec2rtl.specs": { argument: void; answer: SpecList };
  "spec2rtl.waves": { argument: WavesArgs; answer: Waves };
}

/** Did the editor take the text? */
export interface Applied {
  readonly applied: boolean;
}

/** A run whose result shall go to its file; `candidate` names another text of the run. */
export interface ApplyRunArgs {
  readonly run_id: string;
  readonly candidate?: string | null;
}

/** Whether a new version of a module does what the old one did, said in words by `says`. Where they were seen to differ in simulation: at which cycle, and the inputs up to it. */
export interface Behaviour {
  readonly verdict: "changed" | "unchanged" | "unknown";
  readonly says: string;
  readonly cycle: number | null;
  readonly inputs: readonly (Steps)[];
}

/** A budget of the spec's front matter; `met` None: it could not be measured. `value` is the figure, `note` where it comes from or why there is none. */
export interface Budget {
  readonly require: string;
  readonly value: number | null;
  readonly met: boolean | null;
  readonly note: string | null;
}

/** Was there such a run, and is it being cancelled? */
export interface Cancelled {
  readonly cancelled: boolean;
}

/** RTL to be judged: `id` is its SHA-256, `parent` that of the RTL it was made from. */
export interface Candidate {
  readonly type: "candidate";
  readonly id: string;
  readonly candidate: number;
  readonly rtl: string;
  readonly parent: string | null;
  readonly how: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** The answer of `CHECK`: `words` tell of it. */
export interface CheckAnswer {
  readonly ok: boolean;
  readonly diagnostics: readonly (Diagnostic)[];
  readonly simulator: string;
  readonly message: string | null;
  readonly words: string;
}

/** The compiler has spoken. */
export interface Compiled {
  readonly type: "compiled";
  readonly candidate: string;
  readonly ok: boolean;
  readonly reason: "compile_error" | "killed" | "memory" | "ok" | "output_limit" | "test_failed" | "timeout" | "tool_broken" | "untrusted";
  readonly diagnostics: readonly (Diagnostic)[];
  readonly seconds: number;
  readonly cached: boolean;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** A result to put into the editor: `text` is the file's, as one undo step. `create`: there is no such file yet. `before` is its text when the run began, `version` its document's, None where it wasn't open. `confirm` says why the user must look first: then show it as a diff. Nothing may be applied to another version or, where that is None, to another text. */
export interface Delivery {
  readonly run_id: string;
  readonly uri: string;
  readonly text: string;
  readonly create: boolean;
  readonly version: number | null;
  readonly before: string | null;
  readonly confirm: string | null;
}

/** One fault at one place; `code` is our stable kebab-case name of the kind of fault. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
  readonly severity: "error" | "info" | "warning";
  readonly code: string;
  readonly message: string;
  readonly source: "cocotb" | "iverilog" | "lint" | "slang" | "spec" | "yosys";
  readonly related: readonly (Related)[];
}

/** A model is on its way; bytes. */
export interface Downloading {
  readonly type: "downloading";
  readonly what: string;
  readonly done: number;
  readonly total: number;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** More of the RTL that a model is writing; `restart`: what came before is void. `uri` is the file that it is meant for. `room` None: somebody's text is there, or the file is not what the run saw: show it elsewhere. */
export interface Draft {
  readonly run_id: string;
  readonly candidate: number;
  readonly uri: string;
  readonly append: string;
  readonly restart: boolean;
  readonly room: Room | null;
}

/** `uri` is the file to edit, `range` what the instruction speaks of. */
export interface EditArgs {
  readonly uri: string;
  readonly generator?: string | null;
  readonly reflector?: string | null;
  readonly tests?: string | null;
  readonly spec?: string | null;
  readonly top?: string | null;
  readonly instruction: string;
  readonly range?: Range | null;
}

/** Why a test failed, from its recording and the RTL; `text` fits one screen. `signals` are those that matter, under their full names in a recording, without the words of memories, which each viewer calls its own way; `time_ns` is when it failed, counted from the recording's beginning. `wave` is the slice before that as WaveJSON, `file` where the recording was kept, if it was. */
export interface Explained {
  readonly test: string;
  readonly text: string;
  readonly signals: readonly (string)[];
  readonly time_ns: number;
  readonly wave: string;
  readonly file: string | null;
}

/** The answer of `EXPORT_RUN`: one self-contained JSON document. */
export interface ExportedRun {
  readonly run_id: string;
  readonly text: string;
}

/** A file. */
export interface FileArgs {
  readonly uri: string;
}

/** One thing that was looked at; `needed` False: the product works without it. `mend` says what to do about it, `command` does it, in any terminal. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly mend: string | null;
  readonly needed: boolean;
  readonly command: string | null;
}

/** `uri` is a spec, or an RTL file whose spec comment is in `range` (or the only one). */
export interface GenerateArgs {
  readonly uri: string;
  readonly generator?: string | null;
  readonly reflector?: string | null;
  readonly range?: Range | null;
  readonly tests?: string | null;
  readonly module?: string | null;
}

/** A file that a run reads, with the SHA-256 of what was read. */
export interface Input {
  readonly role: "rtl" | "spec" | "testbench";
  readonly path: string;
  readonly sha256: string;
}

/** One turn of the loop: its best candidate, how far that came and what was made of it. `stage` is where the candidate ended: `generate` when the reply held no usable code. `candidate` is the SHA-256 of the RTL, None where there is none. */
export interface Iteration {
  readonly index: number;
  readonly stage: "compile" | "generate" | "simulate";
  readonly candidate: string | null;
  readonly ok: boolean;
  readonly diagnostics: readonly (Diagnostic)[];
  readonly tests: readonly (TestResult)[];
  readonly diagnosis: string | null;
  readonly seconds: number;
}

/** A turn of the loop is over. */
export interface IterationFinished {
  readonly type: "iteration_finished";
  readonly iteration: Iteration;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** When a run stops: failed compiles, failed simulations, and what it may use. */
export interface Limits {
  readonly compile_iterations: number;
  readonly simulation_iterations: number;
  readonly seconds: number | null;
  readonly tokens: number | null;
  readonly cost_usd: number | null;
}

/** The budgets were measured on a candidate that passes its tests. */
export interface Measured {
  readonly type: "measured";
  readonly candidate: string;
  readonly budgets: readonly (Budget)[];
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** One turn of a conversation. */
export interface Message {
  readonly role: "assistant" | "system" | "user";
  readonly content: string;
}

/** A model is asked; `candidate` numbers the attempt within the run. */
export interface ModelCalled {
  readonly type: "model_called";
  readonly role: "generator" | "reflector" | "test_writer";
  readonly candidate: number;
  readonly prompt: readonly (Message)[];
  readonly prefix: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** A model's whole reply. */
export interface ModelReplied {
  readonly type: "model_replied";
  readonly role: "generator" | "reflector" | "test_writer";
  readonly candidate: number;
  readonly reply: string;
  readonly usage: Usage;
  readonly seconds: number;
  readonly truncated: boolean;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** `initializationOptions`. `events` asks for the notifications and requests above; `commands` are the client's own that lenses may use; `trusted` False: nothing of the workspace is run. `settings` stands in where the client has no `workspace/configuration`. */
export interface Options {
  readonly events?: boolean;
  readonly trusted?: boolean;
  readonly commands?: readonly (string)[];
  readonly settings?: Record<string, unknown>;
}

/** How a run spends its iterations (see `loop.policy`). `candidates` are drawn an iteration; the share `prefilled` of them begins with the known module header; the first is drawn at `temperatures[0]`, the others at `temperatures[1]` (None: the model's own). `critique`: failures are shown to the models; else each iteration draws anew. `mechanical`: certain repairs are tried on every candidate before anything else; `variants`: small changes are tried on the best of an iteration, so many at most. */
export interface Policy {
  readonly name: "reflection" | "sampling";
  readonly candidates: number;
  readonly prefilled: number;
  readonly temperatures: readonly [number | null, number | null];
  readonly critique: boolean;
  readonly mechanical: boolean;
  readonly variants: number;
}

/** A place in a document. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** How a run stands, in one line. */
export interface Progress {
  readonly run_id: string;
  readonly module: string;
  readonly line: string;
}

/** A repair: `evidence` says what was tried; `verified`: it compiles and its tests pass. */
export interface Proposal {
  readonly title: string;
  readonly root_cause: string;
  readonly by: string;
  readonly diff: string;
  readonly rtl: string;
  readonly evidence: string;
  readonly verified: boolean;
}

/** The answer of `REFLECT`; `message` says why there are none. */
export interface Proposals {
  readonly uri: string;
  readonly proposals: readonly (Proposal)[];
  readonly message: string | null;
}

/** An area of a document. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** What the reflector (or the rules) made of a candidate's failure. */
export interface Reflected {
  readonly type: "reflected";
  readonly candidate: string | null;
  readonly by: string;
  readonly root_cause: string;
  readonly lines: readonly (number)[];
  readonly instruction: string | null;
  readonly edits: number;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** A reply that holds no usable code: a failed compile iteration. */
export interface Rejected {
  readonly type: "rejected";
  readonly candidate: number;
  readonly why: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** A second place that a diagnostic speaks of. */
export interface Related {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** `uri` is the file to repair, or to propose repairs for. */
export interface RepairArgs {
  readonly uri: string;
  readonly generator?: string | null;
  readonly reflector?: string | null;
  readonly tests?: string | null;
  readonly spec?: string | null;
  readonly top?: string | null;
}

/** The object of `doctor --json`; `ok` when everything needed is there. */
export interface Report {
  readonly ok: boolean;
  readonly version: string;
  readonly findings: readonly (Finding)[];
  readonly settings: readonly (SettingValue)[];
}

/** The object of `generate --json`, `repair --json` and `edit --json`. `rtl` is the best candidate's whole file; `message` says in one line why a run that is not good ended. `behaviour` compares with the version that it takes the place of, if any. */
export interface Result {
  readonly run_id: string;
  readonly task: "edit" | "generate" | "repair";
  readonly status: "cancelled" | "compiled" | "error" | "failed" | "verified";
  readonly module: string;
  readonly rtl: string;
  readonly out: string | null;
  readonly diff: string | null;
  readonly generator: string;
  readonly reflector: string;
  readonly iterations: readonly (Iteration)[];
  readonly budgets: readonly (Budget)[];
  readonly inputs_changed: readonly (string)[];
  readonly usage: RoleUsage;
  readonly seconds: Seconds;
  readonly message: string | null;
  readonly warnings: readonly (string)[];
  readonly behaviour: Behaviour | null;
}

/** What each role used. */
export interface RoleUsage {
  readonly generator: Usage;
  readonly reflector: Usage;
}

/** What a draft takes the place of in its file: nothing, or what we wrote there ourselves. `head` and the whole draft stand where `range` was; None: all of the text. `version` is that of the document, None where it isn't open. */
export interface Room {
  readonly range: Range | null;
  readonly head: string;
  readonly version: number | null;
}

/** The answer of what starts a run: `words` tell of its end, `target` is its file's URI. */
export interface RunAnswer {
  readonly run_id: string;
  readonly task: "edit" | "generate" | "repair";
  readonly status: "cancelled" | "compiled" | "error" | "failed" | "verified";
  readonly module: string;
  readonly rtl: string;
  readonly out: string | null;
  readonly diff: string | null;
  readonly generator: string;
  readonly reflector: string;
  readonly iterations: readonly (Iteration)[];
  readonly budgets: readonly (Budget)[];
  readonly inputs_changed: readonly (string)[];
  readonly usage: RoleUsage;
  readonly seconds: Seconds;
  readonly message: string | null;
  readonly warnings: readonly (string)[];
  readonly behaviour: Behaviour | null;
  readonly words: string;
  readonly target: string;
}

/** A run. */
export interface RunArgs {
  readonly run_id: string;
}

/** The answer of `RUN`; `result` is None for a run that has no end. `target` is the URI of the file that its result is meant for, `spec` the text that it read, where it read one. */
export interface RunDetail {
  readonly run: RunSummary;
  readonly iterations: readonly (Iteration)[];
  readonly result: Result | null;
  readonly events: readonly (RunStarted | Downloading | ModelCalled | Text | ModelReplied | Candidate | Rejected | Compiled | SimulationStarted | TestFinished | Simulated | Measured | TestExplained | Reflected | IterationFinished | Warned | TestsFinished | RunFinished)[];
  readonly target: string;
  readonly spec: string | null;
}

/** The last event of any other run. */
export interface RunFinished {
  readonly type: "run_finished";
  readonly result: Result;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** The object of `runs list --json`. */
export interface RunList {
  readonly runs: readonly (RunSummary)[];
}

/** The run's inputs are frozen; who writes tests is told as the `generator`. */
export interface RunStarted {
  readonly type: "run_started";
  readonly task: "edit" | "generate" | "repair" | "tests";
  readonly module: string;
  readonly inputs: readonly (Input)[];
  readonly generator: string;
  readonly reflector: string;
  readonly policy: Policy;
  readonly limits: Limits;
  readonly seed: number;
  readonly budgets: readonly (string)[];
  readonly version: number;
  readonly resumes: string | null;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** A run in one line. `started` is seconds since the epoch; `iterations` counts those that are over; `tests_passed` of `tests_total` is the best that one of them reached. A run without an end is `running` while its process lives, else `interrupted`. `resumable`: it can be gone on with. */
export interface RunSummary {
  readonly run_id: string;
  readonly task: "edit" | "generate" | "repair" | "tests";
  readonly title: string;
  readonly status: "cancelled" | "compiled" | "error" | "failed" | "verified" | "accepted" | "cancelled" | "error" | "refused" | "interrupted" | "running";
  readonly started: number;
  readonly seconds: number;
  readonly module: string;
  readonly generator: string;
  readonly reflector: string;
  readonly seed: number | null;
  readonly iterations: number;
  readonly tests_passed: number;
  readonly tests_total: number;
  readonly resumes: string | null;
  readonly resumable: boolean;
}

/** Which runs: of a file, of files in the workspace, or all; the newest `limit`. */
export interface RunsArgs {
  readonly uri?: string | null;
  readonly workspace?: boolean;
  readonly limit?: number;
}

/** Where the time went. */
export interface Seconds {
  readonly generator: number;
  readonly reflector: number;
  readonly compile: number;
  readonly simulate: number;
  readonly total: number;
}

/** A setting, its value as text, and where it comes from. */
export interface SettingValue {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

/** `uri` is RTL, a spec, or a test module; `tests` overrides those beside it. `only` are the names of the tests to run, empty for all. */
export interface SimulateArgs {
  readonly uri: string;
  readonly tests?: string | null;
  readonly top?: string | null;
  readonly only?: readonly (string)[];
}

/** All tests are done. */
export interface Simulated {
  readonly type: "simulated";
  readonly candidate: string;
  readonly status: "errored" | "failed" | "passed";
  readonly reason: "compile_error" | "killed" | "memory" | "ok" | "output_limit" | "test_failed" | "timeout" | "tool_broken" | "untrusted";
  readonly diagnostics: readonly (Diagnostic)[];
  readonly tests: readonly (TestResult)[];
  readonly seconds: number;
  readonly sandbox: string;
  readonly cached: boolean;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** The answer of `SIMULATE`: `words` tell of it. */
export interface SimulationAnswer {
  readonly status: "errored" | "failed" | "passed";
  readonly reason: "compile_error" | "killed" | "memory" | "ok" | "output_limit" | "test_failed" | "timeout" | "tool_broken" | "untrusted";
  readonly diagnostics: readonly (Diagnostic)[];
  readonly tests: readonly (TestResult)[];
  readonly seconds: number;
  readonly sandbox: string;
  readonly message: string | null;
  readonly explained: Explained | null;
  readonly words: string;
}

/** The tests run on a candidate. */
export interface SimulationStarted {
  readonly type: "simulation_started";
  readonly candidate: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** The answer of `SPECS`. */
export interface SpecList {
  readonly specs: readonly (SpecState)[];
}

/** A spec and what was made of it; `changed` are requirements that differ since then. `difference` says how far they are apart, where the spec is `outdated`; `range` is where it begins, for a spec comment of the file. */
export interface SpecState {
  readonly uri: string;
  readonly module: string;
  readonly target: string;
  readonly last_run: string | null;
  readonly status: "cancelled" | "compiled" | "error" | "failed" | "verified" | "accepted" | "cancelled" | "error" | "refused" | "interrupted" | "running" | null;
  readonly outdated: boolean;
  readonly changed: readonly (string)[];
  readonly difference: string;
  readonly range: Range | null;
}

/** All specs of a file, perhaps none. */
export interface SpecStates {
  readonly uri: string;
  readonly specs: readonly (SpecState)[];
}

/** Inputs that hold for some cycles, each value as Verilog writes it. */
export interface Steps {
  readonly cycles: number;
  readonly inputs: Record<string, string>;
}

/** A cocotb test; `line` is 0-based, `module` the one under test as far as it is known. */
export interface Test {
  readonly uri: string;
  readonly name: string;
  readonly line: number;
  readonly spec: string | null;
  readonly rtl: string | null;
  readonly module: string | null;
}

/** A failing test of a candidate was recorded and looked into. */
export interface TestExplained {
  readonly type: "test_explained";
  readonly candidate: string;
  readonly explained: Explained;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** One test has its result. */
export interface TestFinished {
  readonly type: "test_finished";
  readonly candidate: string;
  readonly test: TestResult;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** The answer of `TESTS`. */
export interface TestList {
  readonly tests: readonly (Test)[];
}

/** One cocotb test; `file` and `line` are where it failed. `time_ns` is simulated time, `seconds` how long that took. */
export interface TestResult {
  readonly name: string;
  readonly status: "errored" | "failed" | "passed" | "skipped";
  readonly message: string;
  readonly time_ns: number | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly seconds: number | null;
}

/** Which tests: of one module, or of the workspace. */
export interface TestsArgs {
  readonly uri?: string | null;
}

/** The last event of a run that writes tests, whose text is empty where none are offered. `says` is what speaks for them or against them, line by line; `message` why there are none. */
export interface TestsFinished {
  readonly type: "tests_finished";
  readonly status: "accepted" | "cancelled" | "error" | "refused";
  readonly module: string;
  readonly text: string;
  readonly out: string | null;
  readonly message: string | null;
  readonly says: readonly (string)[];
  readonly seconds: number;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** A piece of a reply, but of the reflector's; `restart`: what came before for this attempt is void. */
export interface Text {
  readonly type: "text";
  readonly candidate: number;
  readonly delta: string;
  readonly restart: boolean;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** `uri` is a spec that changed since its RTL was generated; `range` that of a spec comment. */
export interface UpdateArgs {
  readonly uri: string;
  readonly generator?: string | null;
  readonly reflector?: string | null;
  readonly range?: Range | null;
}

/** Tokens and price of one or more replies; `cost_usd` is None where no price is known. Of several replies it is the price of those whose price is known: a lower bound. `prompt_tokens` counts the whole prompt, the `cached_tokens` among them included. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly completion_tokens: number;
  readonly cost_usd: number | null;
}

/** Something the user should know; the run goes on. */
export interface Warned {
  readonly type: "warning";
  readonly message: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}

/** The answer of `WAVES`: a recording of a failing test; `message` says why there is none. `path` is the file and `save` GTKWave's for it; `gtkwave` is that program, where it is installed. `signals` are full names in the file, `time_ns` is when the test failed, from its beginning. `svg` is a picture of the cycles before that, `text` says what is known of it. */
export interface Waves {
  readonly path: string | null;
  readonly save: string | null;
  readonly gtkwave: string | null;
  readonly signals: readonly (string)[];
  readonly time_ns: number | null;
  readonly text: string;
  readonly svg: string;
  readonly test: string;
  readonly message: string | null;
}

/** `uri` is a test module, or RTL or a spec with tests; `test` one that fails. */
export interface WavesArgs {
  readonly uri: string;
  readonly tests?: string | null;
  readonly top?: string | null;
  readonly only?: readonly (string)[];
  readonly test: string;
}

/** What happens in a run. */
export type Event = RunStarted | Downloading | ModelCalled | Text | ModelReplied | Candidate | Rejected | Compiled | SimulationStarted | TestFinished | Simulated | Measured | TestExplained | Reflected | IterationFinished | Warned | TestsFinished | RunFinished;
