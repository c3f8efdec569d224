import type { JsonPathCheck } from "./check-structure.ts";
import { checkRecovery } from "./check-recovery.ts";
import type { DefinitionPath } from "./finding.ts";
import { isJsonArray, isJsonObject, type Json } from "../values/json.ts";
import { jsonPathOnlyFields, stateFields } from "./state-fields.ts";

/**
 * Lets a state in JSONPath through where it means the same in JSONata: no field of JSONPath's own, no reference in what
 * it assigns. Everything else this interpreter does not run.
 */
export const refuseJsonPath: JsonPathCheck = (state, path, report, checkNext) => {
  const type = state["Type"];
  const fields = (typeof type === "string" ? stateFields[type] : undefined) ?? {};
  const refuse = (at: DefinitionPath, what: string): void =>
    report(at, "json-path", `${what} is JSONPath, which is not supported: set QueryLanguage to JSONata`);
  for (const name of Object.keys(state)) {
    if (jsonPathOnlyFields.has(name)) refuse([...path, name], name);
    else if (!Object.hasOwn(fields, name)) {
      report([...path, name], "unknown-field", `there is no field ${name} here`, { atKey: true });
    } else if (["Choices", "Output", "Arguments", "Items", "ItemSelector", "ItemBatcher"].includes(name)) {
      refuse([...path, name], `${name} of a state without QueryLanguage`);
    }
  }
  const refuseReferences = (value: Json | undefined, at: DefinitionPath): void => {
    if (isJsonArray(value)) value.forEach((item, index) => refuseReferences(item, [...at, index]));
    else if (isJsonObject(value)) {
      for (const [key, member] of Object.entries(value)) {
        if (key.endsWith(".$")) refuse([...at, key], key);
        else refuseReferences(member, [...at, key]);
      }
    }
  };
  refuseReferences(state["Assign"], [...path, "Assign"]);
  checkRecovery(state, path, report, checkNext);
  const catchers = state["Catch"];
  if (!isJsonArray(catchers)) return;
  for (const [index, catcher] of catchers.entries()) {
    if (!isJsonObject(catcher)) continue;
    refuseReferences(catcher["Assign"], [...path, "Catch", index, "Assign"]);
    if (catcher["Output"] !== undefined)
      refuse([...path, "Catch", index, "Output"], "Output without JSONata");
  }
};
