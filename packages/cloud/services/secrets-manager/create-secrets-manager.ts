import type {
  DescribeSecretRequest,
  GetSecretValueRequest,
  PutSecretValueRequest,
} from "@aws-sdk/client-secrets-manager";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import type { KmsModel } from "../kms/create-kms.ts";

export interface SecretOptions {
  readonly region: string;
  readonly name: string;
  readonly secretString: string;
  readonly replicas?: readonly string[];
  /** The customer's key, by id or alias, the same in all regions; the service's own key where left out. */
  readonly kmsKeyId?: string;
}

interface Version {
  readonly versionId: string;
  readonly secretString: string;
  readonly createdAtMs: number;
}

/** A secret as one region holds it. */
export interface SimulatedSecret {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly primaryRegion: string;
  readonly replicas: readonly string[];
  readonly kmsKeyId: string | undefined;
  readonly createdAtMs: number;
  /** Newest first: the current version and the one before. */
  versions: readonly Version[];
  deletedAtMs: number | undefined;
}

export type ReplicaStatus = "InSync" | "InProgress" | "Failed";

export interface SecretsManagerModel extends ServiceModel {
  createSecret(options: SecretOptions): SimulatedSecret;
  /** Schedules the secret's deletion in one region. */
  deleteSecret(region: string, name: string): void;
  replicaStatus(name: string, region: string): ReplicaStatus;
}

/** A dash and six characters. */
const SUFFIX = 7;

/** Replication takes seconds; the figure is a guess. */
const REPLICATION_MS = { least: 500, most: 6_000 };
const RETRY_MS = 30_000;

/** Secrets Manager of the simulated account: secrets with replicas in other regions. */
export const createSecretsManager = (world: World, kms: KmsModel): SecretsManagerModel => {
  const { clock, network } = world;
  const random = world.random.stream("secrets-manager");
  const secrets = new Map<string, SimulatedSecret>();
  const at = (region: string, name: string): string => `${region}/${name}`;

  const find = (region: string, reference = ""): SimulatedSecret => {
    // An ARN may leave out the random suffix.
    const byArn = [...secrets.values()].find(
      ({ region: place, arn }) =>
        place === region && (arn === reference || arn.slice(0, -SUFFIX) === reference),
    );
    const secret = byArn ?? secrets.get(at(region, reference));
    if (secret === undefined) {
      throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    }
    return secret;
  };

  const replicaStatus = (name: string, region: string): ReplicaStatus => {
    const replica = secrets.get(at(region, name));
    const primary = replica === undefined ? undefined : secrets.get(at(replica.primaryRegion, name));
    if (replica === undefined || primary === undefined || replica.deletedAtMs !== undefined) return "Failed";
    return replica.versions[0]?.versionId === primary.versions[0]?.versionId ? "InSync" : "InProgress";
  };

  const replicate = (primary: SimulatedSecret, region: string, version: Version): void => {
    const replica = secrets.get(at(region, primary.name));
    if (replica === undefined) return;
    if (!network.reaches(primary.region, region)) {
      clock.after(RETRY_MS + random.integer(0, RETRY_MS), () => replicate(primary, region, version));
      return;
    }
    // What was overtaken on the way is dropped.
    if (primary.versions[0] === version) replica.versions = primary.versions;
  };

  const living = (region: string, reference: string | undefined): SimulatedSecret => {
    const secret = find(region, reference);
    if (secret.deletedAtMs === undefined) return secret;
    throw new AwsError(
      "InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  };

  const stagesOf = (index: number): readonly string[] => (index === 0 ? ["AWSCURRENT"] : ["AWSPREVIOUS"]);

  return {
    service: "secrets-manager",
    operations: {
      GetSecretValue: (input: GetSecretValueRequest, { region }: Call) => {
        const secret = living(region, input.SecretId);
        const { VersionId: id, VersionStage: stage = "AWSCURRENT" } = input;
        const index = secret.versions.findIndex((version, position) =>
          id === undefined ? stagesOf(position).includes(stage) : version.versionId === id,
        );
        const version = secret.versions[index];
        if (version === undefined) {
          throw new AwsError(
            "ResourceNotFoundException",
            `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
          );
        }
        if (secret.kmsKeyId !== undefined) {
          try {
            kms.usableKey(region, secret.kmsKeyId);
          } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            throw new AwsError("DecryptionFailure", `Secrets Manager can't decrypt the secret: ${reason}`);
          }
        }
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: version.versionId,
          SecretString: version.secretString,
          VersionStages: stagesOf(index),
          CreatedDate: new Date(version.createdAtMs),
        };
      },
      DescribeSecret: ({ SecretId }: DescribeSecretRequest, { region }: Call) => {
        const secret = find(region, SecretId);
        const isPrimary = region === secret.primaryRegion;
        return {
          ARN: secret.arn,
          Name: secret.name,
          ...(secret.kmsKeyId === undefined ? {} : { KmsKeyId: secret.kmsKeyId }),
          ...(secret.deletedAtMs === undefined ? {} : { DeletedDate: new Date(secret.deletedAtMs) }),
          VersionIdsToStages: Object.fromEntries(
            secret.versions.map(({ versionId }, index) => [versionId, stagesOf(index)]),
          ),
          CreatedDate: new Date(secret.createdAtMs),
          LastChangedDate: new Date(secret.versions[0]?.createdAtMs ?? secret.createdAtMs),
          ...(secret.replicas.length === 0 ? {} : { PrimaryRegion: secret.primaryRegion }),
          // Only the primary tells of its replicas.
          ...(isPrimary && secret.replicas.length > 0
            ? {
                ReplicationStatus: secret.replicas.map((replica) => ({
                  Region: replica,
                  KmsKeyId: secret.kmsKeyId ?? "alias/aws/secretsmanager",
                  Status: replicaStatus(secret.name, replica),
                })),
              }
            : {}),
        };
      },
      PutSecretValue: (input: PutSecretValueRequest, { region }: Call) => {
        const secret = living(region, input.SecretId);
        if (region !== secret.primaryRegion) {
          throw new AwsError(
            "InvalidRequestException",
            "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
          );
        }
        const version: Version = {
          versionId: input.ClientRequestToken ?? random.uuid(),
          secretString: input.SecretString ?? "",
          createdAtMs: clock.nowMs(),
        };
        secret.versions = [version, ...secret.versions.slice(0, 1)];
        for (const replica of secret.replicas) {
          clock.after(random.integer(REPLICATION_MS.least, REPLICATION_MS.most), () =>
            replicate(secret, replica, version),
          );
        }
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: version.versionId,
          VersionStages: ["AWSCURRENT"],
        };
      },
    },
    createSecret({ region, name, secretString, replicas = [], kmsKeyId }) {
      const suffix = random.hex(6);
      const createdAtMs = clock.nowMs();
      const versions = [{ versionId: random.uuid(), secretString, createdAtMs }];
      for (const place of [region, ...replicas]) {
        secrets.set(at(place, name), {
          name,
          // Replicas keep the name and the random suffix.
          arn: `arn:aws:secretsmanager:${place}:${world.accountId}:secret:${name}-${suffix}`,
          region: place,
          primaryRegion: region,
          replicas,
          kmsKeyId,
          createdAtMs,
          versions,
          deletedAtMs: undefined,
        });
      }
      return find(region, name);
    },
    deleteSecret(region, name) {
      find(region, name).deletedAtMs = clock.nowMs();
    },
    replicaStatus,
  };
};
