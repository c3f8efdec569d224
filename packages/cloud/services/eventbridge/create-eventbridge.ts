import type { ServiceModel } from "../../kernel/service.ts";
import { createWhenUp } from "../../kernel/when-up.ts";
import type { World } from "../../kernel/world.ts";
import type { CloudEvent } from "../../kernel/cloud-event.ts";
import { createDelivery, type DeliveryTargets, type Undelivered } from "./deliver.ts";
import { checkPattern, matchesPattern } from "./event-pattern.ts";
import { ruleOperations, type RuleStore } from "./rule-operations.ts";
import type { Rule, RuleOptions } from "./rule.ts";

/** An event that a bus took, with the rules that matched it. */
export interface BusEvent {
  readonly atMs: number;
  readonly region: string;
  readonly bus: string;
  readonly event: CloudEvent;
  readonly rules: readonly string[];
}

export interface EventBridgeModel extends ServiceModel {
  /** Creates a bus beside the default one; one that exists is left as it is. */
  createBus(region: string, name: string): void;
  /** Creates or replaces a rule with its targets. Throws on a pattern that EventBridge refuses. */
  createRule(options: RuleOptions): Rule;
  readonly events: readonly BusEvent[];
  readonly undelivered: readonly Undelivered[];
}

/** EventBridge of the simulated account: buses in each region, rules, and their targets. */
export const createEventBridge = (world: World, targets: () => DeliveryTargets): EventBridgeModel => {
  const whenUp = createWhenUp(world.network);
  const rules = new Map<string, Rule>();
  const events: BusEvent[] = [];

  const receive = (region: string, bus: string, event: CloudEvent): void => {
    const matched = [...rules.values()].filter(
      (rule) =>
        rule.enabled &&
        rule.region === region &&
        rule.bus === bus &&
        matchesPattern(rule.pattern, event as unknown as Record<string, unknown>),
    );
    events.push({ atMs: world.clock.nowMs(), region, bus, event, rules: matched.map(({ name }) => name) });
    for (const rule of matched)
      for (const target of rule.targets) delivery.deliver(region, target, event, rule.name);
  };
  const delivery = createDelivery(world, targets, whenUp, receive);
  world.onEmit((region, event) => receive(region, "default", event));

  const buses = new Set<string>();
  const store: RuleStore = {
    rules,
    buses,
    receive,
    put({ region, name, bus, pattern, enabled }) {
      const key = `${region}/${bus}/${name}`;
      const onBus = bus === "default" ? name : `${bus}/${name}`;
      const arn = `arn:aws:events:${region}:${world.accountId}:rule/${onBus}`;
      const rule: Rule = { region, name, arn, bus, pattern, targets: rules.get(key)?.targets ?? [], enabled };
      rules.set(key, rule);
      return rule;
    },
  };

  return {
    service: "eventbridge",
    operations: ruleOperations(world, store),
    createBus: (region, name) => void buses.add(`${region}/${name}`),
    createRule({ region, name, bus = "default", pattern, targets: sendTo, enabled = true }) {
      checkPattern(pattern);
      const rule = store.put({ region, name, bus, pattern, enabled });
      rule.targets = sendTo;
      return rule;
    },
    events,
    undelivered: delivery.undelivered,
  };
};
