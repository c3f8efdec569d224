import type { ChosenStage } from "./choose-stage.ts";
import { createAlarms } from "./alarms.ts";
import { createBuckets } from "./buckets.ts";
import { createDashboards } from "./dashboards.ts";
import { createFunctions, type Functions } from "./functions.ts";
import { createHealthChecks, createRecords } from "./health-checks.ts";
import { createMachines } from "./machines.ts";
import { createBuses, createDeadLetters, createTopics } from "./messages.ts";
import { createQueues } from "./queues.ts";
import { createRules, createSchedules } from "./triggers.ts";

const functionArns = (functions: Functions) => [...functions.values()].map((created) => created.arn);

/** Everything of one place. What it creates is the manifest's; nothing here reads or names another region's resources. */
export const createPlace = (chosen: ChosenStage) => {
  // In the workload's account there are functions alone: nothing is scheduled there, and nothing waits there.
  if (chosen.place.kind === "workload") return { functions: functionArns(createFunctions(chosen)) };
  createBuckets(chosen);
  const topics = createTopics(chosen);
  const buses = createBuses(chosen);
  const deadLetters = createDeadLetters(chosen);
  const functions = createFunctions(chosen, deadLetters);
  const machines = createMachines(chosen, functions);
  createQueues(chosen, functions, deadLetters);
  createSchedules(chosen, functions, machines, deadLetters);
  createRules(chosen, functions, deadLetters);
  createDashboards(chosen, createAlarms(chosen));
  const healthChecks = createHealthChecks(chosen);
  createRecords(chosen, healthChecks);
  return {
    machines: [...machines.values()].map((machine) => machine.arn),
    /** Recovery events: docs/events.md. */
    buses: buses.map((bus) => bus.arn),
    topics: topics.map((topic) => topic.arn),
    /** Failover records follow the check that ends in `-primary-serves`: docs/deploy.md. */
    healthChecks,
  };
};
