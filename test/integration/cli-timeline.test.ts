import { beforeAll, describe, expect, it } from "vitest";
import { exampleText } from "../unit/plan-example.ts";
import { lifeboat, type Ran } from "./cli-in-process.ts";

/* What a person reads of a simulation, line by line. */

const timelineOf = async (scenario: string): Promise<Ran> =>
  lifeboat(["simulate", "x.plan.yaml", "--scenario", scenario], { files: { "x.plan.yaml": exampleText } });

interface Line {
  readonly atMs: number;
  readonly text: string;
}

const linesOf = ({ out }: Ran): readonly Line[] =>
  [...out.matchAll(/^ *\+(\d+):(\d+\.\d) +(.*)$/gm)].map(([, minutes, seconds, text = ""]) => ({
    atMs: Number(minutes) * 60_000 + Number(seconds) * 1000,
    text,
  }));

const OUTAGE = "an outage begins; from here on times count from it";

describe.each(["kill-switch", "standby-not-ready"])("the timeline of %s", (scenario) => {
  let ran: Ran;
  let lines: readonly Line[] = [];
  beforeAll(async () => {
    ran = await timelineOf(scenario);
    lines = linesOf(ran);
  });

  it("says in its header what times count from", () => {
    expect(ran.code).toBe(0);
    expect(ran.out.split("\n")[1]).toMatch(
      /times in minutes and seconds of virtual time since the outage \(before the first one: since the start\)$/,
    );
  });

  it("has a clock that starts anew where a line says so, and runs backwards nowhere", () => {
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
