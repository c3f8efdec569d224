const placeholder = /\$\{FunctionUrl:([\w-]+)\}/g;

/** Stands for the address of a function of the same place, which Lambda gives out when it is deployed. */
export const functionUrl = (name: string): string => `\${FunctionUrl:${name}}`;

/** The functions whose addresses a text has placeholders for. */
export const functionUrlsIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(placeholder)].map(([, name = ""]) => name)),
];

/** Puts addresses in the place of `${FunctionUrl:name}`. Throws for a function that has none. */
export const bindFunctionUrls = (text: string, urls: Readonly<Record<string, string>>): string =>
  text.replaceAll(placeholder, (_, name: string) => {
    const url = urls[name];
    if (url === undefined) throw new Error(`the function "${name}" has no address yet`);
    return url;
  });
