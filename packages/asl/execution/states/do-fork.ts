import { evaluateArray, evaluateField, evaluateNumber, FieldError, type Place } from "../evaluate-field.ts";
import type { ForkPhase } from "../execution.ts";
import { DISTRIBUTED_CONCURRENCY, INLINE_CONCURRENCY, joinIfDone, launchChildren } from "../fork.ts";
import { append, PAYLOAD_LIMIT_BYTES } from "../history.ts";
import { isJsonArray, jsonBytes, jsonText, type Json } from "../../values/json.ts";
import type { ItemBatcher, MapState, ParallelState } from "../../definition/machine.ts";
import { drawUuid } from "../../values/random.ts";
import { setPhase } from "../run.ts";
import { LONGEST_SECONDS } from "../../definition/state-fields.ts";

type MapPlace = Place & { readonly state: MapState };

const freshFork = { type: "fork", next: 0, results: {}, succeeded: 0, failures: 0 } as const;

export const doParallel = async (place: Place & { readonly state: ParallelState }): Promise<void> => {
  const { run, thread, state } = place;
  const input =
    state.arguments === undefined ? thread.visit.input : await evaluateField(place, state.arguments);
  append(run, thread, "ParallelStateStarted", undefined);
  setPhase(thread, {
    ...freshFork,
    kind: "parallel",
    inputs: state.branches.map(() => input),
    maxConcurrency: 0,
    failuresAllowed: 0,
  });
  launchChildren(run, thread, thread.lastEventId);
};

const itemsOf = async (place: MapPlace): Promise<readonly Json[]> => {
  const { thread, state } = place;
  if (state.items !== undefined) return evaluateArray(place, state.items);
  const { input } = thread.visit;
  if (isJsonArray(input)) return input;
  throw new FieldError(undefined, `Map state input must be an array but was: ${jsonText(input)}`);
};

/** What each iteration gets, before batching. */
const select = async (place: MapPlace, items: readonly Json[]): Promise<readonly Json[]> => {
  const { itemSelector } = place.state;
  if (itemSelector === undefined) return items;
  const selected: Json[] = [];
  for (const [Index, Value] of items.entries()) {
    selected.push(await evaluateField(place, itemSelector, { mapItem: { Index, Value } }));
  }
  return selected;
};

/**
 * Packs items into batches of at most so many items and bytes.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
 */
const batch = async (
  place: MapPlace,
  batcher: ItemBatcher,
  items: readonly Json[],
): Promise<readonly Json[]> => {
  const { batchInput, maxItems, maxBytes } = batcher;
  const input = batchInput === undefined ? undefined : await evaluateField(place, batchInput);
  const most =
    maxItems === undefined
      ? Infinity
      : await evaluateNumber(place, maxItems, { least: 1, most: LONGEST_SECONDS });
  const mostBytes =
    maxBytes === undefined
      ? PAYLOAD_LIMIT_BYTES
      : await evaluateNumber(place, maxBytes, { least: 1, most: PAYLOAD_LIMIT_BYTES });
  const batches: Json[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = jsonBytes(item);
    const current = batches.at(-1);
    if (current === undefined || current.length >= most || bytes + size > mostBytes) {
      batches.push([item]);
      bytes = size;
    } else {
      current.push(item);
      bytes += size;
    }
  }
  return batches.map((Items) => (input === undefined ? { Items } : { BatchInput: input, Items }));
};

/** Failures that a distributed Map bears: the smaller of what count and percentage allow. */
const toleranceOf = async (place: MapPlace, children: number): Promise<number> => {
  const { toleratedFailureCount, toleratedFailurePercentage } = place.state;
  const range = { least: 0, numericText: true } as const;
  const limits: number[] = [];
  if (toleratedFailureCount !== undefined) {
    limits.push(await evaluateNumber(place, toleratedFailureCount, { ...range, most: LONGEST_SECONDS }));
  }
  if (toleratedFailurePercentage !== undefined) {
    const percentage = await evaluateNumber(place, toleratedFailurePercentage, {
      ...range,
      most: 100,
      fraction: true,
    });
    limits.push(Math.floor((percentage * children) / 100));
  }
  return limits.length === 0 ? 0 : Math.min(...limits);
};

const concurrencyOf = async (place: MapPlace): Promise<number> => {
  const { maxConcurrency, mode } = place.state;
  const limit = mode === "INLINE" ? INLINE_CONCURRENCY : DISTRIBUTED_CONCURRENCY;
  if (maxConcurrency === undefined) return limit;
  const wanted = await evaluateNumber(place, maxConcurrency, { least: 0, most: LONGEST_SECONDS });
  return wanted === 0 ? limit : Math.min(wanted, limit);
};

export const doMap = async (place: MapPlace): Promise<void> => {
  const { run, thread, state } = place;
  const items = await itemsOf(place);
  const maxConcurrency = await concurrencyOf(place);
  const selected = await select(place, items);
  const inputs = state.itemBatcher === undefined ? selected : await batch(place, state.itemBatcher, selected);
  const failuresAllowed = await toleranceOf(place, inputs.length);
  append(run, thread, "MapStateStarted", { length: items.length });
  const fork: ForkPhase = {
    ...freshFork,
    kind: state.mode === "INLINE" ? "map" : "distributed",
    inputs,
    maxConcurrency,
    failuresAllowed,
  };
  if (state.mode === "INLINE") {
    setPhase(thread, fork);
  } else {
    const label = state.label ?? drawUuid(run.chance);
    const machineArn = run.execution.stateMachineArn.replace(":stateMachine:", ":mapRun:");
    const mapRunArn = `${machineArn}/${label}:${drawUuid(run.chance)}`;
    append(run, thread, "MapRunStarted", { mapRunArn });
    setPhase(thread, { ...fork, mapRunArn });
  }
  launchChildren(run, thread, thread.lastEventId);
  await joinIfDone(run, thread);
};
