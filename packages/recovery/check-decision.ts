import { usualLossMs } from "./lease.ts";
import { isOutside } from "./quorum.ts";
import { fault, type PlanRule, warning, writtenDuration } from "./plan-rule.ts";

/** The rules of a plan about signals, leases and objectives. */
export const decisionRules: readonly PlanRule[] = [
  {
    rule: "The quorum is at most the number of signals.",
    needs: ["decision"],
    find: ({ decision: { quorum, signals } }) =>
      quorum <= signals.length
        ? []
        : [
            fault(
              ["decision", "quorum"],
              `${quorum} signals must fail, but there are only ${signals.length}: no outage would ever be declared`,
            ),
          ],
  },
  {
    rule: "In automatic mode the quorum can be reached without the signals `from: active`: the alarms of a lost region vanish with it.",
    needs: ["decision"],
    find: ({ decision: { mode, quorum, signals } }) => {
      const outside = signals.filter(isOutside).length;
      // More than there are signals at all is the other rule's to say.
      return mode !== "automatic" || outside >= quorum || quorum > signals.length
        ? []
        : [
            fault(
              ["decision", "quorum"],
              `${quorum} signals must fail, but only ${outside} are observed outside the active site; when the whole region is lost, the others say nothing. Lower the quorum, or add probes from the standby or the witness`,
            ),
          ];
    },
  },
  {
    rule: "There is at most one signal of type `lease`: two would count one observation twice.",
    needs: ["decision"],
    find: ({ decision: { signals } }) =>
      signals
        .flatMap((signal, index) => (signal.type === "lease" ? [index] : []))
        .slice(1)
        .map((index) =>
          fault(["decision", "signals", index], "the lease is a signal already: it has one vote, not two"),
        ),
  },
  {
    rule: "No alarm is named by two signals from the same place, for the same reason.",
    needs: ["decision"],
    find: ({ decision: { signals } }) => {
      const readers = signals.flatMap((signal, index) =>
        signal.type === "lease" ? [] : [{ ...signal, index }],
      );
      return readers.flatMap(({ from, alarm, index }, position) => {
        const earlier = readers
          .slice(0, position)
          .find((other) => other.from === from && other.alarm === alarm);
        return earlier === undefined
          ? []
          : [
              fault(
                ["decision", "signals", index, "alarm"],
                `the signal "${earlier.name}" reads this alarm from the same place already: one observation cannot vote twice`,
              ),
            ];
      });
    },
  },
  {
    rule: "In automatic mode `lossLimit` is at most the RPO: what loses more than the objective allows is for a person to decide.",
    needs: ["decision", "objectives"],
    find: ({ decision: { mode, lossLimitMs }, objectives: { rpoMs } }) =>
      mode !== "automatic" || lossLimitMs <= rpoMs
        ? []
        : [
            fault(
              ["decision", "lossLimit"],
              `a failover without a person may lose ${writtenDuration(lossLimitMs)}, more than the RPO of ${writtenDuration(rpoMs)}`,
            ),
          ],
  },
  {
    rule: "A lossy failover takes at least as many approvals as a usual one.",
    needs: ["decision"],
    find: ({ decision: { approvals } }) =>
      approvals.lossy >= approvals.usual
        ? []
        : [
            fault(
              ["decision", "approvals", "lossy"],
              `losing data would take fewer people (${approvals.lossy}) than losing none (${approvals.usual})`,
            ),
          ],
  },
  {
    rule: "`fenceWithin` is shorter than the lease: self-fencing has finished before the lease ends.",
    needs: ["ledger"],
    find: ({ ledger: { lease } }) =>
      lease.fenceWithinMs < lease.durationMs
        ? []
        : [
            fault(
              ["ledger", "lease", "fenceWithin"],
              `self-fencing takes up to ${writtenDuration(lease.fenceWithinMs)}, but the lease holds only ${writtenDuration(lease.durationMs)}: it would begin before the renewal does`,
            ),
          ],
  },
  {
    rule: "Three renewals fit into the lease before self-fencing would begin (`renewEvery` × 3 ≤ `duration` − `fenceWithin`): two lost ticks stop nothing.",
    needs: ["ledger"],
    find: ({ ledger: { lease } }) => {
      const freeMs = lease.durationMs - lease.fenceWithinMs;
      const longestMs = Math.floor(freeMs / 3);
      const adviceMs = longestMs - (longestMs % 1000) || longestMs;
      return freeMs <= 0 || 3 * lease.renewEveryMs <= freeMs
        ? []
        : [
            fault(
              ["ledger", "lease", "renewEvery"],
              `renewing every ${writtenDuration(lease.renewEveryMs)} leaves no room for two lost renewals in the ${writtenDuration(freeMs)} before self-fencing begins; renew at least every ${writtenDuration(adviceMs)}`,
            ),
          ];
    },
  },
  {
    rule: "`driftMargin` is at least a thousandth of the lease (clocks of machines in AWS drift far less), and shorter than the lease.",
    needs: ["ledger"],
    find: ({ ledger: { lease } }) => {
      const leastMs = Math.max(1, Math.ceil(lease.durationMs / 1000));
      if (lease.driftMarginMs < leastMs) {
        return [
          fault(
            ["ledger", "lease", "driftMargin"],
            `${writtenDuration(lease.driftMarginMs)} is less than clocks may drift apart during the lease; take at least ${writtenDuration(leastMs)}`,
          ),
        ];
      }
      return lease.driftMarginMs < lease.durationMs
        ? []
        : [
            fault(
              ["ledger", "lease", "driftMargin"],
              `${writtenDuration(lease.driftMarginMs)} is longer than the lease itself: it would only delay every recovery`,
            ),
          ];
    },
  },
  {
    rule: "Warning: a `lossLimit` of less than three and a half renewals and a second (without an enforcer: than the lease, one renewal and a second) cannot be kept by a database that is cut off, so that a person is asked in every outage.",
    needs: ["decision", "ledger", "stores"],
    find: ({ decision, ledger: { lease }, stores }) => {
      const databases = stores.filter((store) => store.type === "aurora-global");
      const enforcerBesideWriter = databases.every(({ enforcer }) => enforcer !== "none");
      const lossMs = usualLossMs(lease, decision.lossLimitMs, { enforcerBesideWriter });
      // Where presumed fencing is not accepted a person is asked anyway, as the next rule says.
      const decidesAlone =
        decision.mode === "automatic" && (enforcerBesideWriter || decision.acceptPresumedFencing);
      return databases.length === 0 || !decidesAlone || lossMs <= decision.lossLimitMs
        ? []
        : [
            warning(
              ["decision", "lossLimit"],
              `a database that is cut off and goes on may lose ${writtenDuration(lossMs)} until ${enforcerBesideWriter ? "its enforcer stops it" : "its lease has ended"}, which is more than ${writtenDuration(decision.lossLimitMs)}: a person is asked in every outage; renew more often, or accept more loss`,
            ),
          ];
    },
  },
  {
    rule: "Warning: where a database has no enforcer and presumed fencing is not accepted, no failover is automatic unless the old primary confirms that it is fenced, and a lost region confirms nothing.",
    needs: ["decision", "stores"],
    find: ({ decision, stores }) =>
      decision.mode !== "automatic" || decision.acceptPresumedFencing
        ? []
        : stores.flatMap((store, index) =>
            store.type === "aurora-global" && store.enforcer === "none"
              ? [
                  warning(
                    ["stores", index, "enforcer"],
                    "nothing stops this writer and presumed fencing is not accepted, so that the loss of its region will wait for a person in spite of `mode: automatic`; add an enforcer, or accept presumed fencing",
                  ),
                ]
              : [],
          ),
  },
  {
    rule: "Warning: the waits that no recovery can avoid (lease, drift margin, TTL) take less than the RTO.",
    needs: ["ledger", "objectives", "traffic"],
    find: ({ ledger: { lease }, objectives: { rtoMs }, traffic }) => {
      const ttlMs = Math.max(0, ...traffic.map((name) => (name.type === "switch" ? name.ttlMs : 0)));
      const waitMs = lease.durationMs + lease.driftMarginMs + ttlMs;
      return waitMs < rtoMs
        ? []
        : [
            warning(
              ["objectives", "rto"],
              `cannot be met: the lease, its drift margin and the TTL alone take ${writtenDuration(waitMs)} of ${writtenDuration(rtoMs)}`,
            ),
          ];
    },
  },
];
