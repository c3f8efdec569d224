import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { readinessParts, type Finding, type ReadinessPart } from "@lifeboat/recovery/readiness";
import type { SiteContext } from "./context.ts";
import { unknownOf } from "./readiness/look.ts";

/** What each part looks at, as the plan names it. */
const sectionsOf: Readonly<
  Record<
    ReadinessPart,
    readonly ("stores" | "keys" | "secrets" | "certificates" | "services" | "workers" | "traffic")[]
  >
> = {
  stores: ["stores"],
  compute: ["keys", "secrets", "certificates", "services", "workers"],
  traffic: ["traffic"],
};

const resourcesOf = (plan: RecoveryPlan, part: ReadinessPart): readonly string[] =>
  sectionsOf[part].flatMap((section) => plan[section].map(({ name }) => `${section}/${name}`));

/**
 * Asks about everything on the standby that a failover will need, all at once, in the standby's own region only: before
 * anything irreversible, and without a call to a region that may be gone. Each part is looked at by a function of its own,
 * with the clients that it takes. Of a part that does not answer, or leaves something out, all that is missing is unknown.
 * Never throws.
 */
export const checkReadiness = async ({
  plan,
  planHash,
  here,
  ports,
}: SiteContext<"readiness">): Promise<readonly Finding[]> => {
  const look = async (part: ReadinessPart): Promise<readonly Finding[]> => {
    const resources = resourcesOf(plan, part);
    if (resources.length === 0) return [];
    try {
      const found = await ports.readiness.look(here.region, part, { workload: plan.workload, planHash });
      return resources.map(
        (resource) =>
          found.find((finding) => finding.resource === resource) ??
          unknownOf(resource, new Error(`the check of ${part} did not speak of it`)),
      );
    } catch (error) {
      return resources.map((resource) => unknownOf(resource, error));
    }
  };
  return (await Promise.all(readinessParts.map(look))).flat();
};
