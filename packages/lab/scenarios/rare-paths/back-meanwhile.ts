import type { Lease } from "@lifeboat/recovery/ledger";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "../scenario.ts";
import { crossed } from "../crossed.ts";

const LAG_MS = 90_000;
const BACK_MS = 180_000;

/**
 * The lost region is back, serves, and is lost again: once while a second person is waited for, and once while the claim
 * waits for the lease. Each time the loss is measured anew.
 */
export const backMeanwhile: Scenario = {
  name: "back-meanwhile",
  summary:
    "a lost region comes back and goes again, between order and approval, and between approval and claim",
  expected: "recovered",
  async run({ lab, wait, waitFor, waitForQuestion, tell, markOutage, answer, startFailover }) {
    const { plan, cloud } = lab;
    const { network } = cloud.world;
    const { primary, standby } = plan.sites;
    const lose = (): void => {
      markOutage();
      tell(`${primary.region} is lost, again and again`);
      network.lose(primary.region);
    };
    const revision = (): number => {
      const text = cloud.s3.read(plan.ledger.witnessBucket, `${plan.workload}/lease`) ?? "{}";
      return (JSON.parse(text) as Lease).revision;
    };
    await wait(CALM_MS);
    network.cut(primary.region, standby.region);
    await wait(LAG_MS);
    markOutage();
    tell(`${primary.region} is lost, with ${standby.region} ${LAG_MS / 1000} s behind`);
    network.lose(primary.region);
    network.mend(primary.region, standby.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    await answer({ answer: "reject", who: "one", why: "I order it myself" });
    await waitFor("the first attempt to end", 60_000, () => hasEnded(lab, 1));
    const override = { who: "one", why: "users wait", acceptLossMs: "any" };
    await startFailover(standby.name, { workload: plan.workload, override });
    await waitForQuestion(RECOVERY_WITHIN_MS);
    tell("and approves his own order");
    await answer({ answer: "approve", who: "one", why: "I said so" });
    tell(`${primary.region} is back`);
    network.restore(primary.region);
    await wait(BACK_MS);
    lose();
    tell("another person approves the order of before");
    await answer({ answer: "approve", who: "two", why: "agreed" });
    await waitFor(
      "the claim to wait for the lease",
      300_000,
      crossed(lab, ({ origin }) => origin.principal.includes("-claim@")),
    );
    const before = revision();
    tell(`${primary.region} is back once more, and renews`);
    network.restore(primary.region);
    await waitFor("its lease to be renewed", 180_000, () => revision() > before + 1);
    lose();
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 2));
    await wait(30_000);
  },
};
