import type { ConnectTo } from "@lifeboat/cli/bootstrap";
import type { RunCommand } from "@lifeboat/cli/io";
import { FRANKFURT, IRELAND, PARIS, type Account } from "../unit/cloud-account.ts";
import { exampleText } from "../unit/plan-example.ts";
import { onlyFile, recordedIo, type Said } from "./cli-in-process.ts";

/* Commands of `lifeboat` that speak to an account, here a simulated one. */

/** The ledger's buckets of the example. */
export const LEDGER_BUCKETS = [
  [FRANKFURT, "spacelift-lifeboat-eu-central-1"],
  [IRELAND, "spacelift-lifeboat-eu-west-1"],
  [PARIS, "spacelift-lifeboat-eu-west-3"],
] as const;

/** Creates them, as the stacks do. */
export const createLedgerBuckets = ({ cloud }: Account): void => {
  for (const [region, name] of LEDGER_BUCKETS)
    cloud.s3.createBucket({ name, region, objectLock: "without-default" });
};

export const connectingTo =
  ({ cloud }: Account): ConnectTo =>
  (region) => ({
    region,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    requestHandler: ({ timeoutMs }) => cloud.connect({ region, timeoutMs }),
  });

/** The account, for somebody who has not logged in. */
export const withoutCredentials =
  (account: Account): ConnectTo =>
  (region) => ({
    ...connectingTo(account)(region),
    get credentials(): never {
      throw Object.assign(new Error("Could not load credentials from any providers"), {
        name: "CredentialsProviderError",
      });
    },
  });

/** Runs a command, for which every file is the example, until it has ended. */
export const runOn = async (
  account: Account,
  command: RunCommand,
  args: readonly string[],
): Promise<Said & { readonly code: number }> => {
  const { io, said } = recordedIo(onlyFile(exampleText));
  const code = await account.run(() => command([...args], io));
  return { code, ...said };
};
