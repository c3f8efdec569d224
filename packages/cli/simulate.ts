import type { RunCommand } from "./io.ts";

export declare const simulate: RunCommand;
