/** A real VS Code with our extension, started once for all tests, and workspaces to open in it. */

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";
import { PATIENCE_MS, Window, writeSettings } from "./window.ts";

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set; run the tests by: make e2e`);
  }
  return value;
};

export const EXAMPLES = path.resolve(import.meta.dirname, "../../../examples");

/** The server on a machine where no sandbox works. */
export const UNCONFINED = path.resolve(import.meta.dirname, "unconfined");

/** What a test begins with. */
export interface Setting {
  /** Folders of examples/ whose files are copied into the workspace. */
  readonly examples?: readonly string[];
  /** Further files, by name. */
  readonly files?: Record<string, string>;
  readonly settings?: Record<string, unknown>;
  readonly trusted?: boolean;
  /** Let the extension find or make a server itself. */
  readonly fresh?: boolean;
  /** A folder that holds one more extension; for a driven one only. */
  readonly extension?: string;
  /** Runs the extension's own tests in the extension host, and is told what they log. */
  readonly log?: (line: string) => void;
}

export class VSCode {
  private readonly root: string;
  private readonly port: number;
  private readonly server: ChildProcess;
  private readonly browser: Browser;
  private count = 0;

  private constructor(root: string, port: number, server: ChildProcess, browser: Browser) {
    this.root = root;
    this.port = port;
    this.server = server;
    this.browser = browser;
  }

  /**
   * Installs the extension into a fresh profile and starts VS Code's server; `driven`: a window can
   * have one more extension, and tests in its extension host, but shows no toasts.
   */
  static async start({ driven = false } = {}): Promise<VSCode> {
    const root = await mkdtemp(path.join(tmpdir(), "spec2rtl-e2e-"));
    await mkdir(path.join(root, "bin")); // programs that a test puts before all others
    const port = await freePort();
    const main = path.join(need("E2E_VSCODE"), "out/server-main.js");
    const places = [
      ["--user-data-dir", path.join(root, "user")],
      ["--extensions-dir", path.join(root, "extensions")],
      ["--server-data-dir", path.join(root, "server")],
    ].flat();
    const consent = ["--accept-server-license-terms", "--telemetry-level", "off"];
    await promisify(execFile)(process.execPath, [
      main,
      ...places,
      ...consent,
      "--install-extension",
      need("E2E_EXTENSION"),
    ]);
    const server = spawn(
      process.execPath,
      [
        main,
        ...places,
        ...consent,
        ...["--host", "127.0.0.1", "--port", `${port}`, "--without-connection-token"],
        "--force-disable-user-env", // the programs are found as said below, not as in a login shell
        ...(driven ? ["--enable-smoke-test-driver"] : []),
      ],
      {
        stdio: ["ignore", "pipe", "ignore"],
        env: {
          ...process.env,
          PATH: [path.join(root, "bin"), ...foldersWithoutServer()].join(path.delimiter),
          PIP_CONFIG_FILE: path.join(root, "pip.conf"),
          SPEC2RTL_DATA_DIR: path.join(root, "data"),
          SPEC2RTL_CACHE_DIR: path.join(root, "cache"),
          ANTHROPIC_API_KEY: "",
        },
      },
    );
    await said(server, "Extension host agent listening");
    const browser = await chromium.launch({
      executablePath: need("E2E_BROWSER"),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
    return new VSCode(root, port, server, browser);
  }

  /** Opens a workspace of its own in a window of its own. */
  async open(setting: Setting): Promise<Window> {
    const home = path.join(this.root, `w${++this.count}`);
    const folder = path.join(home, "work");
    await mkdir(folder, { recursive: true });
    for (const example of setting.examples ?? []) {
      await cp(path.join(EXAMPLES, example), folder, {
        recursive: true,
        filter: (source) => !source.includes("__pycache__"),
      });
    }
    for (const [name, text] of Object.entries(setting.files ?? {})) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
    }
    await writeSettings(this.root, {
      ...(!setting.fresh && { "spec2rtl.server.command": need("E2E_SERVER") }),
      "spec2rtl.reflector": "rules",
      "files.autoSave": "off",
      "workbench.startupEditor": "none",
      "workbench.secondarySideBar.defaultVisibility": "hidden",
      "chat.disableAIFeatures": true,
      "security.workspace.trust.enabled": setting.trusted === false,
      "security.workspace.trust.startupPrompt": "never",
      ...setting.settings,
    });
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    const payload: [string, string][] = [];
    if (setting.extension) {
      const extension = `vscode-remote://127.0.0.1:${this.port}${setting.extension}`;
      payload.push(["extensionDevelopmentPath", extension]);
      if (setting.log) {
        payload.push(["extensionTestsPath", `${extension}/test/index.js`]);
        const told = (_kind: string, args: unknown[]): void => setting.log?.(args.join(" "));
        await page.exposeFunction("codeAutomationLog", told);
        await page.exposeFunction("codeAutomationExit", (code: number) => setting.log?.(`EXIT ${code}`));
      }
    }
    const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
    await page.goto(`http://127.0.0.1:${this.port}/?${query}`);
    const window = new Window(page, folder, this.root, need("E2E_OUTPUT"), complaints);
    await window.ready();
    return window;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    const ended = new Promise((resolve) => this.server.once("exit", resolve));
    this.server.kill();
    await ended;
    // Its children end by themselves, a little later; that they do is the product's promise.
    await rm(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

/** The folders of programs, less those that hold a server: a new user has none. */
function foldersWithoutServer(): string[] {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  return folders.filter((folder) => !existsSync(path.join(folder, "spec2rtl")));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Resolves when the program has printed this. */
function said(program: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = "";
    program.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes(words)) {
        resolve();
      }
    });
    program.once("exit", (code) => reject(new Error(`VS Code ended (${code}): ${printed}`)));
  });
}
