import { phaseNames } from "./phases.ts";
import { entriesOf, fault, type PlanRule, type PlanSection } from "./plan-rule.ts";
import { sitesOf } from "./plan.ts";

const known = (names: readonly string[]): string =>
  names.length === 0 ? "there is none" : `there is ${names.join(", ")}`;

const hostOf = (url: string): string => url.replace(/[a-z]+:\/\/([^/:]+).*/, "$1");

/** A probe that follows the public name would follow the traffic, and never see the site that it asks about. */
const ownEndpoint = (section: PlanSection): PlanRule => ({
  rule: "Probes and checks ask each site's own endpoint, never a public name of `traffic`.",
  needs: [section, "traffic"],
  find: (plan) => {
    const hosts = plan.traffic.map((name) => name.host);
    return entriesOf(plan, section).flatMap(({ path, fields }) =>
      Object.entries((fields["urls"] ?? {}) as Readonly<Record<string, string>>).flatMap(([site, url]) =>
        hosts.includes(hostOf(url))
          ? [
              fault(
                [...path, "urls", site],
                `${hostOf(url)} is the public name, which follows the traffic; ask the site's own endpoint`,
              ),
            ]
          : [],
      ),
    );
  },
});

/** The rules of a plan about what its entries say of each other. */
export const referenceRules: readonly PlanRule[] = [
  {
    rule: "No bucket has two tasks: those of the ledger and of the stores are all different.",
    needs: ["ledger", "stores"],
    find: (plan) => {
      const uses = [
        ...Object.entries(plan.ledger.buckets).map(([site, bucket]) => ({
          path: ["ledger", "buckets", site],
          bucket,
        })),
        { path: ["ledger", "witnessBucket"], bucket: plan.ledger.witnessBucket },
        ...plan.stores.flatMap((store, index) =>
          store.type === "s3-replicated"
            ? Object.entries(store.buckets).map(([site, bucket]) => ({
                path: ["stores", index, "buckets", site],
                bucket,
              }))
            : [],
        ),
      ];
      return uses.flatMap(({ path, bucket }, index) => {
        const earlier = uses.slice(0, index).find((use) => use.bucket === bucket);
        return earlier === undefined
          ? []
          : [fault(path, `the bucket ${bucket} is used at ${earlier.path.join(".")} already`)];
      });
    },
  },
  {
    rule: "The `key` of a secret is the name of an entry of `keys`.",
    needs: ["keys", "secrets"],
    find: ({ keys, secrets }) =>
      secrets.flatMap(({ key }, index) =>
        keys.some(({ name }) => name === key)
          ? []
          : [
              fault(
                ["secrets", index, "key"],
                `no key is called "${key}"; ${known(keys.map(({ name }) => name))}`,
              ),
            ],
      ),
  },
  {
    rule: "The `store` of an SQL canary is the name of a database in `stores`.",
    needs: ["stores", "checks"],
    find: ({ stores, checks }) =>
      checks.flatMap((check, index) => {
        if (check.type !== "sql-canary") return [];
        const store = stores.find(({ name }) => name === check.store);
        if (store?.type === "aurora-global") return [];
        const databases = stores.filter(({ type }) => type === "aurora-global").map(({ name }) => name);
        const why =
          store === undefined
            ? `no store is called "${check.store}"`
            : `the store "${check.store}" is no database`;
        return [fault(["checks", index, "store"], `${why}; ${known(databases)}`)];
      }),
  },
  {
    rule: "A plan has at most one database: the loss, the canary and the lease row are those of one.",
    needs: ["stores"],
    find: ({ stores }) =>
      stores.flatMap((store, index) =>
        store.type === "aurora-global" && stores.findIndex(({ type }) => type === "aurora-global") < index
          ? [
              fault(
                ["stores", index, "type"],
                `"${store.name}" is a second database, whose loss nobody would judge; give it a workload and a plan of its own`,
              ),
            ]
          : [],
      ),
  },
  {
    rule: "Every database has an SQL canary: without it nobody can say how much a failover loses, nor who the writer is.",
    needs: ["stores", "checks"],
    find: ({ stores, checks }) =>
      stores.flatMap((store, index) =>
        store.type !== "aurora-global" ||
        checks.some((check) => check.type === "sql-canary" && check.store === store.name)
          ? []
          : [
              fault(
                ["stores", index, "name"],
                `no check of type sql-canary writes to "${store.name}", so that its loss is never known; add one to checks`,
              ),
            ],
      ),
  },
  {
    rule: "An IoT custom domain `follows` a switch.",
    needs: ["traffic"],
    find: ({ traffic }) =>
      traffic.flatMap((entry, index) => {
        if (entry.type !== "iot-custom-domain") return [];
        const target = traffic.find(({ name }) => name === entry.follows);
        if (target?.type === "switch") return [];
        const switches = traffic.filter(({ type }) => type === "switch").map(({ name }) => name);
        const why =
          target === undefined
            ? `nothing in traffic is called "${entry.follows}"`
            : `"${entry.follows}" is no switch`;
        return [fault(["traffic", index, "follows"], `${why}; ${known(switches)}`)];
      }),
  },
  {
    rule: "An IoT custom domain that follows a switch with `records` has `endpoints`: the stack has to know what its records point at.",
    needs: ["traffic"],
    find: ({ traffic }) =>
      traffic.flatMap((entry, index) => {
        if (entry.type !== "iot-custom-domain" || entry.endpoints !== undefined) return [];
        const target = traffic.find(({ name }) => name === entry.follows);
        return target?.type === "switch" && target.records !== undefined
          ? [
              fault(
                ["traffic", index, "endpoints"],
                `"${target.name}" has records, and those of ${entry.host} need the data endpoint of each site: aws iot describe-endpoint --endpoint-type iot:Data-ATS --region <region>`,
              ),
            ]
          : [];
      }),
  },
  {
    rule: "Each host is moved once.",
    needs: ["traffic"],
    find: ({ traffic }) =>
      traffic.flatMap(({ host }, index) => {
        const earlier = traffic.slice(0, index).find((other) => other.host === host);
        return earlier === undefined
          ? []
          : [fault(["traffic", index, "host"], `"${earlier.name}" moves this host already`)];
      }),
  },
  {
    rule: "The endpoints of a switch differ from each other and from its host; its two objects lie in buckets of their own, unless the sites share a region.",
    needs: ["sites", "traffic"],
    find: (plan) =>
      plan.traffic.flatMap((entry, index) => {
        if (entry.type !== "switch") return [];
        const [first, second] = sitesOf(plan);
        const path = ["traffic", index];
        const found = [first, second].flatMap(({ name }) =>
          entry.endpoints[name] === entry.host
            ? [
                fault(
                  [...path, "endpoints", name],
                  "a host cannot be its own endpoint: name the site's load balancer",
                ),
              ]
            : [],
        );
        const endpoint = entry.endpoints[second.name];
        const [one, other] = [entry.switches[first.name], entry.switches[second.name]];
        if (first.name === second.name) return found;
        if (endpoint !== undefined && endpoint === entry.endpoints[first.name]) {
          found.push(
            fault(
              [...path, "endpoints", second.name],
              "both sites have this endpoint: the switch would move nothing",
            ),
          );
        }
        if (
          one !== undefined &&
          one.bucket === other?.bucket &&
          (first.region !== second.region || one.key === other.key)
        ) {
          const why =
            first.region === second.region
              ? "both sites have this switch: it would move nothing"
              : "both sites keep their switch in this bucket, which would be lost with its region";
          found.push(fault([...path, "switches", second.name], why));
        }
        return found;
      }),
  },
  {
    rule: "The TTL of a switch is a whole number of seconds, at most 5 minutes.",
    needs: ["traffic"],
    find: ({ traffic }) =>
      traffic.flatMap((entry, index) =>
        entry.type !== "switch" || (entry.ttlMs % 1000 === 0 && entry.ttlMs <= 300_000)
          ? []
          : [
              fault(
                ["traffic", index, "ttl"],
                "DNS counts a TTL in whole seconds, and every user waits for it: take 1s to 5m",
              ),
            ],
      ),
  },
  ownEndpoint("decision"),
  ownEndpoint("checks"),
  {
    rule: "Each note belongs to a phase of the failover.",
    needs: ["notes"],
    find: ({ notes }) =>
      notes.flatMap(({ phase }, index) =>
        phaseNames.some((name) => name === phase)
          ? []
          : [
              fault(
                ["notes", index, "phase"],
                `no phase is called "${phase}"; the phases are ${phaseNames.join(", ")}`,
              ),
            ],
      ),
  },
];
