import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * Five times the Scheduler does not start the primary's watch for a minute.
 * 1. Nothing moves: no execution, no act.
 * 2. Nothing is fenced: no write of a user fails.
 */
const ran = specOf("watch-throttled");

it("1. moves nothing", () => {
  expect(ran().outcomes).toEqual([]);
  expect(ran().acts).toEqual([]);
});

it("2. fences nothing", () => expect(ran().failedWrites).toBe(0));
