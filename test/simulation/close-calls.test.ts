import { plan } from "./planted-evidence.ts";
import { describe, expect, it } from "vitest";
import { tenuresIn } from "@lifeboat/lab/checks/epoch-at-every-act";
import { namesOf, specOf } from "./scenarios/scenario-spec.ts";

const WITNESS = "spacelift-lifeboat-eu-central-1";
const STANDBY = "spacelift-lifeboat-eu-west-3";

/*
 * The primary lives, and renews its lease where the standby cannot read it.
 * 1. Nothing is claimed and nothing is touched.
 * 2. The attempt asks a person, and ends by itself once the lease can be read.
 */
describe("a lease that cannot be read", () => {
  const ran = specOf("lease-unread");

  it("1. claims nothing and touches nothing", () => {
    expect(tenuresIn(ran().evidence)).toEqual([]);
    expect(namesOf(ran().acts)).toEqual([]);
    // It was alive: it went on renewing at the standby while nobody could read that.
    const { startedAtMs = 0, stoppedAtMs = 0 } = ran().evidence.executions[0] ?? {};
    const renewals = ran().evidence.leases.filter(
      ({ bucket, atMs, body }) =>
        bucket === STANDBY && body.site === "ireland" && atMs > startedAtMs && atMs < stoppedAtMs,
    );
    expect(renewals.length).toBeGreaterThan(5);
  });

  it("2. asks a person, and is not needed in the end", () => {
    expect(ran().notices).toContain("spacelift: hold needed, claim");
    expect(ran().outcomes).toEqual(["not-needed"]);
  });
});

/*
 * The primary's database is lost, and the primary cannot read the ledger's word that it is to step down.
 * 1. It renews at the standby as long as its database may come back, and then no more.
 * 2. The workload is claimed once its lease has run out, by an execution that nobody had to help.
 */
describe("a site that has lost its database and the witness", () => {
  const ran = specOf("lost-and-cut-off");
  const { durationMs } = plan.ledger.lease;
  const lastCanaryAtMs = (): number =>
    ran().evidence.canaries.findLast(({ region }) => region === "eu-west-1")?.atMs ?? Number.NaN;
  const renewedAtMs = (): number =>
    ran().evidence.leases.findLast(({ bucket, body }) => bucket === STANDBY && body.by === "ireland")?.atMs ??
    Number.NaN;

  it("1. lets its lease run out, after so long", () => {
    expect(renewedAtMs() - lastCanaryAtMs()).toBeGreaterThan(durationMs - 2 * plan.ledger.lease.renewEveryMs);
    // Counted from the first beat that went unanswered, and told with the renewal after that.
    expect(renewedAtMs() - lastCanaryAtMs()).toBeLessThan(durationMs + 2 * plan.ledger.lease.renewEveryMs);
  });

  it("2. is overtaken after that, and not before", () => {
    const promoted = ran().evidence.wire.find(({ operation }) => operation === "FailoverGlobalCluster");
    expect(promoted?.atMs).toBeGreaterThan(renewedAtMs() + durationMs);
    expect(ran().notices.filter((subject) => /needed/.test(subject ?? ""))).toEqual([]);
  });
});

/*
 * The old primary's word that it is fenced has stayed in one lease, from a move that was given up.
 * 1. It lies there while the site serves and renews at the other place.
 * 2. A failover that people order waits for that site, and never claims.
 */
describe("a fence that was told at one place only", () => {
  const ran = specOf("fence-told-once");
  const orderedAtMs = (): number => ran().evidence.executions[1]?.startedAtMs ?? Number.NaN;

  it("1. stays in the standby's lease while the site renews at the witness", () => {
    const before = (bucket: string) =>
      ran().evidence.leases.findLast((version) => version.bucket === bucket && version.atMs < orderedAtMs())
        ?.body;
    expect(before(STANDBY)).toMatchObject({ site: "ireland", fenced: true });
    expect(before(WITNESS)).toMatchObject({ site: "ireland", fenced: false, durationMs: 90_000 });
  });

  it("2. lets nobody overtake the site, whose users are served all the while", () => {
    expect(ran().outcomes).toEqual(["held", "held"]);
    expect(tenuresIn(ran().evidence).map(({ epoch }) => epoch)).toEqual([2]);
    expect(ran().servedFrom).toEqual(["eu-west-1"]);
    const refused = ran().evidence.rows.filter(
      ({ sentAtMs, outcome }) => sentAtMs > orderedAtMs() && outcome.type === "failed",
    );
    expect(refused).toEqual([]);
  });
});

/*
 * An execution is held while its region is lost and the workload moves back, and is told to go on afterwards.
 * 1. The workload moves back without waiting for it, in a later epoch.
 * 2. What it is told to do then, it does not do.
 */
describe("a holder that was overtaken", () => {
  const ran = specOf("holder-overtaken");

  it("1. is overtaken in a later epoch", () => {
    const [first, second] = ran().evidence.executions;
    expect(tenuresIn(ran().evidence).map(({ execution, epoch }) => [execution, epoch])).toEqual([
      [first?.arn, 2],
      [second?.arn, 3],
    ]);
    expect(ran().outcomes).toEqual(["held", "recovered"]);
  });

  it("2. acts no more", () => {
    const [first, second] = ran().evidence.executions;
    const late = ran().acts.filter(
      ({ origin, atMs }) => origin.execution === first?.arn && atMs > (second?.startedAtMs ?? 0),
    );
    expect(namesOf(late)).toEqual([]);
    expect(ran().evidence.claims.at(-1)?.body).toMatchObject({
      activeSite: "ireland",
      epoch: 3,
      holder: null,
    });
  });
});

