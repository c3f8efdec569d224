import type { Plugin } from "vitest/config";
import { ThreadsPoolWorker, type PoolOptions, type PoolWorker, type WorkerRequest } from "vitest/node";

/** A thread that has been started, and how many mutants it was shown to. */
interface Thread {
  readonly worker: PoolWorker;
  mutants: number;
}

/** Then a thread is replaced: whatever Vitest keeps of a run is gone with it. */
const MOST_MUTANTS = 100;

const idle: Thread[] = [];

type Run = Extract<WorkerRequest, { readonly type: "run" }>;

/** What Stryker tells the tests of a run: whether it looks what they reach, or has a mutant for them. */
const isForMutant = ({ context }: Run): boolean => context.providedContext["mode"] === "mutant";

/**
 * The request for a thread that ran before. The configuration comes along, for Vitest hands it over when a thread starts, and
 * Stryker's choice of tests is part of it. `isolate` has the thread evaluate all our modules anew for each test file: nothing
 * of a mutant is left for the next, and the code that runs once, at import, is mutated, too. What stays is Vitest and fast-check.
 */
const withConfig = (request: Run, { project }: PoolOptions): WorkerRequest => ({
  ...request,
  context: {
    ...request.context,
    config: { ...project.serializedConfig, isolate: true, includeTaskLocation: false },
  } as Run["context"],
});

/**
 * Vitest's own threads, kept from one mutant to the next: to start one, and to have it load Vitest and fast-check, takes longer
 * than the tests of most mutants. The first run, in which Stryker looks which test reaches what, has a thread of its own.
 *
 * A run of Vitest begins with `start` and ends with `stop`. A kept thread is sent neither, and both are answered for it.
 */
const createKeptThread = (options: PoolOptions): PoolWorker => {
  const before = idle.pop();
  const thread = before ?? { worker: new ThreadsPoolWorker(options), mutants: 0 };
  const { worker } = thread;
  const listeners: { readonly event: string; readonly callback: (message: unknown) => void }[] = [];
  let isKept = false;
  let hasEnded = false;

  const answer = (type: "started" | "stopped"): void =>
    queueMicrotask(() => {
      for (const { callback } of listeners.filter(({ event }) => event === "message"))
        callback({ __vitest_worker_response__: true, type });
    });

  return {
    name: "kept-threads",
    on(event, callback) {
      listeners.push({ event, callback });
      worker.on(event, callback);
    },
    off(event, callback) {
      const index = listeners.findIndex((one) => one.event === event && one.callback === callback);
      if (index !== -1) listeners.splice(index, 1);
      worker.off(event, callback);
    },
    async start() {
      if (before === undefined) await worker.start();
    },
    send(message) {
      if (message.type === "start" && before !== undefined) return answer("started");
      if (message.type === "stop" && isKept) {
        hasEnded = true;
        return answer("stopped");
      }
      if (message.type !== "run" || !isForMutant(message)) return worker.send(message);
      thread.mutants += 1;
      isKept = thread.mutants < MOST_MUTANTS;
      return worker.send(withConfig(message, options));
    },
    async stop() {
      for (const { event, callback } of listeners.splice(0)) worker.off(event, callback);
      // Stopped without having been asked to: the run was broken off, and so may the thread be.
      if (hasEnded) idle.push(thread);
      else await worker.stop();
    },
    deserialize: (data) => data,
  };
};

/** Has Vitest run the tests in kept threads. By a plugin, because Stryker names the pool itself, and knows Vitest's own alone. */
export const keepThreads: Plugin = {
  name: "lifeboat-kept-threads",
  configureVitest({ project }) {
    const { config } = project;
    config.pool = "kept-threads";
    config.poolRunner = { name: "kept-threads", createPoolWorker: createKeptThread };
  },
};
