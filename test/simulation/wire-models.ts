import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load, type ApiModels } from "@lifeboat/cloud/wire/conformance/load";

const folder = fileURLToPath(new URL("../../../shared/conformance/aws-api", import.meta.url));

/** AWS's own API models, where they lie beside the checkout; without them the wire goes unchecked, and the output says so. */
export const wireModels: ApiModels | undefined = existsSync(folder) ? load(folder) : undefined;

if (wireModels === undefined)
  console.warn("../shared/conformance/aws-api is not there: the wire is not checked against AWS's models");
