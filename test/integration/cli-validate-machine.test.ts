import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defects } from "../unit/asl/defects.ts";
import { lifeboat } from "./cli-in-process.ts";

const validateText = (text: string) =>
  lifeboat(["validate", "machine.asl.json"], { files: { "machine.asl.json": text } });

describe("lifeboat validate FILE.asl.json", () => {
  it("takes the failover machine", async () => {
    const text = readFileSync(new URL("../../stepfunctions/failover.asl.json", import.meta.url), "utf8");
    expect(await validateText(text)).toMatchObject({
      code: 0,
      out: "machine.asl.json is a valid state machine\n",
      err: "",
    });
  });

  // The errors that functions throw are those of our own manifest, so defects in names of errors are the package's tests.
  it.each(defects.filter(({ rule }) => !["unhandled-error", "unthrown-error"].includes(rule)))(
    "refuses a machine with $name, and says where",
    async ({ definition, rule }) => {
      const { code, err } = await validateText(JSON.stringify(definition, null, 2));
      expect(code).toBe(2);
      expect(err).toContain(`(${rule};`);
      expect(err).toMatch(/^machine\.asl\.json:\d+:\d+ {2}\//m);
    },
  );

  it("says where a text is no JSON", async () => {
    const { code, err } = await validateText('{"StartAt": "A",\n "States": {,}}');
    expect(code).toBe(2);
    expect(err).toMatch(/^machine\.asl\.json:2:\d+/);
  });

  it("refuses a file that is not there", async () => {
    const { code, err } = await lifeboat(["validate", "other.asl.json"]);
    expect(code).toBe(2);
    expect(err).toContain("cannot read other.asl.json");
  });
});
