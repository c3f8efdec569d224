import type {
  DescribeDomainConfigurationRequest,
  DescribeEndpointRequest,
  UpdateDomainConfigurationRequest,
} from "@aws-sdk/client-iot";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";

export interface DomainConfigurationOptions {
  readonly region: string;
  readonly name: string;
  /** The name that devices connect to. */
  readonly domainName: string;
  readonly certificateArns?: readonly string[];
  readonly enabled?: boolean;
}

export interface DomainConfiguration {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly domainName: string;
  readonly certificateArns: readonly string[];
  status: "ENABLED" | "DISABLED";
  changedAtMs: number;
  /** What the brokers do; they hear of a change a little later. */
  isServing: boolean;
}

export interface IotModel extends ServiceModel {
  createDomainConfiguration(options: DomainConfigurationOptions): DomainConfiguration;
  /** The account's data endpoint in a region; DNS names of custom domains point at it. */
  endpoint(region: string): string;
  /** True when the region's brokers take connections for the name: region up, configuration enabled and spread. */
  accepts(region: string, domainName: string): boolean;
}

/** AWS does not say how long the brokers take; guessed on the long side. */
const SPREAD_MS = { least: 2_000, most: 20_000 };

/** AWS IoT Core of the simulated account, as far as custom domains of its brokers go. */
export const createIot = (world: World): IotModel => {
  const { clock, network } = world;
  const random = world.random.stream("iot");
  const prefix = `a${random.hex(13)}`;
  const configurations = new Map<string, DomainConfiguration>();
  const endpoint = (region: string): string => `${prefix}-ats.iot.${region}.amazonaws.com`;

  const find = (region: string, name = ""): DomainConfiguration => {
    const configuration = configurations.get(`${region}/${name}`);
    if (configuration === undefined) {
      throw new AwsError("ResourceNotFoundException", `DomainConfiguration ${name} does not exist.`, 404);
    }
    return configuration;
  };

  const accepts = (region: string, domainName: string): boolean =>
    !network.isLost(region) &&
    [...configurations.values()].some(
      (configuration) =>
        configuration.region === region && configuration.domainName === domainName && configuration.isServing,
    );

  return {
    service: "iot",
    operations: {
      DescribeDomainConfiguration: (
        { domainConfigurationName }: DescribeDomainConfigurationRequest,
        { region }: Call,
      ) => {
        const configuration = find(region, domainConfigurationName);
        return {
          domainConfigurationName: configuration.name,
          domainConfigurationArn: configuration.arn,
          domainName: configuration.domainName,
          serverCertificates: configuration.certificateArns.map((serverCertificateArn) => ({
            serverCertificateArn,
            serverCertificateStatus: "VALID",
          })),
          domainConfigurationStatus: configuration.status,
          serviceType: "DATA",
          domainType: "CUSTOMER_MANAGED",
          lastStatusChangeDate: new Date(configuration.changedAtMs),
        };
      },
      UpdateDomainConfiguration: (input: UpdateDomainConfigurationRequest, { region }: Call) => {
        const configuration = find(region, input.domainConfigurationName);
        const status = input.domainConfigurationStatus;
        if (status !== undefined && status !== configuration.status) {
          configuration.status = status;
          configuration.changedAtMs = clock.nowMs();
          clock.after(random.integer(SPREAD_MS.least, SPREAD_MS.most), () => {
            configuration.isServing = configuration.status === "ENABLED";
          });
        }
        return {
          domainConfigurationName: configuration.name,
          domainConfigurationArn: configuration.arn,
        };
      },
      ListDomainConfigurations: (_input: object, { region }: Call) => ({
        domainConfigurations: [...configurations.values()]
          .filter((configuration) => configuration.region === region)
          .map(({ name, arn }) => ({
            domainConfigurationName: name,
            domainConfigurationArn: arn,
            serviceType: "DATA",
          })),
      }),
      DescribeEndpoint: ({ endpointType = "iot:Data-ATS" }: DescribeEndpointRequest, { region }: Call) => {
        if (endpointType !== "iot:Data-ATS") {
          throw new AwsError("InvalidRequestException", `Endpoint type ${endpointType} is not known.`, 400);
        }
        return { endpointAddress: endpoint(region) };
      },
    },
    createDomainConfiguration({ region, name, domainName, certificateArns = [], enabled = true }) {
      const configuration: DomainConfiguration = {
        region,
        name,
        arn: `arn:aws:iot:${region}:${world.accountId}:domainconfiguration/${name}/${random.hex(5)}`,
        domainName,
        certificateArns,
        status: enabled ? "ENABLED" : "DISABLED",
        changedAtMs: clock.nowMs(),
        isServing: enabled,
      };
      configurations.set(`${region}/${name}`, configuration);
      return configuration;
    },
    endpoint,
    accepts,
  };
};
