import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestProject } from "vitest/node";
import { bundleFunction, type Bundle } from "../../infra/synth/bundle.ts";
import type { SynthesisResult } from "../../infra/synth/graph.ts";
import { loadEsbuild } from "../../infra/synth/pulumi.ts";
import { synthesize } from "../../infra/synth/synthesize.ts";
import type { Order } from "./workshop.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where test files order what is made once for all of them. */
    readonly workshop: string;
  }
}

/** Where bundles lie; `vitest.config.ts` knows them by it. */
const FOLDER = "lifeboat-workshop-";

const make = async (order: Order, folder: string): Promise<SynthesisResult | Bundle> => {
  const place = await mkdtemp(join(folder, `${order.type}-`));
  if (order.type === "bundle") return bundleFunction(loadEsbuild(), order.build, place);
  const file = join(place, "test.plan.yaml");
  await writeFile(file, order.planText);
  return synthesize(order.stage, file);
};

/**
 * Makes what several test files need, and what takes long, once in a run of the tests: a synthesis takes four seconds of a
 * processor, and each of the thirty bundles two. Test files run in processes of their own, so they ask this one; what was asked
 * for before is not made again. Nothing is kept from one run of the tests to the next: the code may have changed.
 */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), FOLDER));
  const made = new Map<string, Promise<string>>();
  const makeOnce = (order: string): Promise<string> => {
    const known =
      made.get(order) ?? make(JSON.parse(order) as Order, folder).then((it) => JSON.stringify(it));
    made.set(order, known);
    return known;
  };
  const server = createServer((request, response) => {
    text(request)
      .then(makeOnce)
      .then(
        (it) => response.end(it),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  project.provide("workshop", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  };
};
