import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * The second site is lost within the cooldown after the first recovery.
 * 1. The automatic attempt is refused, and says for how long.
 * 2. A person's override skips the cooldown, and the workload moves.
 * 3. The override skips nothing else: the second promotion waits for the lease like the first.
 */
const ran = specOf("cooldown");

it("1. refuses the automatic attempt", () => {
  expect(ran().simulation.recoveries[1]).toMatchObject({
    outcome: "refused",
    reason: expect.stringMatching(/the cooldown lasts \d+ s more/),
  });
});

it("2. moves by a person's override", () => {
  expect(ran().outcomes).toEqual(["recovered", "refused", "recovered"]);
  expect(ran().servedFrom).toEqual(["eu-west-1", "eu-west-3"]);
  expect(ran().evidence.claims.at(-1)?.body).toMatchObject({ activeSite: "ireland", epoch: 3 });
});

it("3. waits for the lease all the same", () => {
  const { wire, leases, plan } = ran().evidence;
  const promotion = wire.findLast(({ operation }) => operation === "FailoverGlobalCluster");
  const renewal = leases.findLast(
    ({ body, atMs }) => body.site === "paris" && body.durationMs > 0 && atMs < (promotion?.atMs ?? 0),
  );
  expect(promotion?.region).toBe("eu-west-1");
  expect((promotion?.atMs ?? 0) - (renewal?.atMs ?? Number.POSITIVE_INFINITY)).toBeGreaterThan(
    plan.ledger.lease.durationMs,
  );
});
