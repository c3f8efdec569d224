import { AwsError } from "../../kernel/service.ts";

/** RDS's pagination: up to `MaxRecords` (20 to 100, default 100), and a marker for the rest. */
export const page = <Item>(
  items: readonly Item[],
  { MaxRecords = 100, Marker }: { MaxRecords?: number | undefined; Marker?: string | undefined },
): { items: Item[]; Marker?: string } => {
  if (MaxRecords < 20 || MaxRecords > 100) {
    throw new AwsError(
      "InvalidParameterValue",
      `Invalid value ${MaxRecords} for MaxRecords. Must be between 20 and 100`,
    );
  }
  const from = Marker === undefined ? 0 : Number(Marker);
  if (!Number.isSafeInteger(from) || from < 0) throw new AwsError("InvalidParameterValue", "Invalid Marker");
  const rest = from + MaxRecords;
  return { items: items.slice(from, rest), ...(rest < items.length ? { Marker: String(rest) } : {}) };
};

interface Filter {
  readonly Name: string | undefined;
  readonly Values: string[] | undefined;
}

/** Refuses filters that the operation does not know; answers a test for those it does. */
export const matchFilters = <Item>(
  filters: readonly Filter[] | undefined,
  known: Readonly<Record<string, (item: Item) => readonly string[]>>,
): ((item: Item) => boolean) => {
  const tests = (filters ?? []).map(({ Name = "", Values = [] }) => {
    const read = known[Name];
    if (read === undefined) throw new AwsError("InvalidParameterValue", `Unrecognized filter name: ${Name}`);
    return (item: Item): boolean => read(item).some((value) => Values.includes(value));
  });
  return (item) => tests.every((test) => test(item));
};
