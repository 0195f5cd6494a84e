/** Generate RTL from the code lens, see it stream and pass, and take it back. */

import assert from "node:assert/strict";
import * as replies from "./lib/replies.ts";
import { scenario } from "./lib/scenario.ts";

scenario(
  "a lens generates RTL that passes its tests",
  { example: "counter", replies: [replies.misspelt, replies.wrongPriority, replies.right] },
  async (window) => {
    await window.openFile("counter.spec.md");
    await window.lens("Generate RTL").click();
    await window.toast(/counter: verified, 6 of 6 tests pass/).waitFor();
    await window.shows("counter.v", "if (rst)");
    await window.picture("generate");
    assert.equal((await window.text("counter.v")).includes("enable)"), false);
  },
);
