// Bundles the extension and the run page into dist/.

import { copyFileSync } from "node:fs";
import { build } from "esbuild";

const shared = { bundle: true, minify: true, sourcemap: false, logLevel: "warning" };

await build({
  ...shared,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  platform: "node",
  format: "cjs",
  target: "node22",
  external: ["vscode"],
});
await build({
  ...shared,
  entryPoints: ["src/page/page.ts"],
  outfile: "dist/page.js",
  platform: "browser",
  format: "iife",
  target: "es2022",
});
copyFileSync("src/page/page.css", "dist/page.css");
