/** The language servers of a window. */

import { readdirSync, readFileSync } from "node:fs";

/** Ends them as a crash does. */
export function killServers(profile: string): void {
  for (const server of servers(profile)) {
    process.kill(server, "SIGKILL");
  }
}

/** Those of this profile, by the environment that they were given. */
function servers(profile: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/cmdline`, "utf8").includes("\0lsp\0") &&
          readFileSync(`/proc/${name}/environ`, "utf8").includes(profile)
        );
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}
