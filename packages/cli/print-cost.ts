import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { failoverCost, idleCost, totalOf, waitingCost, type CostItem } from "@lifeboat/control-plane/cost";
import type { Manifest } from "@lifeboat/control-plane/manifest";
import { ROUTE53 } from "@lifeboat/control-plane/prices";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { exitCode, refuse, type RunCommand } from "./io.ts";
import { loadPlan } from "./load-plan.ts";
import { parseOptions } from "./parse-options.ts";

type Row = readonly [what: string, howMuch: string, dollars: string];

const parts: readonly CostItem["part"][] = [
  "control plane",
  "health checks",
  "fast health checks",
  "dashboard",
];

/** Cells padded to their columns, as the formatter of this repository leaves a table. */
const table = (rows: readonly Row[]): string => {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(width(column))).join(" | ")} |`;
  const [head, ...others] = rows.map(line);
  const rule = `| ${[0, 1, 2].map((column) => "-".repeat(width(column))).join(" | ")} |`;
  return `${[head, rule, ...others].join("\n")}\n`;
};

/** What an account pays that has used up its free health checks, for the bill must not surprise it. Empty without checks. */
const surcharge = (plan: RecoveryPlan, manifest: Manifest): readonly string[] => {
  const full = idleCost(plan, manifest, { otherHealthChecks: ROUTE53.freeHealthChecks });
  const more = totalOf(full) - totalOf(idleCost(plan, manifest));
  if (more === 0) return [];
  return [
    `An account's first ${ROUTE53.freeHealthChecks} health checks of AWS endpoints are free of charge. ` +
      `Where the account has ${ROUTE53.freeHealthChecks} others, these cost ${ROUTE53.healthCheck.toFixed(2)} each: ` +
      `${more.toFixed(2)} dollars more a month, ${totalOf(full).toFixed(2)} together.\n`,
  ];
};

/**
 * What a plan's control plane costs, as two tables in Markdown: an idle month, and one failover. Between them a sentence
 * for an account that has many health checks, and a last one for a failover that waits.
 */
export const costTables = (plan: RecoveryPlan): string => {
  const manifest = buildManifest(plan);
  const items = idleCost(plan, manifest);
  const failover = failoverCost(manifest);
  const head: Row = ["what", "how much", "dollars"];
  const total = (what: string, some: readonly Pick<CostItem, "dollars">[]): Row => [
    `**${what}**`,
    "",
    `**${totalOf(some).toFixed(2)}**`,
  ];
  const idle = parts.flatMap((part): readonly Row[] => {
    const own = items.filter((item) => item.part === part);
    if (own.length === 0) return [];
    return [
      ...own.map(({ what, howMuch, dollars }): Row => [what, howMuch, dollars.toFixed(2)]),
      total(part, own),
    ];
  });
  const once = failover.map(({ what, howMuch, dollars }): Row => [what, howMuch, dollars.toFixed(4)]);
  return [
    table([head, ...idle, total("together", items)]),
    ...surcharge(plan, manifest),
    table([
      head,
      ...once,
      ["**together, at most, without waits for people**", "", `**${totalOf(failover).toFixed(3)}**`],
    ]),
    `Each hour in which it waits for people costs ${waitingCost.transitionsAnHour} state transitions, ${waitingCost.dollarsAnHour.toFixed(4)} dollars, more.\n`,
  ].join("\n");
};

/** `lifeboat cost PLAN`: what the plan's control plane costs at list prices. Asks no account. */
export const runCost: RunCommand = async (args, io) => {
  const parsed = parseOptions(args, { command: "cost", options: {}, operand: "PLAN", least: 1, most: 1 });
  if (!parsed.ok) return refuse(io, parsed.message);
  const reading = await loadPlan(parsed.positionals[0] ?? "", io);
  if (reading === undefined) return exitCode.badInput;
  io.out.write(costTables(reading.plan));
  return exitCode.done;
};
