const encoder = new TextEncoder();
const decoder = new TextDecoder();

const texts = new WeakMap<Uint8Array, string>();

/** UTF-8. What was made of a text here is not decoded to be read again: nobody changes bytes that travel or lie in a bucket. */
export const bytesOf = (text: string): Uint8Array => {
  const bytes = encoder.encode(text);
  // Half a character does not survive the way.
  if (text.isWellFormed()) texts.set(bytes, text);
  return bytes;
};

/** The text of bytes in UTF-8. One object is read many times between two writes: it is decoded once. */
export const textOf = (bytes: Uint8Array): string => {
  const known = texts.get(bytes);
  if (known !== undefined) return known;
  const text = decoder.decode(bytes);
  texts.set(bytes, text);
  return text;
};
