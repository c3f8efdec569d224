import { createStrikeLog } from "@lifeboat/cloud/faults/strikes";
import { describe, expect, it } from "vitest";

const START_MS = 1_000_000;

/** A log, and the time that it goes by. */
const create = () => {
  let nowMs = START_MS;
  const log = createStrikeLog(() => nowMs);
  return {
    log,
    pass: (ms: number): void => {
      nowMs += ms;
    },
    /** From when until when each lasted, counted from the start. */
    spans: () => log.all().map(({ fromMs, untilMs }) => [fromMs - START_MS, untilMs - START_MS]),
  };
};

describe("strikes of faults", () => {
  it("of one kind on one victim in a row are one, which lasts until the last is over", () => {
    const { log, pass, spans } = create();
    log.note("latency", 500, "a");
    pass(400);
    log.note("latency", 300, "a");
    pass(350);
    log.note("latency", 10, "a");
    expect(spans()).toEqual([[0, 760]]);
  });

  it("that are felt for less long than one before do not shorten it", () => {
    const { log, pass, spans } = create();
    log.note("latency", 500);
    pass(100);
    log.note("latency", 50);
    expect(spans()).toEqual([[0, 500]]);
  });

  it("with a pause between them are two", () => {
    const { log, pass, spans } = create();
    log.note("kill");
    pass(101);
    log.note("kill");
    expect(spans()).toEqual([
      [0, 0],
      [101, 101],
    ]);
  });

  it("on different victims, or of different kinds, are told apart", () => {
    const { log } = create();
    log.note("kill", 0, "a");
    log.note("kill", 0, "b");
    log.note("kill");
    log.note("latency", 0, "a");
    expect(log.all().map(({ kind, execution }) => [kind, execution])).toEqual([
      ["kill", "a"],
      ["kill", "b"],
      ["kill", undefined],
      ["latency", "a"],
    ]);
  });

  it("on everybody are noted when they are over, for as long as they lasted", () => {
    const { log, pass, spans } = create();
    pass(5000);
    log.noteSince("kill-switch", START_MS + 1000);
    expect(spans()).toEqual([[1000, 5000]]);
  });
});
