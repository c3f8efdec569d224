/**
 * A region in few letters: eu-west-3 → euw3, ap-southeast-1 → apse1. AWS's own zone ids (`euw3-az1`) are built alike:
 * https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html
 */
export const shortRegion = (region: string): string => {
  const [area = "", ...rest] = region.split("-");
  const letters: Readonly<Record<string, string>> = {
    north: "n",
    south: "s",
    east: "e",
    west: "w",
    central: "c",
    northeast: "ne",
    northwest: "nw",
    southeast: "se",
    southwest: "sw",
    gov: "g",
  };
  return area + rest.map((part) => letters[part] ?? part).join("");
};
