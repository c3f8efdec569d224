import type { BasicPort, Mandate, SiteContext } from "@lifeboat/operations/context";
import { tellEvent } from "@lifeboat/operations/tell-event";
import type { EventDraft } from "@lifeboat/recovery/recovery-event";
import { events } from "./ports.ts";
import type { Tools } from "./define-function.ts";

/** Tells whoever hooks in, after the act that it is about; the log knows when nobody could be told. */
export const announce = async (
  { runtime, logger }: Pick<Tools, "runtime" | "logger">,
  context: SiteContext<BasicPort>,
  draft: EventDraft,
): Promise<void> => {
  const reason = await tellEvent({ ...context, ports: { ...context.ports, ...events(runtime) } }, draft);
  if (reason !== null) logger.warn("an event could not be told", { event: draft.type, reason });
};

/** A step has reached its goal, for one resource of the plan or (null) for all. */
export const announceStep = (
  tools: Pick<Tools, "runtime" | "logger">,
  context: SiteContext<BasicPort>,
  { execution, epoch }: Mandate,
  step: string,
  item: string | null,
): Promise<void> =>
  announce(tools, context, {
    type: "lifeboat.recovery.step-ended",
    execution,
    epoch,
    step,
    item,
    distinct: item === null ? step : `${step}/${item}`,
  });
