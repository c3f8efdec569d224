import type { Cloud } from "@lifeboat/cloud/cloud";
import type { DirectHandler } from "@lifeboat/cloud/wire/handler";
import { createConnections, type Connections } from "../connections.ts";

/** Connections to one cloud after another. */
export interface SharedConnections extends Connections {
  /**
   * Calls go to this cloud from now on; `undefined`: to none, and nothing is kept of the last one. Throws where another one has
   * not been left.
   */
  readonly pointTo: (cloud: Cloud | undefined) => void;
}

const noLab = (): Promise<never> => Promise.reject(new Error("a client calls, and no lab runs"));

/** Where clients call that are used when no lab runs. */
const nowhere = (): DirectHandler => ({
  settings: new WeakMap(),
  call: noLab,
  backOff: noLab,
  handle: noLab,
  metadata: { handlerProtocol: "http/1.1" },
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
  destroy: () => undefined,
});

/** One client's way to the cloud that there is when it calls. */
class Line implements DirectHandler {
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #open: (line: Line) => DirectHandler;
  #way: DirectHandler | undefined;

  constructor(open: (line: Line) => DirectHandler) {
    this.#open = open;
  }

  get #handler(): DirectHandler {
    return (this.#way ??= this.#open(this));
  }
  get settings(): DirectHandler["settings"] {
    return this.#handler.settings;
  }
  call(...what: Parameters<DirectHandler["call"]>): ReturnType<DirectHandler["call"]> {
    return this.#handler.call(...what);
  }
  backOff(attempt: number): Promise<void> {
    return this.#handler.backOff(attempt);
  }
  handle(...request: Parameters<DirectHandler["handle"]>): ReturnType<DirectHandler["handle"]> {
    return this.#handler.handle(...request);
  }
  close(): void {
    this.#way = undefined;
  }
  updateHttpClientConfig(): void {}
  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
  destroy(): void {}
}

/**
 * Connections for labs of which one runs at a time in a process: their clients are made once, and keep nothing of a lab that
 * has ended. See `worker-process.ts` for why that matters.
 */
export const shareConnections = (): SharedConnections => {
  let cloud: Cloud | undefined;
  const open = new Set<Line>();
  const connections = createConnections(
    (options) =>
      new Line((line) => {
        open.add(line);
        return cloud?.connect(options) ?? nowhere();
      }),
  );
  return {
    ...connections,
    pointTo(next) {
      if (next !== undefined && cloud !== undefined)
        throw new Error("a lab that shares its connections runs already");
      cloud = next;
      for (const line of open) line.close();
      open.clear();
    },
  };
};
