import { ACMClient, DescribeCertificateCommand } from "@aws-sdk/client-acm";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Protection } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAwsForOne } from "./failures.ts";

/** Keys, secrets and certificates: what services need before they can start. Values of secrets are never read. */
export const createProtection = (connection: Connection): Protection => ({
  async key(region, keyId) {
    const client = clientFor(connection, "kms", region, (settings) => new KMSClient(settings));
    const answer = await callAwsForOne("DescribeKey", ["NotFoundException"], () =>
      client.send(new DescribeKeyCommand({ KeyId: keyId })),
    );
    const metadata = answer?.KeyMetadata;
    return metadata === undefined
      ? null
      : { enabled: metadata.KeyState === "Enabled", multiRegion: metadata.MultiRegion ?? false };
  },
  async secret(region, secretId) {
    const client = clientFor(
      connection,
      "secrets-manager",
      region,
      (settings) => new SecretsManagerClient(settings),
    );
    const answer = await callAwsForOne("DescribeSecret", ["ResourceNotFoundException"], () =>
      client.send(new DescribeSecretCommand({ SecretId: secretId })),
    );
    return {
      exists: answer !== null && answer.DeletedDate === undefined,
      replicating: answer?.ReplicationStatus?.[0]?.Status ?? null,
    };
  },
  async certificate(region, arn) {
    const client = clientFor(connection, "acm", region, (settings) => new ACMClient(settings));
    const answer = await callAwsForOne("DescribeCertificate", ["ResourceNotFoundException"], () =>
      client.send(new DescribeCertificateCommand({ CertificateArn: arn })),
    );
    return answer?.Certificate === undefined ? null : { status: answer.Certificate.Status ?? "unknown" };
  },
});
