import { commitsOnDeadTimelines, interleavedWrites } from "@lifeboat/cloud/client/judge";
import type { Checker } from "./evidence.ts";

/**
 * Never two writers at once (DESIGN, invariant 1), judged from rows alone: no commit on a timeline after a newer one has
 * begun to take users' writes, and no receipts of two regions that alternate.
 */
export const singleWriter: Checker = ({ commits, rows }) => [
  ...commitsOnDeadTimelines(commits).map(({ atMs, region, timeline, key }) => ({
    invariant: "single-writer",
    message: `${region} committed ${key} on timeline ${timeline}, after a newer timeline had taken users' writes`,
    atMs,
  })),
  ...interleavedWrites(rows).map(({ acknowledgedAtMs, region, sequence }) => ({
    invariant: "single-writer",
    message: `${region} acknowledged write ${sequence} between two that another region acknowledged`,
    atMs: acknowledgedAtMs,
  })),
];
