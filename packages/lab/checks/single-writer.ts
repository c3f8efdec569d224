import { commitsOnDeadTimelines, interleavedWrites } from "@lifeboat/cloud/client/judge";
import type { Checker } from "./evidence.ts";

/**
 * Never two writers at once (DESIGN, invariant 1), judged from rows alone: no commit on a timeline after a newer one has
 * begun to take writes, and no receipts of two regions that alternate. The rows are those of the users, who
 * follow the workload's name, and of the jobs beside the databases, who stay where they are: a user alone has one address at
 * a time, and would not meet a second writer. A job that is refused tells of no second writer either.
 */
export const singleWriter: Checker = ({ commits, rows, residentRows }) => [
  ...commitsOnDeadTimelines(commits).map(({ atMs, region, timeline, key }) => ({
    invariant: "single-writer",
    message: `${region} committed ${key} on timeline ${timeline}, after a newer timeline had taken writes`,
    atMs,
  })),
  ...interleavedWrites([...rows, ...residentRows]).map(({ acknowledgedAtMs, region, sequence }) => ({
    invariant: "single-writer",
    message: `${region} acknowledged write ${sequence} between two that another region acknowledged`,
    atMs: acknowledgedAtMs,
  })),
];
