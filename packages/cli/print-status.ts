import { moveToFinish } from "@lifeboat/recovery/ledger";
import { moveDurationMs } from "@lifeboat/recovery/outcome";
import { otherSite, type RecoveryPlan } from "@lifeboat/recovery/plan";
import type { Output } from "./io.ts";
import { paint, printable } from "./paint.ts";
import type { Reading, StatusReport } from "./status-report.ts";

const at = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
const span = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

const line = (name: string, text: string): string => `  ${name.padEnd(16)}${printable(text)}\n`;
const said = <Value>(reading: Reading<Value>, text: (value: Value) => string): string =>
  reading.ok ? text(reading.value) : reading.reason;

const unfinishedMove = (claim: StatusReport["claim"]): string => {
  if (!claim.ok) return "";
  const { activeSite } = claim.value;
  const move = moveToFinish(claim.value, activeSite);
  return move === null ? "" : line("move", `from ${move.from} to ${activeSite}, not finished`);
};

/** Prints the state of a workload for a person: who is active, whether it could move now, and how it went before. */
export const printStatus = (out: Output, plan: RecoveryPlan, report: StatusReport): void => {
  const { claim, killSwitch, leases, outcomes, readiness, concerns, askedAtMs } = report;
  const active = claim.ok ? claim.value.activeSite : null;
  out.write(`${paint(out, "bold", plan.workload)}\n`);
  out.write(
    line(
      "active",
      said(claim, ({ activeSite, epoch }) => `${activeSite}, epoch ${epoch}`),
    ) +
      unfinishedMove(claim) +
      line(
        "protection",
        said(claim, ({ protection }) => protection),
      ) +
      line(
        "last recovery",
        said(claim, ({ recoveredAtMs }) => (recoveredAtMs === null ? "none" : at(recoveredAtMs))),
      ) +
      line(
        "kill switch",
        said(killSwitch, ({ on, by, why }) => (on ? `on, by ${by}: ${why}` : "off")),
      ),
  );
  for (const where of ["witness", "standby"] as const) {
    const text = said(leases[where], ({ site, by, epoch, canary, fenced }) =>
      [
        `${site}, epoch ${epoch}`,
        ...(by === site ? [] : [`renewed by ${by} in its name`]),
        ...(fenced ? ["fenced"] : []),
        canary === null
          ? "no canary reported"
          : `canary ${canary.sequence} reported ${span(askedAtMs - canary.reportedAtMs)} ago`,
      ].join(", "),
    );
    out.write(line(`lease, ${where}`, text));
  }
  out.write(`\nReadiness${active === null ? "" : ` of ${otherSite(plan, active).name}`}\n`);
  if (!readiness.ok) out.write(line("unknown", readiness.reason));
  else
    for (const { resource, state, detail } of readiness.value) {
      const colour = { ready: "green", unfit: "red", unknown: "yellow" } as const;
      out.write(`  ${paint(out, colour[state], state.padEnd(8))}${resource}: ${printable(detail)}\n`);
    }
  out.write("\nLast outcomes\n");
  if (!outcomes.ok) out.write(line("unknown", outcomes.reason));
  else if (outcomes.value.length === 0) out.write("  none\n");
  else
    for (const record of outcomes.value) {
      const { endedAtMs, outcome, from, to, rpo, reason } = record;
      const tookMs = moveDurationMs(record);
      const took = tookMs === null ? "in a time that is not known" : `in ${span(tookMs)}`;
      const loss = rpo === null ? "" : `, loss ${span(rpo.minMs)} to ${span(rpo.maxMs)}`;
      out.write(`  ${at(endedAtMs)}  ${outcome}, ${from} to ${to}, ${took}${loss}: ${printable(reason)}\n`);
    }
  out.write(
    concerns.length === 0
      ? `\n${paint(out, "green", "a failover could begin now")}\n`
      : `\n${paint(out, "yellow", "look at this")}\n${concerns.map((concern) => `  ${printable(concern)}\n`).join("")}`,
  );
};
