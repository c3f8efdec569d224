import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiModel } from "./api-model.ts";

/** Names of the models' files, where they differ from the SDK package's name. */
const FILES: Readonly<Record<string, string>> = {
  "auto-scaling": "autoscaling",
  eventbridge: "events",
  "route-53": "route53",
  "secrets-manager": "secretsmanager",
  sfn: "stepfunctions",
};

/** The API models of services, by the SDK's name; undefined where the folder has none. */
export interface ApiModels {
  of(service: string): ApiModel | undefined;
}

/** Reads the models in a folder as they are asked for. Throws when the folder does not exist. */
export const load = (directory: string): ApiModels => {
  if (!existsSync(directory)) throw new Error(`no API models in ${directory}`);
  const loaded = new Map<string, ApiModel | undefined>();
  return {
    of(service) {
      if (loaded.has(service)) return loaded.get(service);
      const file = join(directory, `${FILES[service] ?? service}.json`);
      const model = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ApiModel) : undefined;
      loaded.set(service, model);
      return model;
    },
  };
};
