import { createLedgerStore } from "@lifeboat/aws/s3-ledger";
import { systemClock, systemIds } from "@lifeboat/aws/system";
import { keyOf, witnessPlace } from "@lifeboat/operations/ledger/places";
import { setKillSwitch } from "@lifeboat/operations/ledger/set-kill-switch";
import type { Ids, LedgerStore } from "@lifeboat/operations/ports";
import { RecoveryError } from "@lifeboat/recovery/errors";
import { accountAdvice } from "./account-advice.ts";
import type { ConnectTo } from "./bootstrap.ts";
import { exitCode, refuse, type RunCommand } from "./io.ts";
import { loadPlan } from "./load-plan.ts";
import { paint } from "./paint.ts";
import { parseOptions } from "./parse-options.ts";

const syntax = {
  command: "kill-switch",
  options: { by: { type: "string" }, why: { type: "string" } },
  operand: "PLAN on|off",
  least: 2,
  most: 2,
} as const;

const isBlank = (text: string | undefined): text is undefined | "" =>
  text === undefined || text.trim() === "";

/** The store, and what became of it: only a change that was sent leaves the switch in doubt. */
const watched = (store: LedgerStore) => {
  let sent = false;
  let unreadable: string | null = null;
  const ledger: LedgerStore = {
    ...store,
    async read(place, key) {
      const read = await store.read(place, key);
      unreadable = read.type === "unreachable" ? read.reason : null;
      return read;
    },
    replace(...change) {
      sent = true;
      return store.replace(...change);
    },
  };
  return { ledger, trouble: () => ({ sent, unreadable }) };
};

/** `lifeboat kill-switch PLAN on|off --by NAME --why TEXT` over a given way to the account. */
export const killSwitchOver =
  (connectTo: ConnectTo, ids: Ids): RunCommand =>
  async (args, io) => {
    const parsed = parseOptions(args, syntax);
    if (!parsed.ok) return refuse(io, parsed.message);
    const [path = "", position = ""] = parsed.positionals;
    const { by, why } = parsed.values;
    if (position !== "on" && position !== "off")
      return refuse(io, `the switch takes no position "${position}"; expected on or off, after the plan`);
    for (const [option, value] of [
      ["--by", by],
      ["--why", why],
    ] as const)
      if (isBlank(value))
        return refuse(
          io,
          `${option} is missing; expected ${option === "--by" ? "your name" : "the reason"}, which stays in the switch's history`,
        );
    const reading = await loadPlan(path, io);
    if (reading === undefined) return exitCode.badInput;
    const { plan } = reading;
    const place = witnessPlace(plan);
    const on = position === "on";
    const { ledger, trouble } = watched(createLedgerStore(connectTo(place.region), systemClock));
    try {
      const now = await setKillSwitch({ ledger, ids }, plan, { on, by: by ?? "", why: why ?? "" });
      const state = on
        ? "nothing new is claimed or changed; running executions hold"
        : "automation goes on; executions that hold go on by an answer of `retry`";
      io.out.write(
        `${paint(io.out, on ? "red" : "green", `the kill switch of ${plan.workload} is ${position}`)} (${now.by}: ${now.why}); ${state}\n`,
      );
      return exitCode.done;
    } catch (error) {
      if (!(error instanceof RecoveryError)) throw error;
      const { sent, unreadable } = trouble();
      const object = `s3://${place.bucket}/${keyOf(plan, "switch")} (${place.region})`;
      if (!sent && unreadable !== null)
        return refuse(
          io,
          `${object} cannot be read: ${unreadable}; ${accountAdvice(unreadable)}; nothing was changed`,
        );
      if (!sent && error.name !== "LedgerMissing") return refuse(io, `${error.message}; nothing was changed`);
      const what = sent
        ? `the switch may or may not be on, run this again or look with "lifeboat status ${plan.workload} --region ${place.region}"`
        : "nothing was changed";
      io.err.write(`lifeboat: ${error.message}; ${what}\n`);
      return exitCode.negative;
    }
  };

/** Turns the switch in the account that the environment's credentials are for. */
export const runKillSwitch: RunCommand = killSwitchOver((region) => ({ region }), systemIds);
