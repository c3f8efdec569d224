import { accessRules } from "./check-access.ts";
import { decisionRules } from "./check-decision.ts";
import { referenceRules } from "./check-references.ts";
import {
  entriesOf,
  fault,
  placeOfArn,
  type PlanFault,
  type PlanRule,
  type PlanSection,
  warning,
} from "./plan-rule.ts";
import { type RecoveryPlan, type Site, sitesOf, workloadAccount } from "./plan.ts";

export type { PlanFault, PlanSection } from "./plan-rule.ts";

const lists = [
  "stores",
  "keys",
  "secrets",
  "certificates",
  "services",
  "workers",
  "traffic",
  "checks",
] as const satisfies readonly PlanSection[];

/** The fields, in whatever section, that hold one value for each site. */
const perSiteFields: ReadonlySet<string> = new Set([
  "arns",
  "buckets",
  "clusters",
  "writerHosts",
  "cidrs",
  "configurations",
  "endpoints",
  "groups",
  "secretIds",
  "switches",
  "urls",
]);

/** Both sites; none where they have one name: that is wrong itself, and every map would only repeat it. */
const tellableSites = (plan: RecoveryPlan): readonly Site[] => {
  const [primary, standby] = sitesOf(plan);
  return primary.name === standby.name ? [] : [primary, standby];
};

const siteRules: readonly PlanRule[] = [
  {
    rule: "The two sites have different names.",
    needs: ["sites"],
    find: ({ sites: { primary, standby } }) =>
      primary.name === standby.name
        ? [fault(["sites", "standby", "name"], `both sites are called "${standby.name}"`)]
        : [],
  },
  {
    rule: "The two sites lie in different regions, or both are narrowed to zones and share none.",
    needs: ["sites"],
    find: ({ sites: { primary, standby } }) => {
      if (primary.region !== standby.region) return [];
      const { availabilityZones: taken } = primary;
      if (taken === undefined || standby.availabilityZones === undefined) {
        return [
          fault(
            ["sites", "standby", "region"],
            `both sites lie in ${standby.region}; take another region, or narrow both sites with availabilityZones`,
          ),
        ];
      }
      return standby.availabilityZones.flatMap((zone, index) =>
        taken.includes(zone)
          ? [
              fault(
                ["sites", "standby", "availabilityZones", index],
                `${zone} belongs to both sites: they would fail together`,
              ),
            ]
          : [],
      );
    },
  },
  {
    rule: "The zones of a site lie in its region.",
    needs: ["sites"],
    find: ({ sites }) =>
      (["primary", "standby"] as const).flatMap((role) =>
        (sites[role].availabilityZones ?? []).flatMap((zone, index) =>
          zone.startsWith(sites[role].region)
            ? []
            : [fault(["sites", role, "availabilityZones", index], `${zone} is not in ${sites[role].region}`)],
        ),
      ),
  },
  {
    rule: "The witness lies in a third region.",
    needs: ["sites", "witness"],
    find: (plan) =>
      sitesOf(plan)
        .filter((site) => site.region === plan.witness.region)
        .slice(0, 1)
        .map((site) =>
          fault(
            ["witness", "region"],
            `${site.region} is the region of the site "${site.name}": the deciding vote would be lost together with it; take a third region`,
          ),
        ),
  },
];

const bothSites = (section: PlanSection): PlanRule => ({
  rule: "Every map of values per site names exactly the two sites.",
  needs: ["sites", section],
  find: (plan) => {
    const names = tellableSites(plan).map((site) => site.name);
    if (names.length === 0) return [];
    return entriesOf(plan, section).flatMap(({ path, fields }) =>
      Object.entries(fields)
        .filter(([field]) => perSiteFields.has(field))
        .flatMap(([field, values]): readonly PlanFault[] => {
          const given = Object.keys(values as object);
          const strange = given.filter((name) => !names.includes(name));
          const missing = names.filter((name) => !given.includes(name));
          return [
            ...strange.map((name): PlanFault => ({
              ...fault([...path, field, name], `no site has this name; the sites are ${names.join(" and ")}`),
              at: "key",
            })),
            // A name that is misspelt is missing, too: once is enough.
            ...missing
              .slice(strange.length)
              .map((name) => fault([...path, field, name], `the value for the site "${name}" is missing`)),
          ];
        }),
    );
  },
});

const uniqueNames = (section: PlanSection): PlanRule => ({
  rule: "Names are unique within a list.",
  needs: [section],
  find: (plan) => {
    const entries = entriesOf(plan, section);
    return entries.flatMap(({ path, fields: { name } }, index) =>
      entries.findIndex((other) => other.fields["name"] === name) === index
        ? []
        : [fault([...path, "name"], `another entry of this list is called "${String(name)}" already`)],
    );
  },
});

const ownRegion = (section: "certificates" | "secrets", field: "arns" | "secretIds"): PlanRule => ({
  rule: "ARNs belong to the workload's account (`account`, or that of `access`) and to the region of the site that they are given for.",
  needs: ["sites", "account", section],
  find: (plan) =>
    entriesOf(plan, section).flatMap(({ path, fields }) =>
      tellableSites(plan).flatMap((site) => {
        const values = fields[field] as Readonly<Record<string, string | undefined>>;
        const place = placeOfArn(values[site.name] ?? "");
        if (place === undefined) return [];
        const where = [...path, field, site.name];
        return [
          ...(place.region === site.region
            ? []
            : [
                fault(
                  where,
                  `this ARN is of ${place.region}, but the site "${site.name}" lies in ${site.region}`,
                ),
              ]),
          ...(place.account === workloadAccount(plan)
            ? []
            : [
                warning(
                  where,
                  `this ARN is of the account ${place.account}, the workload's is ${workloadAccount(plan)}`,
                ),
              ]),
        ];
      }),
    ),
});

/** Every rule that a schema cannot express, in the order of the document. */
export const planRules: readonly PlanRule[] = [
  ...siteRules,
  ...accessRules,
  ...(["ledger", "decision", ...lists] as const).map(bothSites),
  ...(["decision", ...lists] as const).map(uniqueNames),
  ...decisionRules,
  ...referenceRules,
  ownRegion("secrets", "secretIds"),
  ownRegion("certificates", "arns"),
];

/**
 * All that is wrong with a plan across its fields. `plan` may lack sections that could not be read: rules that need them
 * are not asked, so that a person sees everything there is to repair at once.
 */
export const checkPlan = (plan: Partial<RecoveryPlan>): readonly PlanFault[] =>
  planRules
    .filter(({ needs }) => needs.every((section) => plan[section] !== undefined))
    // A rule sees only the sections that it needs, and those are there.
    .flatMap(({ find }) => find(plan as RecoveryPlan));
