import type {
  CreateEventBusRequest,
  DeleteRuleRequest,
  DescribeEventBusRequest,
  DescribeRuleRequest,
  DisableRuleRequest,
  ListTargetsByRuleRequest,
  PutEventsRequest,
  PutRuleRequest,
  PutTargetsRequest,
  Target as ApiTarget,
} from "@aws-sdk/client-eventbridge";
import { AwsError, type Call } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";
import type { CloudEvent } from "../../kernel/cloud-event.ts";
import { checkPattern, InvalidPattern, matchesPattern, type Pattern } from "./event-pattern.ts";
import type { Rule, Target, TargetInput } from "./rule.ts";

export interface RuleStore {
  readonly rules: Map<string, Rule>;
  /** `region/name` of the buses beside the default ones. */
  readonly buses: Set<string>;
  put(options: { region: string; name: string; bus: string; pattern: Pattern; enabled: boolean }): Rule;
  receive(region: string, bus: string, event: CloudEvent): void;
}

export const busName = (name: string | undefined): string =>
  (name ?? "default").replace(/^.*event-bus\//, "");

const ruleKey = (region: string, bus: string, name: string): string => `${region}/${bus}/${name}`;

const find = ({ rules }: RuleStore, region: string, name = "", bus?: string): Rule => {
  const rule = rules.get(ruleKey(region, busName(bus), name));
  if (rule === undefined) {
    throw new AwsError(
      "ResourceNotFoundException",
      `Rule ${name} does not exist on EventBus ${busName(bus)}.`,
    );
  }
  return rule;
};

const parsePattern = (text: string | undefined): Pattern => {
  try {
    const pattern = JSON.parse(text ?? "") as Pattern;
    checkPattern(pattern);
    return pattern;
  } catch (error) {
    const message =
      error instanceof InvalidPattern ? error.message : "Event pattern is not valid. Reason: not JSON";
    throw new AwsError("InvalidEventPatternException", message);
  }
};

const inputOf = ({ Input, InputPath, InputTransformer }: ApiTarget): { readonly input?: TargetInput } => {
  if (Input !== undefined) return { input: { type: "constant", json: Input } };
  if (InputPath !== undefined) return { input: { type: "path", path: InputPath } };
  if (InputTransformer === undefined) return {};
  const { InputPathsMap: paths = {}, InputTemplate: template = "" } = InputTransformer;
  return { input: { type: "template", paths, template } };
};

const readTarget = (target: ApiTarget): Target => {
  const { Id: id = "", Arn: arn = "" } = target;
  if (arn.includes(":event-bus/")) return { type: "bus", id, arn };
  if (arn.startsWith("arn:aws:states:")) return { type: "state-machine", id, arn, ...inputOf(target) };
  if (arn.startsWith("arn:aws:lambda:")) return { type: "lambda", id, arn, ...inputOf(target) };
  throw new AwsError("NotSimulated", `Rules with the target ${arn} are not simulated`, 501);
};

const writeTarget = (target: Target): ApiTarget => {
  const { id: Id, arn: Arn } = target;
  if (target.type === "bus" || target.input === undefined) return { Id, Arn };
  const { input } = target;
  if (input.type === "constant") return { Id, Arn, Input: input.json };
  if (input.type === "path") return { Id, Arn, InputPath: input.path };
  return { Id, Arn, InputTransformer: { InputPathsMap: { ...input.paths }, InputTemplate: input.template } };
};

const describe = (rule: Rule): object => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: JSON.stringify(rule.pattern),
  State: rule.enabled ? "ENABLED" : "DISABLED",
  EventBusName: rule.bus,
});

const busArnOf = (world: World, region: string, name: string): string =>
  `arn:aws:events:${region}:${world.accountId}:event-bus/${name}`;

type Operations = Readonly<Record<string, (input: never, call: Call) => unknown>>;

