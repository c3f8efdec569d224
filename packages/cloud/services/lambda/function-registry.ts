import { AwsError } from "../../kernel/service.ts";

/** A function's configuration in one region. */
export interface FunctionOptions {
  readonly region: string;
  readonly functionName: string;
  readonly timeoutSeconds?: number;
  readonly memoryMb?: number;
  /** Containers at a time that are kept for, and allowed to, this function. */
  readonly reservedConcurrency?: number;
  readonly roleArn?: string;
  /** The account that it lies in; the world's own where left out. */
  readonly accountId?: string;
  /** Where Lambda writes the function's log in its role's name. */
  readonly logGroup?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What becomes of an invocation that nobody waits for, when it fails. */
export interface AsyncDelivery {
  readonly retries: number;
  readonly maxAgeMs: number;
  /** The queue for what failed for good. */
  readonly onFailureArn: string | undefined;
}

/** A sandbox that has run a function's code, and may run it again. */
export interface Container {
  readonly id: string;
  idleSinceMs: number;
}

export interface SimulatedFunction {
  readonly region: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly accountId: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  reservedConcurrency: number | undefined;
  readonly roleArn: string;
  readonly logGroup: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Lambda's own way where nobody configured another. */
  delivery: AsyncDelivery;
  readonly idle: Container[];
  running: number;
}

export interface FunctionRegistry {
  add(options: FunctionOptions): SimulatedFunction;
  /** By name, partial ARN or ARN, with or without a qualifier. ResourceNotFoundException 404. */
  find(region: string, reference: string | undefined): SimulatedFunction;
  inRegion(region: string): readonly SimulatedFunction[];
}

const ARN =
  /^arn:aws:lambda:(?<region>[a-z0-9-]+):(?<account>\d{12}):function:(?<name>[A-Za-z0-9_-]+)(?::(?<qualifier>[A-Za-z0-9$_-]+))?$/;

interface Reference {
  readonly name: string;
  /** Only ARNs have them. */
  readonly region: string | undefined;
  readonly account: string | undefined;
}

const readReference = (reference: string): Reference => {
  const groups = ARN.exec(reference)?.groups;
  const name = groups?.["name"] ?? reference.split(":function:").at(-1)?.split(":")[0] ?? reference;
  return { name, region: groups?.["region"], account: groups?.["account"] };
};

export const createFunctionRegistry = (accountId: string): FunctionRegistry => {
  const functions = new Map<string, SimulatedFunction>();
  /** Asked for at each invocation. */
  const regions = new Map<string, SimulatedFunction[]>();
  /** What references say; read at each invocation, too. */
  const references = new Map<string, Reference>();
  const read = (reference: string): Reference => {
    const known = references.get(reference) ?? readReference(reference);
    references.set(reference, known);
    return known;
  };
  return {
    add(options) {
      const { region, functionName, accountId: owner = accountId } = options;
      const created: SimulatedFunction = {
        region,
        functionName,
        functionArn: `arn:aws:lambda:${region}:${owner}:function:${functionName}`,
        accountId: owner,
        timeoutMs: (options.timeoutSeconds ?? 3) * 1000,
        memoryMb: options.memoryMb ?? 128,
        reservedConcurrency: options.reservedConcurrency,
        roleArn: options.roleArn ?? `arn:aws:iam::${accountId}:role/${functionName}`,
        environment: options.environment ?? {},
        logGroup: options.logGroup ?? `/aws/lambda/${functionName}`,
        // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
        delivery: { retries: 2, maxAgeMs: 6 * 3_600_000, onFailureArn: undefined },
        idle: [],
        running: 0,
      };
      functions.set(`${region}/${functionName}`, created);
      const others = (regions.get(region) ?? []).filter((other) => other.functionName !== functionName);
      regions.set(region, [...others, created]);
      return created;
    },
    find(region, reference = "") {
      const { name, region: named, account = accountId } = read(reference);
      // An ARN of another region is not found here: Lambda is asked where the request was sent.
      const isElsewhere = named !== undefined && named !== region;
      const found = isElsewhere ? undefined : functions.get(`${region}/${name}`);
      // A name is of the caller's account; those of another one are known by their ARNs alone.
      if (found?.accountId === account) return found;
      const arn = reference.startsWith("arn:")
        ? reference
        : `arn:aws:lambda:${region}:${accountId}:function:${name}`;
      throw new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404, { Type: "User" });
    },
    inRegion: (region) => regions.get(region) ?? [],
  };
};
