import type { Connection } from "@lifeboat/aws/connection";
import { createLedgerStore } from "@lifeboat/aws/s3-ledger";
import { systemClock } from "@lifeboat/aws/system";
import { systemIds } from "@lifeboat/aws/system";
import { bootstrapLedger } from "@lifeboat/operations/ledger/bootstrap";
import { readEntry } from "@lifeboat/operations/ledger/change-entry";
import { sitePlace, witnessPlace } from "@lifeboat/operations/ledger/places";
import type { LedgerPlace, LedgerStore } from "@lifeboat/operations/ports";
import { nearestName } from "@lifeboat/plan/nearest-name";
import { sitesOf, type RecoveryPlan, type SiteName } from "@lifeboat/recovery/plan";
import { accountAdvice } from "./account-advice.ts";
import { exitCode, type Io, refuse, type RunCommand } from "./io.ts";
import { loadPlan } from "./load-plan.ts";
import { paint } from "./paint.ts";
import { parseOptions } from "./parse-options.ts";

const syntax = {
  command: "bootstrap",
  options: { active: { type: "string" } },
  operand: "PLAN",
  least: 1,
  most: 1,
} as const;

/** How the account is reached in a region. A test gives a simulated one. */
export type ConnectTo = (region: string) => Connection;

/** Each place over a connection of its own region, so that none is a far one with little patience. */
const ledgerOver = (connectTo: ConnectTo): LedgerStore => {
  const stores = new Map<string, LedgerStore>();
  const at = ({ region }: LedgerPlace): LedgerStore => {
    const store = stores.get(region) ?? createLedgerStore(connectTo(region), systemClock);
    stores.set(region, store);
    return store;
  };
  return {
    read: (place, key) => at(place).read(place, key),
    replace: (place, key, body, etag) => at(place).replace(place, key, body, etag),
    create: (place, key, body) => at(place).create(place, key, body),
  };
};

/** What stands in the way of all three buckets; nothing is written before every one of them has answered. */
const unreachable = async (
  ledger: LedgerStore,
  plan: RecoveryPlan,
  places: readonly LedgerPlace[],
): Promise<string | undefined> => {
  for (const place of places) {
    const read = await ledger.read(place, `${plan.workload}/lease`);
    if (read.type === "unreachable")
      return `s3://${place.bucket} (${place.region}) cannot be used: ${read.reason}; ${accountAdvice(read.reason)}`;
  }
  return undefined;
};

const bootstrapPlan = async (
  plan: RecoveryPlan,
  active: SiteName,
  io: Io,
  connectTo: ConnectTo,
): Promise<number> => {
  const ports = { ledger: ledgerOver(connectTo), ids: systemIds };
  const places = [witnessPlace(plan), ...sitesOf(plan).map((site) => sitePlace(plan, site.name))];
  const problem = await unreachable(ports.ledger, plan, places);
  if (problem !== undefined) return refuse(io, `${problem}; nothing was changed`);
  // Before anything is created: a lease of the wrong site would contradict the claim.
  if ((await ports.ledger.read(witnessPlace(plan), `${plan.workload}/claim`)).type === "found") {
    const { body: claim } = await readEntry(ports, plan, witnessPlace(plan), "claim");
    if (claim.activeSite !== active) {
      io.err.write(
        `lifeboat: the ledger of ${plan.workload} is there already, and says that ${claim.activeSite} is active; only a recovery changes that, nothing was changed\n`,
      );
      return exitCode.negative;
    }
  }
  const created = await bootstrapLedger(ports, plan, active);
  for (const name of created) io.out.write(`  created  ${name}\n`);
  const verdict = created.length === 0 ? "was there already: nothing was changed" : "is complete";
  io.out.write(
    `${paint(io.out, "green", `the ledger of ${plan.workload} ${verdict}`)}; ${active} is active\n`,
  );
  return exitCode.done;
};

/** `lifeboat bootstrap PLAN --active SITE` over a given way to the account. */
export const bootstrapOver =
  (connectTo: ConnectTo): RunCommand =>
  async (args, io) => {
    const parsed = parseOptions(args, syntax);
    if (!parsed.ok) return refuse(io, parsed.message);
    const reading = await loadPlan(parsed.positionals[0] ?? "", io);
    if (reading === undefined) return exitCode.badInput;
    const { plan } = reading;
    const names = sitesOf(plan).map(({ name }) => name);
    const { active } = parsed.values;
    if (active === undefined || !names.includes(active)) {
      const meant = active === undefined ? undefined : nearestName(active, names);
      return refuse(
        io,
        `--active ${active === undefined ? "is missing" : `takes no "${active}"`}${meant === undefined ? ";" : `, did you mean "${meant}"?`} expected the site that serves ${plan.workload} now: ${names.join(" or ")}`,
      );
    }
    try {
      return await bootstrapPlan(plan, active, io, connectTo);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "LedgerUnreadable") throw error;
      io.err.write(`lifeboat: ${error.message}\n`);
      return exitCode.negative;
    }
  };

/** Creates the ledger of a plan's workload in the account that the environment's credentials are for. */
export const runBootstrap: RunCommand = bootstrapOver((region) => ({ region }));
