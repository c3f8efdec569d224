import { shortRegion } from "./region-name.ts";

/** Who acts in the workload's account. */
export interface Actor {
  readonly workload: string;
  /** The function, as the manifest names it. */
  readonly name: string;
  /** The region that it runs in. */
  readonly region: string;
}

/**
 * What the names of a function's sessions begin with: `spacelift.promote.euw3.`. Its own role lets it assume the workload's role
 * under such names alone, and that role grants by them. A dot ends each part, for none of the parts has one.
 */
export const sessionPrefix = ({ workload, name, region }: Actor): string =>
  `${workload}.${name}.${shortRegion(region)}.`;

/**
 * The name of a session: CloudTrail of the workload's account shows it with every call. `epoch` is that of the recovery that
 * the function acts for; null where it acts for none. STS allows 64 characters, which the longest workload and function
 * leave room for: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const sessionName = (actor: Actor, epoch: number | null): string =>
  `${sessionPrefix(actor)}${epoch === null ? "no-epoch" : `e${epoch}`}`;