/** The API on rules and events. https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html */
export const ruleOperations = (world: World, store: RuleStore): Operations => {
  const ids = world.random.stream("eventbridge-event-ids");

  const putEvent = (entry: NonNullable<PutEventsRequest["Entries"]>[number], region: string): object => {
    const { Source: source, DetailType: detailType, Detail: detail } = entry;
    if (source === undefined || detailType === undefined || detail === undefined) {
      return { ErrorCode: "InvalidArgument", ErrorMessage: "Source, DetailType and Detail are required" };
    }
    if (source.startsWith("aws.")) {
      return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
    }
    const bus = busName(entry.EventBusName);
    if (bus !== "default" && !store.buses.has(`${region}/${bus}`)) {
      // The reference has no word on it. Refused, so that a bus that was forgotten is noticed here.
      return { ErrorCode: "ResourceNotFoundException", ErrorMessage: `Event bus ${bus} does not exist.` };
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(detail);
    } catch {
      return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
    }
    const at = entry.Time ?? new Date(world.clock.nowMs());
    const event: CloudEvent = {
      version: "0",
      id: ids.uuid(),
      "detail-type": detailType,
      source,
      account: world.accountId,
      time: new Date(Math.floor(at.getTime() / 1000) * 1000).toISOString().replace(".000Z", "Z"),
      region,
      resources: entry.Resources ?? [],
      detail: parsed,
    };
    store.receive(region, bus, event);
    return { EventId: event.id };
  };

  return {
    PutEvents: ({ Entries: entries = [] }: PutEventsRequest, { region }: Call) => {
      const results = entries.map((entry) => putEvent(entry, region));
      return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
    },
    CreateEventBus: ({ Name = "" }: CreateEventBusRequest, { region }: Call) => {
      if (Name === "default" || store.buses.has(`${region}/${Name}`))
        throw new AwsError("ResourceAlreadyExistsException", `Event bus ${Name} already exists.`);
      store.buses.add(`${region}/${Name}`);
      return { EventBusArn: busArnOf(world, region, Name) };
    },
    DescribeEventBus: ({ Name }: DescribeEventBusRequest, { region }: Call) => {
      const name = busName(Name);
      if (name !== "default" && !store.buses.has(`${region}/${name}`))
        throw new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
      return { Name: name, Arn: busArnOf(world, region, name) };
    },
    PutRule: (input: PutRuleRequest, { region }: Call) => {
      const bus = busName(input.EventBusName);
      const rule = store.put({
        region,
        name: input.Name ?? "",
        bus,
        pattern: parsePattern(input.EventPattern),
        enabled: input.State !== "DISABLED",
      });
      return { RuleArn: rule.arn };
    },
    PutTargets: (input: PutTargetsRequest, { region }: Call) => {
      const rule = find(store, region, input.Rule, input.EventBusName);
      const added = (input.Targets ?? []).map(readTarget);
      rule.targets = [
        ...rule.targets.filter(({ id }) => !added.some((target) => target.id === id)),
        ...added,
      ];
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
    DeleteRule: ({ Name = "", EventBusName }: DeleteRuleRequest, { region }: Call) => {
      store.rules.delete(ruleKey(region, busName(EventBusName), Name));
      return {};
    },
    EnableRule: ({ Name, EventBusName }: DisableRuleRequest, { region }: Call) => {
      find(store, region, Name, EventBusName).enabled = true;
      return {};
    },
    DisableRule: ({ Name, EventBusName }: DisableRuleRequest, { region }: Call) => {
      find(store, region, Name, EventBusName).enabled = false;
      return {};
    },
    DescribeRule: ({ Name, EventBusName }: DescribeRuleRequest, { region }: Call) =>
      describe(find(store, region, Name, EventBusName)),
    ListRules: (_input: object, { region }: Call) => ({
      Rules: [...store.rules.values()].filter((rule) => rule.region === region).map(describe),
    }),
    ListTargetsByRule: ({ Rule: name, EventBusName }: ListTargetsByRuleRequest, { region }: Call) => ({
      Targets: find(store, region, name, EventBusName).targets.map(writeTarget),
    }),
    TestEventPattern: ({ EventPattern, Event }: { EventPattern?: string; Event?: string }) => ({
      Result: matchesPattern(
        parsePattern(EventPattern),
        JSON.parse(Event ?? "{}") as Record<string, unknown>,
      ),
    }),
  };
};
