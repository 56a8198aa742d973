// Compile the client and the plain modules of the pages with their tests, then run all with Node's own test runner.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("..", import.meta.url));
const client = fileURLToPath(new URL("../../clients/typescript", import.meta.url));

function run(...command) {
  const { status } = spawnSync(process.execPath, command, { cwd: web, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const tests = (folder) => readdirSync(folder).filter((name) => name.endsWith(".test.js")).map((name) => `${folder}/${name}`);

rmSync(`${web}/dist/test`, { recursive: true, force: true });
run("node_modules/typescript/bin/tsc", "-p", client);
run("node_modules/typescript/bin/tsc", "-p", "test");
run("--test", ...tests(`${client}/dist/test`), ...tests(`${web}/dist/test/web/test`));
