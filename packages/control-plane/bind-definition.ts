import type { MachineEntry } from "./manifest.ts";

/**
 * Puts ARNs in the place of a definition's `${Placeholder}`s. Throws when one is left, or one is bound that the definition
 * does not have: both mean that manifest and machine have drifted apart.
 */
export const bindDefinition = (
  text: string,
  machine: MachineEntry,
  arnOf: (functionName: string) => string,
): string => {
  const bound = new Set<string>();
  const result = text.replaceAll(/\$\{(\w+)\}/g, (placeholder, name: string) => {
    const functionName = machine.functions[name];
    if (functionName === undefined)
      throw new Error(`${machine.definition}: ${placeholder} stands for no function of the manifest`);
    bound.add(name);
    return arnOf(functionName);
  });
  const unused = Object.keys(machine.functions).filter((name) => !bound.has(name));
  if (unused.length > 0) throw new Error(`${machine.definition} has no placeholder for ${unused.join(", ")}`);
  return result;
};
