import type { HealthCheckConfig, HealthCheckRegion, ResourceRecordSet } from "@aws-sdk/client-route-53";

/** The regions that Route 53 checks from by default (API_HealthCheckConfig, Regions). */
export const CHECKER_REGIONS: readonly HealthCheckRegion[] = [
  "us-east-1",
  "us-west-1",
  "us-west-2",
  "eu-west-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-northeast-1",
  "sa-east-1",
];

/** Where Route 53's API lives, whatever the region of the caller. Its DNS servers are everywhere. */
export const CONTROL_PLANE_REGION = "us-east-1";

/** One of the machines that look at an endpoint. */
export interface Checker {
  readonly region: HealthCheckRegion;
  readonly ip: string;
  /** What this checker holds the endpoint for. */
  healthy: boolean;
  /** Looks in a row that said otherwise. */
  against: number;
  report: string;
  checkedAtMs: number;
}

export interface HealthCheck {
  readonly id: string;
  readonly callerReference: string;
  readonly config: HealthCheckConfig;
  readonly checkers: readonly Checker[];
  /** As the DNS servers have it, before inversion: they learn of a change a little later. */
  published: boolean;
}

export interface HostedZone {
  readonly id: string;
  /** With the final dot, in lower case. */
  readonly name: string;
  records: readonly ResourceRecordSet[];
  /** What the name servers answer from: they have a change a little later. */
  published: readonly ResourceRecordSet[];
}

/**
 * The names of an account are few, and every look of every health checker asks for some of them: a name is spelt once, and is
 * the same string ever after.
 */
const remembered = (spell: (name: string) => string): ((name: string) => string) => {
  const known = new Map<string, string>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const spelt = spell(name);
    known.set(name, spelt);
    return spelt;
  };
};

/** Lower case, with a final dot: how Route 53 keeps names. */
export const fullName = remembered((name) => (name.endsWith(".") ? name : `${name}.`).toLowerCase());
/** Without the final dot: how hosts are named on the network. */
export const hostName = remembered((name) => (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase());
