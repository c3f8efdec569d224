import * as z from "zod";
import { alarmName, count, duration, flag, localName, principalPattern, probeUrl } from "./aws-names.ts";
import { perSite } from "./site-schema.ts";

const signalName = () => localName().describe("What timelines and reasons call the signal.");

const probe = z
  .strictObject({
    type: z.literal("probe").describe("An HTTP probe of the active site's endpoint."),
    name: signalName(),
    from: z
      .enum(["standby", "witness"])
      .describe("Where the probe runs: at the site that stands by now, or at the witness."),
    urls: perSite(probeUrl()).describe(
      "What is asked when that site is the active one: its own endpoint, not the public name.",
    ),
    alarm: alarmName().describe("The alarm, at the place where the probe runs, that failing probes raise."),
  })
  .describe("An HTTP probe from outside the active site.");

const alarm = z
  .strictObject({
    type: z.literal("alarm").describe("A CloudWatch alarm."),
    name: signalName(),
    from: z
      .enum(["standby", "witness", "active"])
      .describe(
        "Where the alarm lives: at the site that stands by now, at the witness, or in the active site's own region, from where it can be lost together with the site.",
      ),
    alarm: alarmName().describe("The alarm's name, the same in both regions where roles can change."),
  })
  .describe("A CloudWatch alarm.");

const lease = z
  .strictObject({
    type: z
      .literal("lease")
      .describe("The active site's lease is no longer renewed, at the witness and at the standby."),
    name: signalName(),
  })
  .describe("The lease has stopped being renewed, or its site says that its database is lost.");

export const decision = z
  .strictObject({
    mode: z
      .enum(["automatic", "approval"])
      .describe(
        "`automatic`: a quorum of signals is enough for a failover that loses no more than `lossLimit`. `approval`: a person decides every time.",
      ),
    quorum: count(1, 20).describe(
      "How many signals must fail before a failover is considered, at least one of them seen from outside the active region.",
    ),
    signals: z
      .array(z.discriminatedUnion("type", [probe, alarm, lease]))
      .min(1, { error: "at least one signal" })
      .max(20, { error: "at most 20 signals" })
      .describe("The independent observations of an outage. One that has no data votes for nothing."),
    cooldown: duration()
      .prefault("30m")
      .describe(
        "How long after a finished recovery no automatic one starts, so that two sites never hand the workload to and fro. A recovery that did not finish blocks nothing.",
      ),
    lossLimit: duration().describe(
      "The most data, in time, that a failover without a person may lose. Above it, or when the loss is unknown, a person decides.",
    ),
    acceptPresumedFencing: flag()
      .prefault(false)
      .describe(
        "Whether the end of a lease counts as fencing where no enforcer sits beside the writer. The risk of `true`: a writer that was only cut off goes on writing for a while.",
      ),
    approvals: z
      .strictObject({
        usual: count(1, 5).prefault(1).describe("How many people must approve a failover."),
        lossy: count(1, 5)
          .prefault(2)
          .describe("How many must approve one that loses more than `lossLimit`, or an unknown amount."),
      })
      .prefault({})
      .describe("How many people it takes, where it takes any."),
    approvers: z
      .array(principalPattern())
      .max(20)
      .prefault([])
      .describe(
        "ARNs of the IAM principals that may answer, with `*` for anything. Sessions of a role that is listed count as one person for each name, so list only roles whose session names an identity provider or a trust policy sets. None: any principal of the account that may invoke the function `decide`, and the page in messages takes no answers.",
      ),
    answerWithin: duration()
      .prefault("12h")
      .describe(
        "How long an approval or a hold waits for a person. After it an approval ends the execution as `refused`, and a hold as `held`. On the way from the activation of the new site to its last workers, and in the look at the databases of a move that is finished, a hold is tried again instead, up to eight times.",
      ),
  })
  .describe("Who decides that a failover happens, and on what evidence.")
  .transform(({ cooldown, lossLimit, answerWithin, ...rest }) => ({
    ...rest,
    cooldownMs: cooldown,
    lossLimitMs: lossLimit,
    answerWithinMs: answerWithin,
  }));
