import { createWorld } from "./kernel/create-world.ts";
import type { ServiceModel, WireRecord } from "./kernel/service.ts";
import type { World } from "./kernel/world.ts";
import { createAcm, type AcmModel } from "./services/acm/create-acm.ts";
import { createEventBridge, type EventBridgeModel } from "./services/eventbridge/create-eventbridge.ts";
import { createIot, type IotModel } from "./services/iot/create-iot.ts";
import { createKms, type KmsModel } from "./services/kms/create-kms.ts";
import { createLambda, type LambdaModel } from "./services/lambda/create-lambda.ts";
import type { FunctionHost } from "./services/lambda/function-host.ts";
import { createS3, type S3Model } from "./services/s3/create-s3.ts";
import { createScheduler, type SchedulerModel } from "./services/scheduler/create-scheduler.ts";
import {
  createSecretsManager,
  type SecretsManagerModel,
} from "./services/secrets-manager/create-secrets-manager.ts";
import { createStepFunctions, type StepFunctionsModel } from "./services/sfn/create-step-functions.ts";
import type { Interpreter } from "./services/sfn/interpreter-port.ts";
import type { CallApi } from "./services/sfn/sdk-task.ts";
import { createSns, type SnsModel } from "./services/sns/create-sns.ts";
import { createSqs, type SqsModel } from "./services/sqs/create-sqs.ts";
import { createSts, type StsModel } from "./services/sts/create-sts.ts";
import { callDirectly, type DirectCall } from "./wire/call-directly.ts";
import { connect, type ConnectOptions } from "./wire/connect.ts";
import type { DirectHandler } from "./wire/handler.ts";
import { createInspector, type Violation } from "./wire/conformance/create-inspector.ts";
import type { ApiModels } from "./wire/conformance/load.ts";
import { createDispatch, type Dispatch } from "./wire/dispatch.ts";
import { listen, type Listening, type ListenOptions } from "./wire/listen.ts";

export interface CloudOptions {
  readonly seed: number | string;
  readonly startMs: number;
  readonly accountId: string;
  /** Where keys, secrets, certificates and brokers lie, and what `models` gets beside the world; the same where left out. */
  readonly workloadAccountId?: string;
  readonly regions: readonly string[];
  /** The States Language interpreter that Step Functions hosts. */
  readonly interpreter: Interpreter;
  /** Runs the functions' code. */
  readonly functionHost: FunctionHost;
  /** Further services, built on the same world; one with the name of a built-in takes its place on the wire. */
  readonly models?: (world: World, workloads: World) => readonly ServiceModel[];
  /** Checks everything on the wire against AWS's own models: `load(directory)` of `wire/conformance/load`. */
  readonly conformance?: ApiModels;
}

/** A simulated account in several regions. */
export interface Cloud {
  readonly world: World;
  readonly acm: AcmModel;
  readonly iot: IotModel;
  readonly kms: KmsModel;
  readonly s3: S3Model;
  readonly secretsManager: SecretsManagerModel;
  readonly sns: SnsModel;
  readonly sqs: SqsModel;
  readonly sts: StsModel;
  readonly lambda: LambdaModel;
  readonly sfn: StepFunctionsModel;
  readonly eventbridge: EventBridgeModel;
  readonly scheduler: SchedulerModel;
  /** A `requestHandler` for SDK clients. */
  connect(options?: ConnectOptions): DirectHandler;
  /** Makes a call without a client: see `wire/call-directly`. */
  call(call: DirectCall): Promise<Readonly<Record<string, unknown>>>;
  /** Opens a loopback HTTP port for any other client of AWS. */
  listen(options?: ListenOptions): Promise<Listening>;
  /** Hears of every exchange on the wire, and of every call that Step Functions makes for a task. */
  observe(listener: (record: WireRecord) => void): void;
  /** What went over the wire that AWS would not accept or not say, each once; empty without `conformance`. */
  readonly violations: readonly Violation[];
}

/** Wires the services of the account. */
export const createCloud = (options: CloudOptions): Cloud => {
  const world = createWorld(options);
  const workloads: World = { ...world, accountId: options.workloadAccountId ?? world.accountId };
  const acm = createAcm(workloads);
  const iot = createIot(workloads);
  const kms = createKms(workloads);
  const s3 = createS3(world);
  const secretsManager = createSecretsManager(workloads, kms);
  const sns = createSns(world);
  const sts = createSts(world);
  const lambda = createLambda(world, options.functionHost);
  const sqs = createSqs(world, () => lambda);
  // Step Functions calls the other services' API, and is itself one of the services.
  const api: CallApi = {
    callFromInside: (...call) => dispatch.callFromInside(...call),
    requestId: () => dispatch.requestId(),
  };
  const sfn = createStepFunctions(world, { interpreter: options.interpreter, lambda, api });
  const targets = () => ({ lambda, sfn });
  const eventbridge = createEventBridge(world, targets);
  const scheduler = createScheduler(world, targets);
  const own = [acm, iot, kms, s3, secretsManager, sns, sqs, sts, lambda, sfn, eventbridge, scheduler];
  const given = options.models?.(world, workloads) ?? [];
  const replaced = new Set(given.map(({ service }) => service));
  const models = [...own.filter(({ service }) => !replaced.has(service)), ...given];
  const inspector = options.conformance === undefined ? undefined : createInspector(options.conformance);
  const dispatch: Dispatch = createDispatch(world, models, inspector);
  return {
    world,
    acm,
    iot,
    kms,
    s3,
    secretsManager,
    sns,
    sqs,
    sts,
    lambda,
    sfn,
    eventbridge,
    scheduler,
    connect: (connectOptions) => connect(world, dispatch, connectOptions),
    call: (call) => callDirectly(world, dispatch, call),
    listen: (listenOptions) => listen(world, dispatch, listenOptions),
    observe: (listener) => dispatch.observe(listener),
    violations: inspector?.violations ?? [],
  };
};
