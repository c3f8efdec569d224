import { DescribeDomainConfigurationCommand, IoTClient } from "@aws-sdk/client-iot";
import type { Brokers } from "@lifeboat/operations/ports";
import { clientFor, type Connection } from "./connection.ts";
import { callAwsForOne } from "./failures.ts";

/** Custom domains of AWS IoT Core: https://docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html */
export const createIotDomains = (connection: Connection): Brokers => ({
  async iotDomain(region, configuration) {
    const client = clientFor(connection, "iot", region, (settings) => new IoTClient(settings));
    const answer = await callAwsForOne("DescribeDomainConfiguration", ["ResourceNotFoundException"], () =>
      client.send(new DescribeDomainConfigurationCommand({ domainConfigurationName: configuration })),
    );
    return answer === null
      ? null
      : { enabled: answer.domainConfigurationStatus === "ENABLED", host: answer.domainName ?? "" };
  },
});
