import { createRequire } from "node:module";
import { getLanguageService } from "amazon-states-language-service";
import { TextDocument } from "vscode-languageserver-textdocument";

// The package is CommonJS without types.
const aslValidator = createRequire(import.meta.url)("asl-validator") as (definition: object) => {
  readonly isValid: boolean;
  readonly errors: readonly object[];
};

/** The two public linters, each as a function that gives what it has to say. */
export const linters = {
  "asl-validator": (definition: object): Promise<readonly string[]> => {
    const { isValid, errors } = aslValidator(definition);
    return Promise.resolve(isValid ? [] : errors.map((error) => JSON.stringify(error)));
  },
  "amazon-states-language-service": async (definition: object): Promise<readonly string[]> => {
    const service = getLanguageService({});
    const document = TextDocument.create(
      "file://machine.asl.json",
      "json",
      1,
      JSON.stringify(definition, null, 1),
    );
    const diagnostics = await service.doValidation(document, service.parseJSONDocument(document), {
      comments: "error",
      trailingCommas: "error",
    });
    return diagnostics.map(({ message }) => (typeof message === "string" ? message : message.value));
  },
} as const;

export type LinterName = keyof typeof linters;
export const linterNames = Object.keys(linters) as LinterName[];
