import { checkInvariants } from "@lifeboat/lab/checks/check-run";
import { expect, it } from "vitest";
import { nothing } from "./planted-evidence.ts";

it("says nothing of a run in which nothing happened", () => {
  expect(checkInvariants(nothing)).toEqual([]);
});
