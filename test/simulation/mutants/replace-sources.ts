import { registerHooks } from "node:module";
import type { Edit } from "./mutant.ts";

/**
 * Makes this process load some source files with a text replaced. To be called before they are imported. Answers what
 * tells which edits have been made: one that was not has tested nothing.
 */
export const replaceSources = (edits: readonly Edit[]): (() => readonly Edit[]) => {
  const made = new Set<Edit>();
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const mine = edits.filter(({ file }) => url.endsWith(`/${file}`));
      if (mine.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
      let source =
        typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
      for (const edit of mine) {
        const parts = source.split(edit.replace);
        if (parts.length !== 2)
          throw new Error(`${edit.file} has ${parts.length - 1} times ${JSON.stringify(edit.replace)}`);
        source = parts.join(edit.by);
        made.add(edit);
      }
      return { ...loaded, source };
    },
  });
  return () => [...made];
};
