import { readFileSync } from "node:fs";
import { eventReference } from "@lifeboat/plan/event-reference";
import { eventJsonSchemas } from "@lifeboat/plan/event-schema";
import { describe, expect, it } from "vitest";
import { lifeboat } from "./cli-in-process.ts";

describe("the schemas of the events", () => {
  it("are printed as JSON Schema, each with its version, and are what the page describes", async () => {
    const { code, out } = await lifeboat(["schema", "--events"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(eventJsonSchemas());
    expect(Object.keys(eventJsonSchemas())).toHaveLength(10);
    for (const [name, schema] of Object.entries(eventJsonSchemas()))
      expect(schema).toMatchObject({
        title: name,
        additionalProperties: false,
        properties: { type: { const: name }, version: { const: 1 } },
      });
  });

  it("make the page for people", async () => {
    const page = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
    expect(page).toBe(eventReference());
    expect((await lifeboat(["schema", "--events", "--markdown"])).out).toBe(page);
  });
});
