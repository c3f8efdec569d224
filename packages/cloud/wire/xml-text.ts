/** An XML element: its text and its children in order. Namespaces and processing instructions carry nothing that AWS's requests need. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const decode = (text: string): string =>
  text.includes("&")
    ? text.replaceAll(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (whole, entity: string) => {
        if (entity.startsWith("#x")) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
        if (entity.startsWith("#")) return String.fromCodePoint(Number(entity.slice(1)));
        return ENTITIES[entity] ?? whole;
      })
    : text;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

/** Escapes text for an element or a quoted attribute. */
export const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"\r]/g, (sign) => ESCAPES[sign] ?? sign);

interface Open {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const readAttributes = (source: string): Record<string, string> => {
  const attributes: Record<string, string> = {};
  for (const [, name = "", double, single] of source.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes[name] = decode(double ?? single ?? "");
  }
  return attributes;
};

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^>\s]+)\s*>|<([^\s/>]+)([^>]*?)(\/?)>|([^<]+)/g;

/** Parses a request's body. Throws on text that is no well-formed document. */
export const parseXml = (source: string): XmlElement => {
  const root: Open = { name: "", attributes: {}, children: [], text: "" };
  const open: Open[] = [root];
  for (const [, cdata, closing, opening, attributes = "", selfClosing, text] of source.matchAll(TOKEN)) {
    const current = open.at(-1);
    if (current === undefined) throw new SyntaxError("XML closes more than it opens");
    if (opening !== undefined) {
      const element: Open = { name: opening, attributes: readAttributes(attributes), children: [], text: "" };
      current.children.push(element);
      if (selfClosing !== "/") open.push(element);
    } else if (closing !== undefined) {
      if (current.name !== closing) throw new SyntaxError(`XML closes ${closing} inside ${current.name}`);
      open.pop();
    } else if (cdata !== undefined) current.text += cdata;
    else if (text !== undefined) current.text += decode(text);
  }
  const [document] = root.children;
  if (document === undefined || open.length !== 1) throw new SyntaxError("XML ends inside an element");
  return document;
};
