import type { Report } from "../definition/check-fields.ts";
import { isJsonObject } from "../values/json.ts";
import type { Site } from "./outline.ts";

/** Members of each operation's input, by service and operation, all as Step Functions writes them. */
export type SdkCatalogue = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * A member's name as Step Functions writes it: Pascal case in which an abbreviation is a word (`DBClusterIdentifier` →
 * `DbClusterIdentifier`), as in the AWS SDK for Java 2.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
export const stepFunctionsMemberName = (member: string): string => {
  const words = member.replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2").replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2");
  return words
    .split(" ")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join("");
};

/** An operation's name as Step Functions writes it: its API name with a small first letter. */
export const stepFunctionsOperationName = (operation: string): string =>
  operation.charAt(0).toLowerCase() + operation.slice(1);

/** Services whose name in a resource is not that of the SDK's package. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  "route-53": "route53",
  "auto-scaling": "autoscaling",
  "secrets-manager": "secretsmanager",
};

/** A service's name in `arn:aws:states:::aws-sdk:service:operation`, from its SDK package's (`client-` left out). */
export const stepFunctionsServiceName = (packageName: string): string =>
  SERVICE_NAMES[packageName] ?? packageName.replaceAll("-", "");

type Schema = readonly unknown[];

const OPERATION_KIND = 9;
const STRUCTURE_KIND = 3;

const isSchema = (value: unknown, kind: number): value is Schema => Array.isArray(value) && value[0] === kind;

/**
 * Reads a service's operations from the schemas that its SDK client exports (a module namespace of
 * `@aws-sdk/client-*`, given by whoever may import it).
 */
export const catalogueFromClient = (client: Readonly<Record<string, unknown>>): SdkCatalogue[string] => {
  const operations: Record<string, readonly string[]> = {};
  for (const schema of Object.values(client)) {
    if (!isSchema(schema, OPERATION_KIND)) continue;
    const [, , name, , input] = schema;
    const shape: unknown = typeof input === "function" ? (input as () => unknown)() : input;
    const members = isSchema(shape, STRUCTURE_KIND) ? (shape[4] as readonly string[]) : [];
    operations[stepFunctionsOperationName(String(name))] = members.map(stepFunctionsMemberName);
  }
  return operations;
};

const RESOURCE = /:states:[^:]*:[^:]*:aws-sdk:([a-zA-Z0-9-]+):([a-zA-Z0-9]+)(?:\.waitForTaskToken)?$/;

const nearest = (name: string, candidates: readonly string[]): string => {
  const same = candidates.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return same === undefined ? "" : `; did you mean ${same}?`;
};

/** Whether the operation of an SDK integration exists, and its parameters are written as Step Functions wants them. */
export const checkSdkIntegration = (site: Site, catalogue: SdkCatalogue, report: Report): void => {
  const { Resource: resource, Arguments: args, Parameters: parameters } = site.state;
  const [, service = "", operation = ""] =
    site.type === "Task" && typeof resource === "string" ? (RESOURCE.exec(resource) ?? []) : [];
  if (service === "") return;
  const operations = catalogue[service];
  const members = operations?.[operation];
  if (operations !== undefined && members === undefined) {
    const hint = nearest(operation, Object.keys(operations));
    report(
      [...site.path, "Resource"],
      "sdk-operation",
      `the service ${service} has no operation ${operation}${hint}`,
    );
  }
  const field = isJsonObject(args) ? "Arguments" : "Parameters";
  const given = isJsonObject(args) ? args : parameters;
  if (!isJsonObject(given)) return;
  for (const key of Object.keys(given)) {
    const name = key.replace(/\.\$$/, "");
    const expected = stepFunctionsMemberName(name);
    const at = [...site.path, field, key];
    if (members !== undefined && !members.includes(name)) {
      report(at, "sdk-parameter", `${operation} has no parameter ${name}${nearest(expected, members)}`, {
        atKey: true,
      });
    } else if (members === undefined && name !== expected) {
      report(at, "sdk-parameter", `Step Functions writes the parameter ${name} as ${expected}`, {
        atKey: true,
      });
    }
  }
};
