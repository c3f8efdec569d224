import type { Connection } from "@lifeboat/aws/connection";
import type { ConnectOptions } from "@lifeboat/cloud/wire/connect";
import type { DirectHandler } from "@lifeboat/cloud/wire/handler";

/** How those who call AWS in a lab reach its cloud, by region. */
export interface Connections {
  /** Calls come from whichever invocation sends them. */
  readonly ofFunctions: (region: string) => Connection;
  readonly ofOperator: (region: string) => Connection;
}

const FUNCTION_KEYS = { accessKeyId: "AKIALIFEBOATLAB00000", secretAccessKey: "simulated" };
const OPERATOR_KEYS = { accessKeyId: "AKIALIFEBOATLAB00001", secretAccessKey: "simulated" };

/** One connection for each region and kind of caller: connections keep their clients, which cost more to make than most calls to send. */
export const createConnections = (connect: (options: ConnectOptions) => DirectHandler): Connections => {
  const functions = new Map<string, Connection>();
  const operators = new Map<string, Connection>();
  return {
    ofFunctions(region) {
      const known = functions.get(region) ?? {
        region,
        credentials: FUNCTION_KEYS,
        requestHandler: ({ timeoutMs }) => connect({ region, timeoutMs }),
      };
      functions.set(region, known);
      return known;
    },
    ofOperator(region) {
      const known = operators.get(region) ?? {
        region,
        credentials: OPERATOR_KEYS,
        requestHandler: ({ timeoutMs }) =>
          connect({ region, timeoutMs, origin: { place: region, principal: "operator" } }),
      };
      operators.set(region, known);
      return known;
    },
  };
};
