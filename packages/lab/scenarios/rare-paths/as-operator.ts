import type { Stage } from "../scenario.ts";

/** A call by a person at the console, who waits for the answer. */
export const asOperator = async (
  { lab, waitFor }: Stage,
  region: string,
  service: string,
  operation: string,
  input: Record<string, unknown>,
): Promise<void> => {
  let isOver = false;
  const called = lab.cloud
    .call({ service, operation, region, input, origin: { place: region, principal: "operator" } })
    .finally(() => {
      isOver = true;
    });
  await waitFor(operation, 60_000, () => isOver);
  await called;
};
