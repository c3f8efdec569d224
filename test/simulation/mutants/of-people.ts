import { type Mutant, REGION_LOSS } from "./mutant.ts";

/** Breakages of what people answer, and of what they are told. */
export const peopleMutants: readonly Mutant[] = [
  {
    name: "writes the task token into the log",
    edits: [
      {
        file: "functions/ask.ts",
        replace: "phase: question.phase,\n",
        by: "phase: question.phase,\n      token: request.token,\n",
      },
    ],
    within: "lag-above-limit",
    seed: 1,
    caughtBy: "no-secret-in-the-open",
  },
  {
    name: "tells people of a recovery, and not of what it lost",
    edits: [
      {
        file: "packages/operations/steps/record-outcome.ts",
        replace: "[summary, record.reason, ...lost, ...notes, ...begun,",
        by: "[summary, record.reason, ...notes,",
      },
    ],
    ...REGION_LOSS,
    caughtBy: "verbs-apart",
  },
  // Two edits: the question counts, and the decision after it counts again, so that either alone only asks anew. That an
  // approval is of another execution or epoch cannot come about by one edit: papers lie below their question's name, which has
  // the execution's in it, and the epoch does not change under an execution that has the workload.
  {
    name: "goes on when one person has approved what takes two",
    edits: [
      {
        file: "packages/recovery/decide.ts",
        replace: "approval !== null && approval.persons >= persons;",
        by: "approval !== null && approval.persons >= Math.min(1, persons);",
      },
      {
        file: "packages/operations/approvals/ask-people.ts",
        replace: "Math.max(1, request.needed)",
        by: "Math.min(1, request.needed)",
      },
    ],
    within: "override-two-persons",
    seed: 1,
    caughtBy: "approvals",
  },
  // Two edits: a person's answer is one record, and of several records of a person one counts.
  {
    name: "counts an answer that comes twice as two people's",
    edits: [
      {
        file: "packages/operations/approvals/question-papers.ts",
        replace: "answers/${plainPerson(record.person)}.${record.answer}.json",
        by: "answers/${plainPerson(record.person)}.${record.answer}.${record.atMs}.json",
      },
      {
        file: "packages/recovery/approvals.ts",
        replace: "({ person }, index) => said.findIndex((earlier) => earlier.person === person) === index,",
        by: "({ person }, index) => said.findIndex((earlier) => earlier.person === person) <= index,",
      },
    ],
    within: "override-two-persons",
    seed: 1,
    caughtBy: "approvals",
  },
  {
    name: "goes on although a person gave the recovery up",
    edits: [
      {
        file: "packages/recovery/approvals.ts",
        replace: "if (first !== undefined) return answered(no, [first]);",
        by: 'if (first !== undefined) return answered(no === "abort" ? "retry" : no, [first]);',
      },
    ],
    within: "given-up",
    seed: 1,
    caughtBy: "abort-is-final",
  },
  {
    name: "orders without asking for the second person",
    edits: [
      {
        file: "packages/recovery/decide.ts",
        replace: "at.override !== null && !at.loss.allowed && at.approvals.lossy > 1 && !approvedLoss(at),",
        by: "at.override !== null && !at.loss.allowed && at.approvals.lossy > 99 && !approvedLoss(at),",
      },
    ],
    within: "override-two-persons",
    seed: 1,
    caughtBy: "approvals",
  },
];
