import { accessDocuments, type AccessDocuments } from "@lifeboat/control-plane/access-documents";
import { deployedName } from "@lifeboat/control-plane/names";
import { jsonText } from "@lifeboat/plan/json-schema";
import { workloadAccount, type RecoveryPlan, type WorkloadAccess } from "@lifeboat/recovery/plan";
import { exitCode, type Io, refuse, type RunCommand } from "./io.ts";
import { loadPlan } from "./load-plan.ts";
import { parseOptions } from "./parse-options.ts";

const syntax = {
  command: "access",
  options: { out: { type: "string" } },
  operand: "PLAN",
  least: 1,
  most: 1,
} as const;

/** `arn:aws:iam::222233334444:role/of/lifeboat` → its name, and its path where it has one. */
const roleParts = (arn: string): { readonly name: string; readonly path: string } => {
  const [, ...parts] = (arn.split(":").at(-1) ?? "").split("/");
  const name = parts.pop() ?? "";
  return { name, path: parts.length === 0 ? "/" : `/${parts.join("/")}/` };
};

/** What the owner of the workload's account runs, with the files beside. */
const commandsFor = (
  plan: RecoveryPlan,
  access: WorkloadAccess,
  files: readonly string[],
): readonly string[] => {
  const { name, path } = roleParts(access.role);
  const [trust, ...permissions] = files;
  const account = workloadAccount(plan);
  return [
    `aws iam create-role --role-name ${name}${path === "/" ? "" : ` --path ${path}`} --assume-role-policy-document file://${trust}`,
    ...permissions.flatMap((file, index) => {
      const policy = deployedName(plan.workload, `access-${index + 1}`);
      return [
        `aws iam create-policy --policy-name ${policy} --policy-document file://${file}`,
        `aws iam attach-role-policy --role-name ${name} --policy-arn arn:${access.role.split(":")[1]}:iam::${account}:policy/${policy}`,
      ];
    }),
  ];
};

const writeFiles = async (
  { trust, permissions }: AccessDocuments,
  folder: string,
  io: Io,
): Promise<readonly string[] | undefined> => {
  const files = [
    ["trust.json", trust] as const,
    ...permissions.map((document, index) => [`permissions-${index + 1}.json`, document] as const),
  ];
  const paths: string[] = [];
  for (const [name, document] of files) {
    const path = `${folder.replace(/\/+$/, "")}/${name}`;
    const written = await io.files.write(path, jsonText(document), "replace");
    if (!written.ok) {
      refuse(io, `cannot write ${path}: ${written.reason}; give a folder that exists as --out`);
      return undefined;
    }
    paths.push(path);
  }
  return paths;
};

/**
 * `lifeboat access PLAN`: what the owner of the workload's account creates, so that Lifeboat gets in, and gets no further
 * than its functions need. As one JSON document, or as files with the commands that take them. Asks no account.
 */
export const runAccess: RunCommand = async (args, io) => {
  const parsed = parseOptions(args, syntax);
  if (!parsed.ok) return refuse(io, parsed.message);
  const reading = await loadPlan(parsed.positionals[0] ?? "", io);
  if (reading === undefined) return exitCode.badInput;
  const { plan } = reading;
  const { access } = plan;
  if (access === undefined)
    return refuse(
      io,
      `the plan of ${plan.workload} has no \`access\`: its workload lies in Lifeboat's own account, ${plan.account}, where each function has a role of its own`,
    );
  let documents: AccessDocuments;
  try {
    documents = accessDocuments(plan, access);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse(io, error.message);
  }
  const folder = parsed.values.out;
  if (folder === undefined) {
    io.out.write(jsonText({ role: access.role, ...documents }));
    return exitCode.done;
  }
  const files = await writeFiles(documents, folder, io);
  if (files === undefined) return exitCode.badInput;
  io.out.write(
    [
      `Wrote ${files.join(", ")}. Deploy both sites of ${plan.account} first: a trust policy names roles that exist.`,
      `Then, with credentials of ${workloadAccount(plan)}:`,
      ...commandsFor(plan, access, files).map((line) => `  ${line}`),
      "",
    ].join("\n"),
  );
  return exitCode.done;
};