/*
 * The primary is back before the claim, reads the ledger, and gets to renew only after the claim.
 * 1. It renews nowhere any more, neither in the epoch that it knew nor in the new one.
 * 2. It admits no writer: nothing is committed there after the claim.
 */
describe("a primary that comes back in the claim", () => {
  const ran = specOf("back-in-the-claim");
  const claimedAtMs = (): number => tenuresIn(ran().evidence)[0]?.fromMs ?? Number.NaN;

  it("1. renews nowhere after the claim", () => {
    const renewals = ran().evidence.leases.filter(
      ({ bucket, atMs, body }) =>
        [WITNESS, STANDBY].includes(bucket) &&
        body.site === "ireland" &&
        atMs > claimedAtMs() &&
        !body.fenced,
    );
    expect(renewals).toEqual([]);
  });

  it("2. commits nothing after the claim", () => {
    const late = ran().evidence.commits.filter(
      ({ region, atMs }) => region === "eu-west-1" && atMs > claimedAtMs(),
    );
    expect(late).toEqual([]);
  });
});

/*
 * A person gives a recovery up while AWS still promotes.
 * 1. The ledger keeps the hold of the execution that ended: the old site, which is back, stays down.
 * 2. The attempts that follow find the move in flight, and the last one ends what the first one began.
 */
describe("a recovery that is given up in flight", () => {
  const ran = specOf("aborted-in-flight");

  it("1. is not given back to the old site", () => {
    const [first] = ran().evidence.executions;
    const after = ran().evidence.claims.filter(({ atMs }) => atMs > (first?.stoppedAtMs ?? Number.NaN));
    expect(after.length).toBeGreaterThan(0);
    expect(after.filter(({ body }) => body.activeSite === "ireland" && body.holder === null)).toEqual([]);
  });

  it("2. is ended by a later attempt", () => {
    const [first, ...later] = ran().outcomes;
    expect(first).toBe("held");
    expect(later.at(-1)).toBe("recovered");
    expect(new Set(later.slice(0, -1))).toEqual(new Set(["refused"]));
    const promotions = ran().acts.filter(({ operation }) => operation === "FailoverGlobalCluster");
    expect(promotions).toHaveLength(1);
  });
});

/*
 * Functions die between their request and the start of its execution, and the outage passes.
 * 1. The request is forgotten, and nothing was started.
 */
describe("a request that nobody has started", () => {
  const ran = specOf("request-never-started");

  it("1. is forgotten", () => {
    expect(ran().evidence.claims.some(({ body }) => body.request !== null)).toBe(true);
    expect(ran().evidence.claims.at(-1)?.body).toMatchObject({ request: null, holder: null, epoch: 1 });
    expect(ran().evidence.executions).toEqual([]);
  });
});

/*
 * The primary's database answers again, and the watch dies before it takes back that beats go unanswered.
 * 1. The claim looks again until the site has said so: nothing is claimed, nothing is touched, nobody is asked.
 */
describe("a site that is well again and has not said so", () => {
  const ran = specOf("well-again-untold");

  it("1. is left alone, and nobody is asked", () => {
    expect(ran().outcomes).toEqual(["not-needed"]);
    expect(tenuresIn(ran().evidence)).toEqual([]);
    expect(ran().acts.filter(({ origin }) => origin.place === "eu-west-3")).toEqual([]);
    expect(ran().notices.filter((subject) => /needed,|approval/.test(subject ?? ""))).toEqual([]);
    // It waited for that: there was a claim that judged the loss before the site said what it is.
    const [execution] = ran().evidence.executions;
    expect(JSON.stringify(execution?.history)).toContain("lossUnknownSinceMs");
  });
});

/*
 * An execution is stopped in the console between its claim and its first promotion, under the kill switch, and its site is lost then.
 * 1. The hold is given back by the watch beside it, long before that.
 * 2. The site that was to be left serves on, and nothing was promoted.
 */
describe("an execution that is stopped after its claim", () => {
  const ran = specOf("stopped-in-the-claim");

  it("1. keeps no hold", () => {
    const { claims, executions } = ran().evidence;
    const stoppedAtMs = executions[0]?.stoppedAtMs ?? 0;
    const freed = claims.find(({ atMs, body }) => atMs > stoppedAtMs && body.holder === null);
    expect((freed?.atMs ?? Number.POSITIVE_INFINITY) - stoppedAtMs).toBeLessThan(60_000);
  });

  it("2. moves nothing", () => {
    expect(ran().evidence.claims.at(-1)?.body).toMatchObject({ activeSite: "ireland", holder: null });
    expect(namesOf(ran().acts)).not.toContain("rds:FailoverGlobalCluster in eu-west-3");
    expect(ran().evidence.executions).toHaveLength(1);
  });
});
