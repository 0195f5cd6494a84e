// Generated.
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
export const EXPORT_RUN = "spec2rtl.exportRun";
export const DELETE_RUN = "spec2rtl.deleteRun";
export const APPLY_RUN = "spec2rtl.applyRun";
export const TESTS = "spec2rtl.tests";
export const SPECS = "spec2rtl.specs";
export const EVENT = "spec2rtl/event";
export const DRAFT = "spec2rtl/draft";
export const SPEC_CHANGED = "spec2rtl/specChanged";
export const CONSENTED = "spec2rtl/consented";
export const DELIVER = "spec2rtl/deliver";
export const EDIT_RTL = "spec2rtl.editRtl";
export const SHOW_RUN = "spec2rtl.showRun";
export const SECTION = "spec2rtl";
export type Event = RunStarted | Downloading | ModelCalled | Text | ModelReplied | Candidate | Rejected | Compiled | SimulationStarted | TestFinished | Simulated | Reflected | IterationFinished | Warned | RunFinished;
export interface Iteration {
  readonly index: number;
  readonly stage: "generate" | "compile" | "simulate";
  readonly candidate: string | null;
  readonly ok: boolean;
  readonly diagnostics: readonly (Diagnostic)[];
  readonly tests: readonly (TestResult)[];
  readonly diagnosis: string | null;
  readonly seconds: number;
}
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
  readonly severity: "error" | "warning" | "info";
  readonly code: string;
  readonly message: string;
  readonly source: "iverilog" | "slang" | "cocotb" | "spec";
  readonly related: readonly (Related)[];
}
export interface Related {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
export interface TestResult {
  readonly name: string;
  readonly status: "passed" | "failed" | "errored" | "skipped";
  readonly message: string;
  readonly time_ns: number | null;
  readonly file: string | null;
  readonly line: number | null;
}
export interface Result {
  readonly run_id: string;
  readonly task: "generate" | "repair" | "edit";
  readonly status: "verified" | "compiled" | "failed" | "cancelled" | "error";
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
}
export interface Budget {
  readonly require: string;
  readonly value: string | null;
  readonly met: boolean | null;
}
export interface RoleUsage {
  readonly generator: Usage;
  readonly reflector: Usage;
}
export interface Usage {
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly completion_tokens: number;
  readonly cost_usd: number | null;
}
export interface Seconds {
  readonly generator: number;
  readonly reflector: number;
  readonly compile: number;
  readonly simulate: number;
  readonly total: number;
}
export interface RunSummary {
  readonly run_id: string;
  readonly task: "generate" | "repair" | "edit";
  readonly title: string;
  readonly status: "verified" | "compiled" | "failed" | "cancelled" | "error" | "running" | "interrupted";
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
}
export interface Position {
  readonly line: number;
  readonly character: number;
}
export interface Range {
  readonly start: Position;
  readonly end: Position;
}
export interface Options {
  readonly events?: boolean;
  readonly trusted?: boolean;
  readonly commands?: readonly (string)[];
  readonly remote?: "ask" | "allowed" | null;
  readonly settings?: Record<string, unknown>;
}
export interface GenerateArgs {
  readonly uri: string;
  readonly range?: Range | null;
  readonly generator?: string | null;
  readonly reflector?: string | null;
  readonly tests?: string | null;
  readonly module?: string | null;
}
export interface RepairArgs {
  readonly uri: string;
  readonly tests?: string | null;
  readonly spec?: string | null;
  readonly top?: string | null;
  readonly generator?: string | null;
  readonly reflector?: string | null;
}
export interface EditArgs {
  readonly uri: string;
  readonly instruction: string;
  readonly range?: Range | null;
  readonly tests?: string | null;
  readonly spec?: string | null;
  readonly top?: string | null;
  readonly generator?: string | null;
  readonly reflector?: string | null;
}
export interface UpdateArgs {
  readonly uri: string;
  readonly generator?: string | null;
  readonly reflector?: string | null;
}
export interface FileArgs {
  readonly uri: string;
}
export interface SimulateArgs {
  readonly uri: string;
  readonly tests?: string | null;
  readonly top?: string | null;
}
export interface ReflectArgs {
  readonly uri: string;
  readonly tests?: string | null;
  readonly spec?: string | null;
  readonly generator?: string | null;
  readonly reflector?: string | null;
}
export interface RunArgs {
  readonly run_id: string;
}
export interface ApplyRunArgs {
  readonly run_id: string;
  readonly candidate?: string | null;
}
export interface RunsArgs {
  readonly uri?: string | null;
  readonly limit?: number;
}
export interface TestsArgs {
  readonly uri?: string | null;
}
export interface Cancelled {
  readonly cancelled: boolean;
}
export interface Applied {
  readonly applied: boolean;
}
export interface Proposal {
  readonly title: string;
  readonly root_cause: string;
  readonly by: string;
  readonly diff: string;
  readonly rtl: string;
  readonly evidence: string;
  readonly verified: boolean;
}
export interface Proposals {
  readonly uri: string;
  readonly proposals: readonly (Proposal)[];
  readonly message: string | null;
}
export interface RunDetail {
  readonly run: RunSummary;
  readonly iterations: readonly (Iteration)[];
  readonly result: Result | null;
  readonly events: readonly (RunStarted | Downloading | ModelCalled | Text | ModelReplied | Candidate | Rejected | Compiled | SimulationStarted | TestFinished | Simulated | Reflected | IterationFinished | Warned | RunFinished)[];
}
export interface RunStarted {
  readonly type: "run_started";
  readonly task: "generate" | "repair" | "edit";
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
export interface Input {
  readonly role: "spec" | "rtl" | "testbench";
  readonly path: string;
  readonly sha256: string;
}
export interface Policy {
  readonly name: "reflection" | "sampling";
  readonly candidates: number;
  readonly prefilled: number;
  readonly temperatures: readonly (number | null)[];
  readonly critique: boolean;
  readonly mechanical: boolean;
}
export interface Limits {
  readonly compile_iterations: number;
  readonly simulation_iterations: number;
  readonly seconds: number | null;
  readonly tokens: number | null;
  readonly cost_usd: number | null;
}
export interface Downloading {
  readonly type: "downloading";
  readonly what: string;
  readonly done: number;
  readonly total: number;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface ModelCalled {
  readonly type: "model_called";
  readonly role: "generator" | "reflector";
  readonly candidate: number;
  readonly prompt: readonly (Message)[];
  readonly prefix: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}
export interface Text {
  readonly type: "text";
  readonly candidate: number;
  readonly delta: string;
  readonly restart: boolean;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface ModelReplied {
  readonly type: "model_replied";
  readonly role: "generator" | "reflector";
  readonly candidate: number;
  readonly reply: string;
  readonly usage: Usage;
  readonly seconds: number;
  readonly truncated: boolean;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
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
export interface Rejected {
  readonly type: "rejected";
  readonly candidate: number;
  readonly why: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface Compiled {
  readonly type: "compiled";
  readonly candidate: string;
  readonly ok: boolean;
  readonly reason: "ok" | "compile_error" | "test_failed" | "timeout" | "memory" | "output_limit" | "killed" | "untrusted" | "tool_broken";
  readonly diagnostics: readonly (Diagnostic)[];
  readonly seconds: number;
  readonly cached: boolean;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface SimulationStarted {
  readonly type: "simulation_started";
  readonly candidate: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface TestFinished {
  readonly type: "test_finished";
  readonly candidate: string;
  readonly test: TestResult;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface Simulated {
  readonly type: "simulated";
  readonly candidate: string;
  readonly status: "passed" | "failed" | "errored";
  readonly reason: "ok" | "compile_error" | "test_failed" | "timeout" | "memory" | "output_limit" | "killed" | "untrusted" | "tool_broken";
  readonly diagnostics: readonly (Diagnostic)[];
  readonly tests: readonly (TestResult)[];
  readonly seconds: number;
  readonly sandbox: string;
  readonly cached: boolean;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
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
export interface IterationFinished {
  readonly type: "iteration_finished";
  readonly iteration: Iteration;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface Warned {
  readonly type: "warning";
  readonly message: string;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface RunFinished {
  readonly type: "run_finished";
  readonly result: Result;
  readonly run_id: string;
  readonly seq: number;
  readonly time: number;
}
export interface ExportedRun {
  readonly run_id: string;
  readonly text: string;
}
export interface Test {
  readonly uri: string;
  readonly name: string;
  readonly line: number;
  readonly spec: string | null;
  readonly rtl: string | null;
  readonly module: string | null;
}
export interface TestList {
  readonly tests: readonly (Test)[];
}
export interface SpecState {
  readonly uri: string;
  readonly module: string;
  readonly target: string;
  readonly last_run: string | null;
  readonly status: "verified" | "compiled" | "failed" | "cancelled" | "error" | "running" | "interrupted" | null;
  readonly outdated: boolean;
  readonly changed: readonly (string)[];
}
export interface SpecList {
  readonly specs: readonly (SpecState)[];
}
export interface Draft {
  readonly run_id: string;
  readonly candidate: number;
  readonly uri: string;
  readonly append: string;
  readonly restart: boolean;
}
export interface Delivery {
  readonly run_id: string;
  readonly uri: string;
  readonly range: Range;
  readonly text: string;
  readonly label: string;
  readonly status: "verified" | "compiled" | "failed" | "cancelled" | "error";
  readonly create: boolean;
  readonly version: number | null;
  readonly confirm: string | null;
}
export interface Delivered {
  readonly applied: boolean;
}
export interface Checked {
  readonly ok: boolean;
  readonly diagnostics: readonly (Diagnostic)[];
  readonly simulator: string;
  readonly message: string | null;
}
export interface SimulationResult {
  readonly status: "passed" | "failed" | "errored";
  readonly reason: "ok" | "compile_error" | "test_failed" | "timeout" | "memory" | "output_limit" | "killed" | "untrusted" | "tool_broken";
  readonly diagnostics: readonly (Diagnostic)[];
  readonly tests: readonly (TestResult)[];
  readonly seconds: number;
  readonly sandbox: string;
  readonly message: string | null;
}
export interface RunList {
  readonly runs: readonly (RunSummary)[];
}
export interface Anthropic {
  readonly model: string;
  readonly base_url: string | null;
}
export interface OpenAI {
  readonly model: string;
  readonly base_url: string;
}
export interface Settings {
  readonly generator: string | null;
  readonly reflector: string | null;
  readonly endpoint: string | null;
  readonly remote: boolean;
  readonly language: "verilog" | "systemverilog";
  readonly tests: string | null;
  readonly sources: readonly (string)[];
  readonly include_dirs: readonly (string)[];
  readonly defines: readonly (readonly (string)[])[];
  readonly parameters: readonly (readonly (string)[])[];
  readonly max_compile_iterations: number;
  readonly max_simulation_iterations: number;
  readonly candidates: number | null;
  readonly seed: number;
  readonly max_seconds: number | null;
  readonly max_tokens: number | null;
  readonly max_cost: number | null;
  readonly sandbox: "auto" | "require" | "off";
  readonly iverilog: string;
  readonly vvp: string;
  readonly compile_seconds: number;
  readonly simulation_seconds: number;
  readonly memory_mib: number;
  readonly output_mib: number;
}
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly mend: string | null;
  readonly needed: boolean;
}
export interface SettingValue {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}
export interface Report {
  readonly ok: boolean;
  readonly version: string;
  readonly findings: readonly (Finding)[];
  readonly settings: readonly (SettingValue)[];
}
