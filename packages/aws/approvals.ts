import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import type { Approvals, Clock } from "@lifeboat/operations/ports";
import { identifyCaller, type FetchText } from "./caller-identity.ts";
import { clientFor, type Connection } from "./connection.ts";
import { callAws } from "./failures.ts";
import { s3For } from "./s3-ledger.ts";

/** What questions to people need of S3, Step Functions and STS. */
export const createApprovals = (
  connection: Connection,
  fetchText: FetchText,
  clock: Pick<Clock, "nowMs">,
): Approvals => ({
  keys: (place, prefix) =>
    callAws("ListObjectsV2 of answers", async () => {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const page = await s3For(connection, place.region).send(
          new ListObjectsV2Command({
            Bucket: place.bucket,
            Prefix: prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        );
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return keys;
    }),
  async wake(token) {
    const sfn = clientFor(connection, "sfn", connection.region, (settings) => new SFNClient(settings));
    try {
      // The machine believes nothing that comes with it.
      await sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: "{}" }));
      return "woken";
    } catch {
      // Its wait is over, or it was not reached: either way it looks by itself. The error would quote the token.
      return "gone";
    }
  },
  identify: (proof, purpose) => identifyCaller(fetchText, connection.region, clock.nowMs(), proof, purpose),
});
