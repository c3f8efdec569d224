import { parseDocument } from "yaml";
import type { RecoveryPlan } from "@lifeboat/recovery/plan";

/** Everything of a workload that a plan names for Lifeboat to look at or to act on. */
export const resourcesOf = ({
  stores,
  keys,
  secrets,
  certificates,
  services,
  workers,
  traffic,
  checks,
}: RecoveryPlan): number =>
  [stores, keys, secrets, certificates, services, workers, traffic, checks].reduce(
    (sum, list) => sum + list.length,
    0,
  );

const LISTS = ["stores", "keys", "secrets", "certificates", "services", "workers", "traffic", "checks"];

/** One more of what a plan can have, with names as long as people's are. */
const another = (index: number): readonly [list: string, entry: object] => {
  const name = `spacelift-production-more-${index}`;
  const kinds = [
    [
      "stores",
      {
        name: `bucket-${index}`,
        type: "s3-replicated",
        buckets: { ireland: `${name}-eu-west-1`, paris: `${name}-eu-west-3` },
      },
    ],
    [
      "services",
      {
        name: `service-${index}`,
        type: "ecs",
        clusters: { ireland: "spacelift-production", paris: "spacelift-production" },
        service: name,
        activeCount: 1,
        passiveCount: 0,
      },
    ],
    [
      "workers",
      {
        name: `pool-${index}`,
        type: "auto-scaling-group",
        groups: { ireland: `${name}-ireland`, paris: `${name}-paris` },
        activeCount: 1,
        passiveCount: 0,
      },
    ],
  ] as const;
  return kinds[index % kinds.length] ?? kinds[0];
};

/** A plan's text with as many resources as wanted, of several kinds, evenly. */
export const withResources = (text: string, count: number): string => {
  const document = parseDocument(text);
  const known = LISTS.reduce((sum, list) => {
    const entries = (document.toJS() as Record<string, unknown>)[list];
    return sum + (Array.isArray(entries) ? entries.length : 0);
  }, 0);
  for (let index = 0; index < count - known; index++) {
    const [list, entry] = another(index);
    document.addIn([list], document.createNode(entry));
  }
  return document.toString();
};
