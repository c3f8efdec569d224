/** `npm run bench`: every figure that the documents quote, each beside what it is compared with, in one run. */
await import("./interpreter.ts");
await import("./bundles.ts");
