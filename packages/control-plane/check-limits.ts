import type { RecoveryPlan } from "@lifeboat/recovery/plan";
import { accessDocuments } from "./access-documents.ts";
import { buildManifest } from "./build-manifest.ts";
import type { Permission } from "./manifest.ts";
import { roleName } from "./names.ts";
import { policyDocument, policyText } from "./policy-document.ts";
import { functionPermissions, machinePermissions } from "./role-permissions.ts";

interface RolePolicy {
  readonly role: string;
  readonly permissions: readonly Permission[];
}

const sizeOf = ({ permissions }: RolePolicy): number => JSON.stringify(policyDocument(permissions)).length;

/** Every role of a function or a machine of a plan's stacks, with what it may do. */
const rolePolicies = (plan: RecoveryPlan): readonly RolePolicy[] => {
  const manifest = buildManifest(plan);
  return manifest.places.flatMap((place) => {
    const named = (name: string): string => roleName(manifest.workload, name, place.region);
    return [
      ...place.functions.map((entry) => ({
        role: named(entry.name),
        permissions: functionPermissions({ manifest, place }, entry),
      })),
      ...place.machines.map((entry) => ({
        role: named(entry.name),
        permissions: machinePermissions({ manifest, place }, entry),
      })),
    ];
  });
};

const refusalOf = (make: () => unknown): string | undefined => {
  try {
    make();
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
};

/**
 * What would be longer than IAM takes it, if the plan were deployed: the worst of the roles' policies, and the documents of
 * the role in the workload's account. A deployment and `lifeboat access` say the same, later. None means that all fits.
 */
export const limitProblems = (plan: RecoveryPlan): readonly string[] => {
  const [longest] = rolePolicies(plan).toSorted((left, right) => sizeOf(right) - sizeOf(left));
  const { access } = plan;
  return [
    longest === undefined ? undefined : refusalOf(() => policyText(longest.role, longest.permissions)),
    access === undefined ? undefined : refusalOf(() => accessDocuments(plan, access)),
  ].filter((problem) => problem !== undefined);
};
