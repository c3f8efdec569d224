import type { Change, ResourceRecordSet } from "@aws-sdk/client-route-53";
import { AwsError } from "../../kernel/service.ts";
import { fullName, type HostedZone } from "./state.ts";

const sameRecord = (left: ResourceRecordSet, right: ResourceRecordSet): boolean =>
  fullName(left.Name ?? "") === fullName(right.Name ?? "") &&
  left.Type === right.Type &&
  left.SetIdentifier === right.SetIdentifier;

const label = (record: ResourceRecordSet): string => `[${fullName(record.Name ?? "")} ${record.Type}]`;

const problems = (zone: HostedZone, record: ResourceRecordSet): string[] => {
  const found: string[] = [];
  const name = fullName(record.Name ?? "");
  if (name !== zone.name && !name.endsWith(`.${zone.name}`)) {
    found.push(`RRSet with DNS name ${name} is not permitted in zone ${zone.name}`);
  }
  const hasValues = (record.ResourceRecords?.length ?? 0) > 0 && record.TTL !== undefined;
  if (hasValues === (record.AliasTarget !== undefined)) {
    found.push(`${label(record)}: expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]]`);
  }
  if (record.Failover !== undefined && record.SetIdentifier === undefined) {
    found.push(`${label(record)}: Failover needs a SetIdentifier`);
  }
  const unsupported = (
    [
      "Weight",
      "Region",
      "GeoLocation",
      "MultiValueAnswer",
      "CidrRoutingConfig",
      "GeoProximityLocation",
    ] as const
  ).find((member) => record[member] !== undefined);
  if (unsupported !== undefined) throw new Error(`routing by ${unsupported} is not modelled`);
  return found;
};

/** The zone's records after a batch, all or nothing; throws `InvalidChangeBatch` (API_ChangeResourceRecordSets). */
export const applyChanges = (zone: HostedZone, changes: readonly Change[]): readonly ResourceRecordSet[] => {
  const messages: string[] = [];
  let records = zone.records;
  for (const { Action: action, ResourceRecordSet: record } of changes) {
    if (record === undefined) continue;
    messages.push(...problems(zone, record));
    const present = records.some((other) => sameRecord(other, record));
    if (action === "CREATE" && present) {
      messages.push(`Tried to create resource record set ${label(record)} but it already exists`);
    }
    if (action === "DELETE" && !present) {
      messages.push(`Tried to delete resource record set ${label(record)} but it was not found`);
    }
    const others = records.filter((other) => !sameRecord(other, record));
    records = action === "DELETE" ? others : [...others, { ...record, Name: fullName(record.Name ?? "") }];
  }
  if (messages.length > 0) throw new AwsError("InvalidChangeBatch", `[${messages.join(", ")}]`);
  return records;
};
