import { ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { clientFor } from "@lifeboat/aws/connection";
import { withDirectClients } from "@lifeboat/cloud/wire/direct-clients";
import { shareConnections } from "@lifeboat/lab/faults/shared-connections";
import { describe, expect, it } from "vitest";
import { createAccount, FRANKFURT } from "./cloud-account.ts";

const shared = shareConnections();
const client = (): S3Client =>
  clientFor(shared.ofOperator(FRANKFURT), "s3", FRANKFURT, (settings) => new S3Client(settings));

const accountWith = (bucket: string) => {
  const account = createAccount();
  account.cloud.s3.createBucket({ name: bucket, region: FRANKFURT });
  return account;
};
const put = (bucket: string) => client().send(new PutObjectCommand({ Bucket: bucket, Key: "k", Body: "v" }));

describe.each([
  ["spelt", <Result>(run: () => Promise<Result>) => run()],
  ["handed over", withDirectClients],
])("connections that several labs share, calls %s", (_, within) => {
  it("keep their clients, and send what these are told to the cloud that there is then", async () => {
    const [first, second] = [accountWith("one"), accountWith("two")];
    const before = client();
    shared.pointTo(first.cloud);
    await within(() => first.run(() => put("one")));
    shared.pointTo(undefined);
    shared.pointTo(second.cloud);
    await within(() => second.run(() => put("two")));
    shared.pointTo(undefined);
    expect(client()).toBe(before);
    expect(first.cloud.s3.bucket("one").objects.has("k")).toBe(true);
    expect(second.cloud.s3.bucket("two").objects.has("k")).toBe(true);
    expect(second.wire.map(({ origin }) => origin)).toEqual([{ place: FRANKFURT, principal: "operator" }]);
  });

  it("send nothing once they are pointed nowhere", async () => {
    const account = accountWith("one");
    shared.pointTo(account.cloud);
    await within(() => account.run(() => put("one")));
    const sent = account.wire.length;
    shared.pointTo(undefined);
    const refused = within(() => {
      // It rejects; what calls a client does not expect it to throw.
      const answer = client().send(new ListBucketsCommand({}));
      return expect(answer).rejects.toThrow("no lab runs");
    });
    await refused;
    expect(account.wire).toHaveLength(sent);
  });

  it("are of one lab at a time", async () => {
    const [first, second] = [accountWith("one"), accountWith("two")];
    shared.pointTo(first.cloud);
    expect(() => shared.pointTo(second.cloud)).toThrow("runs already");
    await within(() => first.run(() => put("one")));
    shared.pointTo(undefined);
    expect(first.cloud.s3.bucket("one").objects.has("k")).toBe(true);
  });
});
