import type { WireRecord } from "@lifeboat/cloud/kernel/service";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { forSite, sitesOf, type RecoveryPlan, type Site } from "@lifeboat/recovery/plan";
import {
  actsIn,
  bucketOf,
  callsOf,
  firstPromotionsIn,
  inputOf,
  keyOf,
  nameOf,
  promotionsIn,
} from "./acts.ts";
import { tenuresIn } from "./epoch-at-every-act.ts";
import type { Checker, Evidence, Violation } from "./evidence.ts";
import { looksAt } from "./looks-at-standby.ts";

/**
 * Target first (invariant 8), by what was asked of AWS and what AWS answered. Before an execution's first irreversible call,
 * and before it claimed the workload, it had asked in the standby's own region about everything there that the plan names,
 * and the answer to the last such question was good enough, for each. After that call it goes forward only: it takes nothing
 * of the standby down again, moves no database away from there, and does not give the workload back to the site that was
 * left if the standby's database has come to take writes by then, or comes to do so later.
 */
export const targetFirst: Checker = (evidence) => [...uncheckedTargets(evidence), ...undoneMoves(evidence)];

const uncheckedTargets = (evidence: Evidence): readonly Violation[] =>
  firstPromotionsIn(evidence).flatMap((promotion) => {
    const { plan } = evidence;
    const site = sitesOf(plan).find(({ region }) => region === promotion.region);
    const tenure = tenuresIn(evidence).find(({ execution }) => execution === promotion.origin.execution);
    if (site === undefined || tenure === undefined) return [];
    // In the order in which they left: what an attempt that died has asked may end after the next attempt's answers.
    const own = callsOf(evidence, promotion.origin.execution)
      .filter(({ region, atMs }) => region === site.region && atMs < tenure.fromMs)
      .sort((left, right) => left.atMs - right.atMs);
    return looksAt(plan, site).flatMap(({ resource, isOf, isFit }) => {
      const look = own.findLast(isOf);
      if (look !== undefined && isFit(look)) return [];
      const what = look === undefined ? "without a look at" : "although it had found unfit, or not at all,";
      const message = `${promotion.origin.execution} promoted ${what} ${resource} in ${site.region}`;
      return [{ invariant: "target-first", message, atMs: promotion.atMs }];
    });
  });

/** Does the call take down, at the standby, what a recovery sets up there? */
const isUndoing = (plan: RecoveryPlan, { name: site, region }: Site, call: WireRecord): boolean => {
  const asked = inputOf(call);
  switch (call.operation) {
    case "UpdateService":
      return (
        call.region === region &&
        plan.services.some(
          ({ service, activeCount }) =>
            service === asked["service"] && Number(asked["desiredCount"]) < activeCount,
        )
      );
    case "SetDesiredCapacity":
      return plan.workers.some(
        ({ groups, activeCount }) =>
          forSite(groups, site) === asked["AutoScalingGroupName"] &&
          Number(asked["DesiredCapacity"]) < activeCount,
      );
    case "DeleteObject":
    case "PutObject":
      return plan.traffic.some((traffic) => {
        if (traffic.type !== "switch") return false;
        const { bucket, key } = forSite(traffic.switches, site);
        // Taking the switch away, or closing the site.
        return (
          bucketOf(call) === bucket &&
          keyOf(call) === (call.operation === "DeleteObject" ? key : closedKey(key))
        );
      });
    case "FailoverGlobalCluster":
    case "SwitchoverGlobalCluster":
      return !plan.stores.some(
        (store) =>
          store.type === "aurora-global" &&
          String(asked["TargetDbClusterIdentifier"]).endsWith(`:cluster:${forSite(store.clusters, site)}`),
      );
    default:
      return false;
  }
};

const undoneMoves = (evidence: Evidence): readonly Violation[] =>
  firstPromotionsIn(evidence).flatMap((promotion) => {
    const { plan, claims, commits, canaries, standing } = evidence;
    const { execution } = promotion.origin;
    const site = sitesOf(plan).find(({ region }) => region === promotion.region);
    if (site === undefined) return [];
    const undoing = actsIn(evidence)
      .filter(
        (call) =>
          call.origin.execution === execution && call.atMs > promotion.atMs && isUndoing(plan, site, call),
      )
      .map((call) => ({
        invariant: "target-first",
        message: `${nameOf(call)} by ${execution} takes back what came after its point of no return`,
        atMs: call.atMs,
      }));
    const last = promotionsIn(evidence).findLast(({ origin }) => origin.execution === execution) ?? promotion;
    const tenure = tenuresIn(evidence).find((candidate) => candidate.execution === execution);
    const back = claims.find(
      ({ atMs, body }) =>
        atMs > last.atMs &&
        body.epoch === tenure?.epoch &&
        body.holder === null &&
        body.activeSite !== site.name,
    );
    // What takes writes there takes them by this promotion, unless another one was asked for meanwhile.
    const next = promotionsIn(evidence).find(
      ({ region, atMs }) => back !== undefined && region === site.region && atMs > back.atMs,
    );
    const takesWrites =
      [...commits, ...canaries].some(
        ({ region, atMs }) =>
          region === site.region && atMs > promotion.atMs && atMs < (next?.atMs ?? Number.POSITIVE_INFINITY),
      ) ||
      (next === undefined && standing.stores.some(({ writerRegion }) => writerRegion === site.region));
    if (back === undefined || !takesWrites) return undoing;
    const message = `${execution} gave the workload back to ${back.body.activeSite}, and its promotion took effect`;
    return [...undoing, { invariant: "target-first", message, atMs: back.atMs }];
  });
