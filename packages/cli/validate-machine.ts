import {
  catalogueFromClient,
  stepFunctionsServiceName,
  validate,
  type Problem,
  type SdkCatalogue,
} from "@lifeboat/asl/validate";
import { clientModules } from "@lifeboat/aws/client-modules";
import { errorsByPlaceholder } from "@lifeboat/control-plane/function-errors";
import { exitCode, type Io, refuse } from "./io.ts";
import { paint } from "./paint.ts";

/** `invalid`: AWS would not create the machine; `unsound`: it would, and one day it fails or never ends. */
const meaning: Readonly<Record<Problem["kind"], string>> = {
  invalid: "AWS would refuse the machine",
  unsound: "AWS would take the machine, and it would fail or hang one day",
};

/** Operations and parameters of the services that a definition calls directly, from the SDK's own clients. */
const catalogueFor = async (text: string): Promise<SdkCatalogue> => {
  const called = new Set([...text.matchAll(/:aws-sdk:([a-zA-Z0-9-]+):/g)].map(([, service]) => service));
  const known = Object.entries(clientModules)
    .map(([name, load]) => ({ service: stepFunctionsServiceName(name), load }))
    .filter(({ service }) => called.has(service));
  const loaded = known.map(
    async ({ service, load }) => [service, catalogueFromClient(await load())] as const,
  );
  return Object.fromEntries(await Promise.all(loaded));
};

/** Says of a state machine's definition whether it can be deployed and ends whatever its functions do. */
export const validateMachine = async (path: string, io: Io): Promise<number> => {
  const file = await io.files.read(path);
  if (!file.ok)
    return refuse(io, `cannot read ${path}: ${file.reason}; give the path of a state machine's definition`);
  const problems = validate(file.text, {
    errorsOf: errorsByPlaceholder,
    sdkCatalogue: await catalogueFor(file.text),
  });
  for (const { path: where, line, column, rule, kind, message } of problems) {
    io.err.write(
      `${paint(io.err, "bold", `${path}:${line}:${column}`)}  ${where}  ${message} (${rule}; ${meaning[kind]})\n`,
    );
  }
  if (problems.length === 0) {
    io.out.write(`${paint(io.out, "green", `${path} is a valid state machine`)}\n`);
    return exitCode.done;
  }
  io.err.write(
    `${paint(io.err, "red", `${path} is no valid state machine`)}: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}\n`,
  );
  return exitCode.badInput;
};
