import type { SiteContext } from "../context.ts";
import { sitePlace } from "../ledger/places.ts";
import type { SilenceRequest } from "../ports.ts";

/** How often people are told of one silence. */
export const TELL_AGAIN_AFTER_MS = 3_600_000;

/**
 * Tells people that a control plane is silent while its application answers: once in an hour or two, whoever notices. The
 * word that they were told lies in this site's bucket and is written last: told twice rather than not at all.
 */
export const tellSilence = async (
  { plan, here, ports }: SiteContext<"notices">,
  { activeSite, epoch, silentForMs, standsIn, detail }: Omit<SilenceRequest, "workload">,
): Promise<void> => {
  const nowMs = ports.clock.nowMs();
  const place = sitePlace(plan, here.name);
  const hour = Math.floor(nowMs / TELL_AGAIN_AFTER_MS);
  const wordOf = (at: number): string =>
    `${plan.workload}/protection/silent-${activeSite}-e${epoch}-h${at}.json`;
  const words = await Promise.all([hour, hour - 1].map((at) => ports.ledger.read(place, wordOf(at))));
  if (words.some(({ type }) => type === "found")) return;
  const lines = [
    `The watch of ${activeSite} has not renewed its lease for ${Math.round(silentForMs / 1000)} s, while the application there answers.`,
    "Its control plane may be out of order. Nothing is moved: there is nothing to recover from.",
    standsIn
      ? `${here.name} stands in: it renews the lease, and keeps the database's writers admitted.`
      : `${here.name} does not stand in: ${detail}. An enforcer stops the database's writers until the watch is back.`,
  ];
  await ports.notices.publish(
    `${plan.workload}: the control plane of ${activeSite} is silent`,
    lines.join("\n"),
  );
  await ports.ledger.create(place, wordOf(hour), { toldAtMs: nowMs, standsIn });
};
