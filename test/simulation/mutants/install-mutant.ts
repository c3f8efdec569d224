import { mutants } from "./mutants.ts";
import { replaceSources } from "./replace-sources.ts";

/** Loaded with `--import` before anything else, this makes a process run the mutant that LIFEBOAT_MUTANT names. */
const name = process.env["LIFEBOAT_MUTANT"];
const mutant = mutants.find((candidate) => candidate.name === name);
if (mutant === undefined) throw new Error(`no mutant ${JSON.stringify(name)}`);
replaceSources(mutant.edits);
