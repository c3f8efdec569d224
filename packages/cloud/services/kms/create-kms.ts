import type {
  DecryptRequest,
  DescribeKeyRequest,
  EncryptRequest,
  ListAliasesRequest,
} from "@aws-sdk/client-kms";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";

export type KeyState = "Enabled" | "Disabled" | "PendingDeletion" | "Creating";

export interface KeyOptions {
  /** Where the key was created. */
  readonly region: string;
  /** Regions that hold replicas of a multi-Region key. */
  readonly replicas?: readonly string[];
  readonly multiRegion?: boolean;
  /** `alias/…`, in all regions of the key. */
  readonly alias?: string;
  /** Made up where left out; a multi-Region key's begins with `mrk-`. */
  readonly keyId?: string;
}

/** A key in one region. The regions of a multi-Region key share the id and the material, and nothing else. */
export interface SimulatedKey {
  readonly keyId: string;
  readonly arn: string;
  readonly region: string;
  readonly primaryRegion: string;
  readonly regions: readonly string[];
  readonly multiRegion: boolean;
  readonly createdAtMs: number;
  state: KeyState;
}

export interface KmsModel extends ServiceModel {
  /** Answers with the id, by which the key is found in all its regions. */
  createKey(options: KeyOptions): SimulatedKey;
  setKeyState(region: string, keyId: string, state: KeyState): void;
  /** Throws what DescribeKey and, for a key not enabled, what a cryptographic operation throws. */
  usableKey(region: string, reference: string): SimulatedKey;
}

const MARK = "simulated-kms:";

/** KMS of the simulated account: keys, replicas of multi-Region keys, aliases. Ciphertexts are marked, not secret. */
export const createKms = (world: World): KmsModel => {
  const random = world.random.stream("kms");
  const keys = new Map<string, SimulatedKey>();
  const aliases = new Map<string, string>();
  const at = (region: string, name: string): string => `${region}/${name}`;

  const find = (region: string, reference = ""): SimulatedKey => {
    const parts = /^arn:aws:kms:(?<region>[a-z0-9-]+):\d{12}:(?<resource>.+)$/.exec(reference)?.groups;
    const resource = parts?.["resource"] ?? reference;
    // A key of another region is not used from here, though its ARN is known.
    const isElsewhere = parts !== undefined && parts["region"] !== region;
    const name = resource.startsWith("alias/")
      ? (aliases.get(at(region, resource)) ?? "")
      : resource.replace(/^key\//, "");
    const key = isElsewhere ? undefined : keys.get(at(region, name));
    if (key !== undefined) return key;
    const kind = resource.startsWith("alias/") ? "Alias" : "Key";
    const arn = reference.startsWith("arn:")
      ? reference
      : `arn:aws:kms:${region}:${world.accountId}:${resource.startsWith("alias/") ? resource : `key/${resource}`}`;
    throw new AwsError("NotFoundException", `${kind} '${arn}' does not exist`);
  };

  const usableKey = (region: string, reference: string | undefined): SimulatedKey => {
    const key = find(region, reference);
    if (key.state === "Disabled") throw new AwsError("DisabledException", `${key.arn} is disabled.`);
    if (key.state !== "Enabled")
      throw new AwsError("KMSInvalidStateException", `${key.arn} is pending deletion.`);
    return key;
  };

  const describe = (key: SimulatedKey): object => {
    const arnIn = (region: string): string => `arn:aws:kms:${region}:${world.accountId}:key/${key.keyId}`;
    const replicas = key.regions.filter((region) => region !== key.primaryRegion);
    return {
      AWSAccountId: world.accountId,
      KeyId: key.keyId,
      Arn: key.arn,
      CreationDate: new Date(key.createdAtMs),
      Enabled: key.state === "Enabled",
      Description: "",
      KeyUsage: "ENCRYPT_DECRYPT",
      KeyState: key.state,
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      KeySpec: "SYMMETRIC_DEFAULT",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      MultiRegion: key.multiRegion,
      ...(key.multiRegion
        ? {
            MultiRegionConfiguration: {
              MultiRegionKeyType: key.region === key.primaryRegion ? "PRIMARY" : "REPLICA",
              PrimaryKey: { Arn: arnIn(key.primaryRegion), Region: key.primaryRegion },
              ReplicaKeys: replicas.map((region) => ({ Arn: arnIn(region), Region: region })),
            },
          }
        : {}),
    };
  };

  return {
    service: "kms",
    operations: {
      DescribeKey: ({ KeyId }: DescribeKeyRequest, { region }: Call) => ({
        KeyMetadata: describe(find(region, KeyId)),
      }),
      Encrypt: ({ KeyId, Plaintext = new Uint8Array() }: EncryptRequest, { region }: Call) => {
        const key = usableKey(region, KeyId);
        const blob = `${MARK}${key.keyId}:${Buffer.from(Plaintext).toString("base64")}`;
        return {
          CiphertextBlob: new TextEncoder().encode(blob),
          KeyId: key.arn,
          EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        };
      },
      Decrypt: ({ KeyId, CiphertextBlob = new Uint8Array() }: DecryptRequest, { region }: Call) => {
        const blob = new TextDecoder().decode(CiphertextBlob);
        const [id = "", text = ""] = blob.startsWith(MARK) ? blob.slice(MARK.length).split(":") : [];
        // A ciphertext names its key; in a region without that key it cannot be read.
        if (id === "" || !keys.has(at(region, id))) throw new AwsError("InvalidCiphertextException", "");
        const key = usableKey(region, id);
        if (KeyId !== undefined && find(region, KeyId) !== key) {
          throw new AwsError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
          );
        }
        return {
          KeyId: key.arn,
          Plaintext: new Uint8Array(Buffer.from(text, "base64")),
          EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        };
      },
      ListAliases: ({ KeyId }: ListAliasesRequest, { region }: Call) => ({
        Aliases: [...aliases]
          .filter(([name, id]) => name.startsWith(`${region}/`) && (KeyId === undefined || id === KeyId))
          .map(([name, id]) => {
            const alias = name.slice(region.length + 1);
            return {
              AliasName: alias,
              AliasArn: `arn:aws:kms:${region}:${world.accountId}:${alias}`,
              TargetKeyId: id,
            };
          }),
        Truncated: false,
      }),
    },
    createKey({ region, replicas = [], multiRegion = replicas.length > 0, alias, keyId }) {
      const id = keyId ?? (multiRegion ? `mrk-${random.hex(32)}` : random.uuid());
      const regions = [region, ...replicas];
      for (const place of regions) {
        keys.set(at(place, id), {
          keyId: id,
          arn: `arn:aws:kms:${place}:${world.accountId}:key/${id}`,
          region: place,
          primaryRegion: region,
          regions,
          multiRegion,
          createdAtMs: world.clock.nowMs(),
          state: "Enabled",
        });
        if (alias !== undefined) aliases.set(at(place, alias), id);
      }
      return find(region, id);
    },
    setKeyState(region, keyId, state) {
      find(region, keyId).state = state;
    },
    usableKey,
  };
};
