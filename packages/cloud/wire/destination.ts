import { serviceByHostPrefix } from "./catalog.ts";
import type { WireService } from "./protocol.ts";

/** The service and region that a host name means. */
export interface Destination {
  readonly service: WireService;
  readonly region: string;
}

const HOST = /^(?:.+?\.)??(?<prefix>[a-z0-9-]+?)(?:[.-](?<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com$/;

/** Reads `rds.eu-west-3.amazonaws.com`, `bucket.s3.eu-west-1.amazonaws.com`, `route53.amazonaws.com`. */
export const readHostname = (hostname: string, defaultRegion: string): Destination | undefined => {
  const groups = HOST.exec(hostname)?.groups;
  const service = serviceByHostPrefix(groups?.["prefix"] ?? "");
  if (service === undefined) return undefined;
  return { service, region: service.controlRegion ?? groups?.["region"] ?? defaultRegion };
};

const SCOPE = /Credential=[^/]+\/\d{8}\/(?<region>[^/]+)\/(?<name>[^/]+)\/aws4_request/;

/** Reads a request's signature: the scope names region and service, so clients may be pointed at any address. */
export const readSignature = (authorization: string): Destination | undefined => {
  const groups = SCOPE.exec(authorization)?.groups;
  const service = serviceByHostPrefix(groups?.["name"] ?? "");
  const region = groups?.["region"];
  if (service === undefined || region === undefined) return undefined;
  return { service, region: service.controlRegion ?? region };
};
