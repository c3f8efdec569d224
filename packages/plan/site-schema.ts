import * as z from "zod";
import { bucketName, duration, regionName, siteName, subnetId, zoneName } from "./aws-names.ts";

/** One value for each of the two sites. That the names are those of the sites is for `check-plan` to say. */
export const perSite = <Value extends z.ZodType>(value: Value) => z.record(siteName(), value);

const site = (meaning: string) =>
  z
    .strictObject({
      name: siteName().describe(
        "What people call the site. Every map of this plan that has one value for each site uses this name; roles change with every recovery, names do not.",
      ),
      region: regionName().describe("The region that the site lies in."),
      availabilityZones: z
        .array(zoneName())
        .min(1)
        .optional()
        .describe(
          "The zones that the site is narrowed to. Leave it out when the site is the whole region; both sites need it when they share a region.",
        ),
      subnets: z
        .array(subnetId())
        .min(1)
        .optional()
        .describe("The subnets that the site is narrowed to. Leave it out when its services may use any."),
    })
    .describe(meaning);

export const sites = z
  .strictObject({
    primary: site("The site that was built to be active."),
    standby: site("The site that was built to take over."),
  })
  .describe(
    "The two places that the workload can run in. Which of them is active is not the plan's to say: the ledger knows.",
  );

export const witness = z
  .strictObject({
    region: regionName().describe(
      "A third region, away from both sites: it breaks ties and must not fail with either.",
    ),
  })
  .describe(
    "Where claims are decided. Without a third place, a cut between the sites cannot be told from the loss of one.",
  );

export const objectives = z
  .strictObject({
    rto: duration().describe("The longest time that users may be without the workload."),
    rpo: duration().describe("The most data, in time, that an outage may cost."),
  })
  .describe("What the business asked for. Each recovery is reported against it.")
  .transform(({ rto, rpo }) => ({ rtoMs: rto, rpoMs: rpo }));

const lease = z
  .strictObject({
    duration: duration()
      .prefault("90s")
      .describe(
        "How long one renewal holds. A failover waits at least this long when the active site is cut off; a shorter lease fences itself at smaller hiccups.",
      ),
    renewEvery: duration()
      .prefault("12s")
      .describe("How often the active site renews. Three renewals must fit before self-fencing would begin."),
    fenceWithin: duration()
      .prefault("20s")
      .describe(
        "How long self-fencing takes at most. It starts this long before the lease ends, so that nothing writes any more when another site may.",
      ),
    driftMargin: duration()
      .prefault("3s")
      .describe(
        "What a waiter adds to the lease's duration, because the clocks of two sites tick at slightly different speeds.",
      ),
  })
  .prefault({})
  .describe("The promise of the active site that it alone writes.")
  .transform(({ duration: held, renewEvery, fenceWithin, driftMargin }) => ({
    durationMs: held,
    renewEveryMs: renewEvery,
    fenceWithinMs: fenceWithin,
    driftMarginMs: driftMargin,
  }));

export const ledger = z
  .strictObject({
    buckets: perSite(bucketName()).describe(
      "The versioned bucket beside each site, which holds the lease as the site that stands by sees it.",
    ),
    witnessBucket: bucketName().describe(
      "The versioned bucket at the witness, which holds the claim, the lease and the kill switch.",
    ),
    lease,
  })
  .describe(
    "Where Lifeboat keeps what must never be in doubt: who is active, in which epoch, and until when.",
  );
