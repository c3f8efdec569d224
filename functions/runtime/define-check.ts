import type { PortName, SiteContext } from "@lifeboat/operations/context";
import { lookAtAll, type Check } from "@lifeboat/operations/readiness/look";
import type { Finding } from "@lifeboat/recovery/readiness";
import * as z from "zod/mini";
import { defineFunction, type FunctionDefinition } from "./define-function.ts";
import { loadSiteContext } from "./load-context.ts";
import type { Bring } from "./ports.ts";
import { text } from "./shapes.ts";

const request = z.strictObject({ workload: text, planHash: text });

/** A function that looks at one part of the standby, asked by `assess`. Changes nothing. */
export const defineCheck = <Used extends PortName>(
  name: string,
  /** The ports that the checks use. */
  bring: Bring<Used>,
  checksOf: (context: SiteContext<Used>) => readonly Check[],
): FunctionDefinition<z.infer<typeof request>, { readonly findings: readonly Finding[] }> =>
  defineFunction({
    name,
    input: request,
    run: async ({ workload, planHash }, { runtime, logger }) => {
      const findings = await lookAtAll(checksOf(await loadSiteContext(runtime, workload, planHash, bring)));
      const bad = findings.filter(({ state }) => state !== "ready");
      logger.info(`${findings.length - bad.length} of ${findings.length} checks passed`, { bad });
      return { findings };
    },
  });
