import * as fc from "fast-check";

/**
 * Machines that the validator should accept, of every state type: chains of states with a way ahead only, loops with a
 * counter, branches and iterations inside. Tasks may hang: each has a timeout.
 */

interface Part {
  /** The state, without its way on. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly canCatch: boolean;
}

const expression = fc.constantFrom(
  "{% $states.input %}",
  "{% $string($states.context.State.Name) %}",
  "{% $random() %}",
  "{% $uuid() %}",
  "{% $millis() %}",
  "{% [1, 2, $random()][$ > 1] %}",
  "{% $states.input.absent %}",
  "{% $n + 1 %}",
  "{% {'n': $n, 'now': $now()} %}",
);
const output = fc.oneof(
  expression,
  fc.constant({ fixed: [1, { deep: true }] }),
  fc.record({ a: expression, b: fc.integer() }),
);
const assign = fc.record({ n: fc.constantFrom("{% $n + 1 %}", 5, "{% $random() %}") });
const maybe = <T>(name: string, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(value, { nil: undefined }).map((given) => (given === undefined ? {} : { [name]: given }));

const merged = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.tuple(...parts).map((given) => Object.assign({}, ...given) as Record<string, unknown>);

const retry = maybe(
  "Retry",
  fc.constantFrom(
    [{ ErrorEquals: ["States.ALL"], MaxAttempts: 2, JitterStrategy: "FULL" }],
    [{ ErrorEquals: ["Bad"], MaxAttempts: 0 }],
    [{ ErrorEquals: ["Bad"], IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 2, MaxDelaySeconds: 4 }],
  ),
);

const outcome = merged(maybe("Output", output), maybe("Assign", assign));

const pass = merged(fc.constant({ Type: "Pass" }), outcome).map((body): Part => ({ body, canCatch: false }));
const wait = merged(
  fc.constantFrom(
    { Type: "Wait", Seconds: 0 },
    { Type: "Wait", Seconds: "{% $floor($random() * 10) %}" },
    { Type: "Wait", Timestamp: "2026-11-01T00:01:00Z" },
  ),
  outcome,
).map((body): Part => ({ body, canCatch: false }));
const task = merged(
  fc.constantFrom(
    { Type: "Task", Resource: "arn:aws:lambda:eu-west-3:111111111111:function:act" },
    {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: "f", Payload: "{% $states.input %}" },
    },
    {
      Type: "Task",
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      Arguments: { QueueUrl: "q", MessageBody: "{% $states.context.Task.Token %}" },
      HeartbeatSeconds: 5,
    },
  ),
  fc.integer({ min: 6, max: 30 }).map((TimeoutSeconds) => ({ TimeoutSeconds })),
  outcome,
  retry,
).map((body): Part => ({ body, canCatch: true }));

/** Names must be unique in the whole machine, so parts are named when they are put together. */
type Draft = (name: () => string, depth: number) => { StartAt: string; States: Record<string, unknown> };

const chain = (parts: fc.Arbitrary<Part | ForkPart>): fc.Arbitrary<Draft> =>
  fc
    .tuple(
      fc.array(fc.tuple(parts, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 4 }),
      fc.constantFrom("End", "Succeed", "Fail", "loop"),
    )
    .map(([items, ending]): Draft => (name, depth) => {
      const names = items.map(() => name());
      const last = name();
      const states: Record<string, unknown> = {};
      for (const [index, [part, catches, branches]] of items.entries()) {
        const own = names[index] ?? "";
        const next = names[index + 1] ?? last;
        const body = "fork" in part ? part.fork(name, depth) : part.body;
        const canCatch = "fork" in part || part.canCatch;
        states[own] = {
          ...body,
          ...(canCatch && catches ? { Catch: [{ ErrorEquals: ["States.ALL"], Next: last }] } : {}),
          Next: next,
        };
        // A way past the rest of the chain now and then.
        if (branches && names[index + 1] !== undefined) {
          const fork = name();
          states[fork] = {
            Type: "Choice",
            Choices: [{ Condition: "{% $random() < 0.5 %}", Next: last }],
            Default: next,
          };
          states[own] = { ...(states[own] as object), Next: fork };
        }
      }
      if (ending === "End") states[last] = { Type: "Pass", End: true };
      else if (ending === "loop") {
        const pause = name();
        const count = name();
        const counter = `rounds${depth}_${last}`;
        const init = name();
        states[last] = {
          Type: "Choice",
          Choices: [{ Condition: `{% $${counter} < 3 %}`, Next: pause }],
          Default: count,
        };
        states[pause] = {
          Type: "Wait",
          Seconds: 2,
          Assign: { [counter]: `{% $${counter} + 1 %}` },
          Next: last,
        };
        states[count] = { Type: "Succeed" };
        states[init] = { Type: "Pass", Assign: { [counter]: 0 }, Next: names[0] ?? last };
        return { StartAt: init, States: states };
      } else states[last] = ending === "Fail" ? { Type: "Fail", Error: "Bad" } : { Type: "Succeed" };
      return { StartAt: names[0] ?? last, States: states };
    });

interface ForkPart {
  readonly fork: (name: () => string, depth: number) => object;
}

// Inside, an outer variable may not be assigned, so inner states have no Assign.
const withoutAssign = <T extends Part>(part: fc.Arbitrary<T>): fc.Arbitrary<Part> =>
  part.map(({ body, canCatch }) => ({
    body: Object.fromEntries(Object.entries(body).filter(([name]) => name !== "Assign")),
    canCatch,
  }));

const simple = fc.oneof(pass, wait, task);
const innerChain = chain(withoutAssign(simple));

const fork: fc.Arbitrary<ForkPart> = fc.oneof(
  fc
    .tuple(fc.array(innerChain, { minLength: 1, maxLength: 3 }), outcome, retry)
    .map(([branches, more, retried]): ForkPart => ({
      fork: (name, depth) => ({
        Type: "Parallel",
        Branches: branches.map((branch) => branch(name, depth + 1)),
        ...more,
        ...retried,
      }),
    })),
  fc
    .tuple(innerChain, fc.integer({ min: 0, max: 2 }), fc.boolean(), outcome, retry)
    .map(([inner, MaxConcurrency, isDistributed, more, retried]): ForkPart => ({
      fork: (name, depth) => ({
        Type: "Map",
        Items: ["a", { b: "{% $random() %}" }, 3],
        MaxConcurrency,
        ItemProcessor: {
          ProcessorConfig: isDistributed
            ? { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }
            : { Mode: "INLINE" },
          ...inner(name, depth + 1),
        },
        ...(isDistributed ? { ToleratedFailureCount: 1 } : {}),
        ...more,
        ...retried,
      }),
    })),
);

/** A whole machine, as JSON. */
export const machines: fc.Arbitrary<object> = fc
  .tuple(
    chain(fc.oneof({ weight: 3, arbitrary: simple }, { weight: 1, arbitrary: fork })),
    fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  )
  .map(([draft, TimeoutSeconds]) => {
    let count = 0;
    const { StartAt, States } = draft(() => `S${count++}`, 0);
    const first = { Type: "Pass", Assign: { n: 0 }, Next: StartAt };
    return {
      QueryLanguage: "JSONata",
      ...(TimeoutSeconds === undefined ? {} : { TimeoutSeconds }),
      StartAt: "Begin",
      States: { Begin: first, ...States },
    };
  });
