import type { Manifest, PlaceManifest } from "./manifest.ts";

/** The name of the witness's place. */
export const WITNESS = "witness";

/** The name of what a site has in the workload's account, where that is another one. */
export const workloadPlace = (site: string): string => `${site}-workload`;

/**
 * The place that a stage deploys: `production-ireland` is the place `ireland` of the environment `production`. Every place
 * is a stage of its own, with its state in its own region: one can be deployed while another is gone. Throws RangeError
 * with the stages that there are.
 */
export const placeOfStage = (
  manifest: Pick<Manifest, "places">,
  stage: string,
): { readonly environment: string; readonly place: PlaceManifest } => {
  const fitting = manifest.places
    .filter(({ place }) => stage.endsWith(`-${place}`) && stage.length > place.length + 1)
    // `a-b` fits the places `b` and `a-b`: the longer name is meant.
    .sort((left, right) => right.place.length - left.place.length);
  const [place] = fitting;
  if (place === undefined) {
    const stages = manifest.places.map((candidate) => `production-${candidate.place}`);
    throw new RangeError(
      `the stage "${stage}" names no place of the plan; expected <environment>-<place>, such as ${stages.join(", ")}`,
    );
  }
  return { environment: stage.slice(0, -place.place.length - 1), place };
};
