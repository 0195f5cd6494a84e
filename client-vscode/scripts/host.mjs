// Bundles the tests that run inside the extension host, as an extension of their own: host.mjs FOLDER

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const manifest = { name: "host-tests", publisher: "spec2rtl", version: "0.0.0" };
writeFileSync(
  join(folder, "package.json"),
  JSON.stringify({ ...manifest, engines: { vscode: "^1.101.0" } }),
);
await build({
  entryPoints: ["test/host/index.ts"],
  outfile: join(folder, "test", "index.js"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node22",
  external: ["vscode"],
  sourcemap: "inline",
  logLevel: "warning",
});
