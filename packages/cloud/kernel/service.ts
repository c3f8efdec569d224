import type { Place } from "./network.ts";

/** An error that AWS would answer with: `code` as the service's model names it, with AWS's HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members of the error's shape beyond its message, as the SDK's exception class has them. */
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** A role that somebody has assumed: whoever signs with its credentials acts as the role, and as nobody else. */
export interface AssumedSession {
  /** `arn:aws:sts::222233334444:assumed-role/lifeboat/spacelift.promote.euw3.e2` */
  readonly arn: string;
  /** The role's ARN. */
  readonly role: string;
  readonly account: string;
  /** `AROA…:spacelift.promote.euw3.e2`, which IAM knows as `aws:userid`. */
  readonly userId: string;
}

/** Who calls, and from where: latency, partitions, audit and permissions depend on it. */
export interface Origin {
  readonly place: Place;
  /** What CloudTrail would show: `function/claim@eu-west-3`, `states/failover@eu-west-3`, `operator`. */
  readonly principal: string;
  /** The Step Functions execution on whose behalf a function calls, where there is one. */
  readonly execution?: string;
  /** The role whose credentials signed the call, where it is not the principal's own. */
  readonly session?: AssumedSession;
}

/** One parsed API call. `input` has the SDK's member names and types (Dates for timestamps, bytes for blobs). */
export interface Call<Input = Record<string, unknown>> {
  readonly region: string;
  readonly operation: string;
  readonly input: Input;
  readonly origin: Origin;
}

/**
 * The operations of one service in all regions of the simulated account. An operation answers with the SDK's output
 * shape or throws {@link AwsError}; an operation that a model lacks is answered by the wire with an error that names it.
 * Handlers run when the request arrives at the service; latency is the wire's business. A handler that is to answer
 * later (a synchronous Lambda invocation) returns a promise over virtual time.
 */
export interface ServiceModel {
  /** The SDK package's name without `@aws-sdk/client-`: `rds`, `route-53`, `sfn`. */
  readonly service: string;
  readonly operations: Readonly<Record<string, (input: never, call: Call) => unknown>>;
}

/** What the wire saw: one request and what became of it. */
export interface WireRecord {
  readonly atMs: number;
  readonly endedAtMs: number;
  readonly origin: Origin;
  readonly service: string;
  readonly region: string;
  readonly operation: string;
  readonly input: unknown;
  /** Changes something in the account (by the operation's nature, whether or not it succeeded). */
  readonly mutating: boolean;
  /** `no-answer`: the packets were lost or the caller's timeout came first. */
  readonly outcome:
    | { readonly type: "answered"; readonly output: unknown }
    | { readonly type: "error"; readonly code: string; readonly message: string; readonly status: number }
    | { readonly type: "no-answer" };
}
