import { beforeAll, describe, expect, it } from "vitest";
import { exampleText } from "../unit/plan-example.ts";
import { lifeboat, type Ran } from "./cli-in-process.ts";

/* What a person reads of a simulation, line by line. */

const SCENARIOS = ["kill-switch", "standby-not-ready"];
const rans = new Map<string, Ran>();
beforeAll(async () => {
  const files = { "x.plan.yaml": exampleText };
  for (const scenario of SCENARIOS)
    rans.set(scenario, await lifeboat(["simulate", "x.plan.yaml", "--scenario", scenario], { files }));
});

const outOf = (scenario: string): string => rans.get(scenario)?.out ?? "";

interface Line {
  readonly atMs: number;
  readonly text: string;
}

const linesOf = (out: string): readonly Line[] =>
  [...out.matchAll(/^ *\+(\d+):(\d+\.\d) +(.*)$/gm)].map(([, minutes, seconds, text = ""]) => ({
    atMs: Number(minutes) * 60_000 + Number(seconds) * 1000,
    text,
  }));

const OUTAGE = "an outage begins; from here on times count from it";

describe.each(SCENARIOS)("the timeline of %s", (scenario) => {
  it("says in its header what times count from", () => {
    expect(rans.get(scenario)?.code).toBe(0);
    expect(outOf(scenario).split("\n")[1]).toMatch(
      /times in minutes and seconds of virtual time since the outage \(before the first one: since the start\)$/,
    );
  });

  it("has a clock that starts anew where a line says so, and runs backwards nowhere", () => {
    const lines = linesOf(outOf(scenario));
    const back = lines.flatMap(({ atMs }, index) => {
      const before = lines[index - 1];
      return before !== undefined && atMs < before.atMs ? [before.text] : [];
    });
    expect(back).toEqual([OUTAGE]);
    expect(lines[lines.findIndex(({ text }) => text === OUTAGE) + 1]).toEqual({
      atMs: 0,
      text: "eu-west-1 is lost",
    });
  });
});

describe("the timeline of kill-switch", () => {
  const out = (): string => outOf("kill-switch");

  it("says in which phase it is held, why, and that it waits for a person, once", () => {
    expect(out().match(/^ \+\d+:\d\d\.\d {2}held in .*$/gm)).toEqual([
      expect.stringMatching(
        /held in activate: KillSwitchOn: the kill switch of "spacelift" is on, by an operator: somebody has doubts; waits for a person$/,
      ),
    ]);
    expect(out()).not.toContain("activate failed");
  });

  it("says what it does about a traffic switch that is off, once", () => {
    const lines = out().match(/^.*switch s3:.*$/gm);
    expect(lines).toEqual([
      expect.stringMatching(
        /the traffic switch s3:\/\/spacelift-switch-eu-west-3\/spacelift\/active is off: set now$/,
      ),
    ]);
  });

  it("books the time under the kill switch to people", () => {
    expect(out()).toMatch(/people 15 min \d+ s, overhead \d+\.\d s/);
  });
});
