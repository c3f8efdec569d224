import { expect, it } from "vitest";
import { specOf } from "./scenario-spec.ts";

/*
 * The standby's copy of the database has lost its key when the primary is lost.
 * 1. The attempt is refused, and its reason names the resource and what is wrong with it.
 * 2. Nothing of the workload is touched, and no epoch is opened.
 * 3. People are told.
 */
const ran = specOf("standby-not-ready");

it("1. is refused with the reason", () => {
  expect(ran().outcomes).toEqual(["refused"]);
  expect(ran().simulation.result.reason).toMatch(/stores\/database: the cluster is "inaccessible-encryption/);
});

it("2. touches nothing and opens no epoch", () => {
  expect(ran().acts).toEqual([]);
  expect(ran().evidence.claims.at(-1)?.body).toMatchObject({ epoch: 1, holder: null, activeSite: "ireland" });
});

it("3. tells people", () => expect(ran().notices).toEqual(["spacelift: refused, ireland to paris"]));
