import { isIP } from "node:net";

/** An address as one number; IPv6 with its `::` spelt out. */
const asNumber = (address: string): bigint => {
  if (isIP(address) === 4) {
    return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(Number(part)), 0n);
  }
  const [head = "", tail] = address.split("::");
  const parts = (side: string): readonly string[] => (side === "" ? [] : side.split(":"));
  const front = parts(head);
  const back = tail === undefined ? [] : parts(tail);
  const gap = Array.from({ length: 8 - front.length - back.length }, () => "0");
  return [...front, ...gap, ...back].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n);
};

/** True when the address lies in the block, `10.0.0.0/24` or `2001:db8::/32`. */
export const matchesCidr = (block: string, address: string): boolean => {
  const [base = "", length] = block.split("/");
  const family = isIP(base);
  if (family === 0 || isIP(address) !== family) return false;
  const bits = family === 4 ? 32 : 128;
  const shift = BigInt(bits - Number(length ?? bits));
  return asNumber(base) >> shift === asNumber(address) >> shift;
};
