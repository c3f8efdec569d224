import { expect, it } from "vitest";
import { tenuresIn } from "@lifeboat/lab/checks/epoch-at-every-act";
import { plan } from "../planted-evidence.ts";
import { specOf } from "./scenario-spec.ts";

/*
 * The primary's database and servers die while its functions live, and go on renewing its lease: for 75 s, then for good.
 * 1. Nothing is moved for the first loss: users are served by the primary again.
 * 2. The claim is made once the primary itself has said for as long as a lease holds that its database takes no canary.
 * 3. The primary reads the claim, and stops its services; nothing is promoted before it has said so at both places.
 * 4. It says so only once its enforcer admits nobody any more.
 * 5. No person is asked: how much is lost is known, and within the limit.
 */
const ran = specOf("primary-data-plane-loss");
const { durationMs, renewEveryMs } = plan.ledger.lease;

const claim = () => {
  const [tenure, ...others] = tenuresIn(ran().evidence);
  expect(others).toEqual([]);
  if (tenure === undefined) throw new Error("nothing was claimed");
  return tenure;
};
const lastCanaryAtMs = (): number =>
  ran().evidence.canaries.findLast(({ region, atMs }) => region === "eu-west-1" && atMs < claim().fromMs)
    ?.atMs ?? Number.NaN;
/** Its own bucket holds no lease of its own, but its note that it has fenced itself. */
const ofPrimary = () =>
  ran().evidence.leases.filter(
    ({ body, bucket }) => body.site === "ireland" && body.epoch === 1 && !bucket.endsWith("eu-west-1"),
  );

it("1. moves nothing for a loss that is over before a lease would be", () => {
  const { evidence } = ran();
  const gaps = evidence.canaries
    .filter(({ region, atMs }) => region === "eu-west-1" && atMs < claim().fromMs)
    .map(({ atMs }, index, all) => atMs - (all[index - 1]?.atMs ?? atMs));
  // It was there.
  expect(gaps.filter((gapMs) => gapMs > 60_000)).toHaveLength(1);
  expect(ran().servedFrom).toEqual(["eu-west-1", "eu-west-3"]);
});

it("2. is claimed while the primary renews, and says that its database is lost", () => {
  const before = ofPrimary().findLast(({ atMs }) => atMs < claim().fromMs);
  const { reportedAtMs = 0, acknowledgedAtMs = 0 } = before?.body.canary ?? {};
  expect(reportedAtMs - acknowledgedAtMs).toBeGreaterThanOrEqual(durationMs);
  expect(claim().fromMs - (before?.atMs ?? 0)).toBeLessThan(2 * renewEveryMs);
});

it("3. steps down for the claim, before anything is promoted", () => {
  const { wire } = ran().evidence;
  const stopped = wire.filter(
    ({ operation, region, atMs, origin }) =>
      operation === "UpdateService" &&
      region === "eu-west-1" &&
      atMs > claim().fromMs &&
      origin.principal.includes("tend-services"),
  );
  expect(stopped.length).toBeGreaterThan(0);
  const fenced = ofPrimary().filter(({ body }) => body.fenced);
  expect(new Set(fenced.map(({ bucket }) => bucket)).size).toBe(2);
  const promoted = wire.find(({ operation }) => operation === "FailoverGlobalCluster");
  expect(promoted?.atMs).toBeGreaterThan(Math.max(...fenced.map(({ atMs }) => atMs)));
});

it("4. says that it is fenced no sooner than the enforcer's row has run out", () => {
  const graceMs = plan.decision.lossLimitMs - renewEveryMs;
  for (const { atMs } of ofPrimary().filter(({ body }) => body.fenced))
    expect(atMs).toBeGreaterThanOrEqual(lastCanaryAtMs() + graceMs);
});

it("5. asks nobody, and knows what was lost", () => {
  expect(ran().notices.filter((subject) => /needed/.test(subject ?? ""))).toEqual([]);
  expect(ran().simulation.result.rpoMs?.max).toBeLessThanOrEqual(plan.decision.lossLimitMs);
  expect(lastCanaryAtMs()).toBeLessThan(claim().fromMs - durationMs + renewEveryMs);
});
