import { RecoveryError } from "@lifeboat/recovery/errors";
import type { Beat, BeatAnswer } from "./ports.ts";

/** For whoever only asks whether the database took the beat. Throws `AwsUnavailable` where it was not reached. */
export const writtenBeat = (answer: BeatAnswer): Beat => {
  if (answer.type === "written") return answer;
  throw new RecoveryError("AwsUnavailable", `the database could not be reached: ${answer.reason}`);
};
