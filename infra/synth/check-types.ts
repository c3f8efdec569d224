import { join } from "node:path";
import { installPlatform, root, runProgram } from "./platform.ts";

/* `npm run check:types:sst`: the types of the stack against SST's and Pulumi's own, which `sst install` brings. */
try {
  await installPlatform((line) => process.stdout.write(`${line}\n`));
  process.exitCode = await runProgram(join(root, "node_modules", ".bin", "tsc"), ["-p", "tsconfig.sst.json"]);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
