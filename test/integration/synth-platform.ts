import { installPlatform } from "../../infra/synth/platform.ts";

/**
 * Why the stack cannot be synthesised here, for tests to skip by; nothing where it can. A proof that is skipped is no proof:
 * in CI, which says so by `CI=true`, this throws instead. Tests wait for it before they are collected.
 */
export const whyNotSynthesised = async (
  install: (say: (line: string) => void) => Promise<void> = installPlatform,
  isCi: boolean = process.env["CI"] === "true",
): Promise<string | undefined> => {
  try {
    await install((line) => console.info(line));
    return undefined;
  } catch (error) {
    const reason = `SST's platform cannot be installed here (${String(error)})`;
    if (isCi) throw new Error(`the stack is not proven: ${reason}`, { cause: error });
    console.warn(`The stack is not synthesised, and its tests are skipped: ${reason}`);
    return reason;
  }
};
