import { createAlarms } from "@lifeboat/aws/cloudwatch";
import { createCanaryPort } from "@lifeboat/aws/canary-function";
import { createReadiness } from "@lifeboat/aws/check-functions";
import { createCompute } from "@lifeboat/aws/compute";
import type { Connection } from "@lifeboat/aws/connection";
import { createIotDomains } from "@lifeboat/aws/iot";
import { createProtection } from "@lifeboat/aws/protection";
import { createDatabases } from "@lifeboat/aws/rds";
import { createBuckets } from "@lifeboat/aws/s3-buckets";
import { createNotices } from "@lifeboat/aws/sns";
import { createMetronome } from "@lifeboat/aws/sqs";
import { createExecutions } from "@lifeboat/aws/step-functions";

const REGION = "eu-central-1";

const connection: Connection = {
  region: REGION,
  credentials: { accessKeyId: "AKIALIFEBOATLAB00002", secretAccessKey: "simulated" },
  requestHandler: () => ({
    handle: () => Promise.resolve({ response: { statusCode: 400, headers: {}, body: new Uint8Array() } }),
  }),
};

let warmed: Promise<unknown> | undefined;

/**
 * Calls every SDK client once, to nowhere. A client's first call in a process reads configuration files and fills caches,
 * and so takes more turns of the event loop than the later ones: without this, calls of one instant would come in another
 * order in the first simulation of a process than in the second.
 */
export const warmClients = (): Promise<unknown> => {
  const none = "none";
  const compute = createCompute(connection);
  const protection = createProtection(connection);
  warmed ??= Promise.allSettled([
    createBuckets(connection).replication(REGION, none),
    createDatabases(connection).globalCluster(REGION, none),
    compute.service(REGION, none, none),
    compute.group(REGION, none),
    protection.key(REGION, none),
    protection.secret(REGION, none),
    protection.certificate(REGION, none),
    createIotDomains(connection).iotDomain(REGION, none),
    createAlarms(connection).states(REGION, [none]),
    createCanaryPort(connection, none).newest(REGION, { at: "here", store: none, workload: none }),
    createReadiness(connection, none).look(REGION, "stores", { workload: none, planHash: none }),
    createExecutions(connection).status(`arn:aws:states:${REGION}:111122223333:execution:none:none`),
    createMetronome(connection, `https://sqs.${REGION}.amazonaws.com/111122223333/${none}`).send([
      { inSeconds: 1, body: none },
    ]),
    createNotices(connection, none).publish(none, none),
  ]);
  return warmed;
};
