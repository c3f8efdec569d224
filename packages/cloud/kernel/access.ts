import type { AssumedSession, AwsError, Call } from "./service.ts";

/** The principal of whoever does not sign: the public. */
export const ANYBODY = "anybody";

/** Something that is about to be done in somebody's name. */
export interface AccessQuestion {
  /** As in `Origin`: `function/claim@eu-west-3`, `scheduler/watch@eu-west-3`; a service: `events.amazonaws.com`; or {@link ANYBODY}. */
  readonly principal: string;
  /** The service that does it, as the SDK's package is called: errors are its own. */
  readonly service: string;
  /** IAM's action, such as `lambda:InvokeFunction`. */
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** The keys that a request is signed with, as far as they can be seen in it. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
}

/**
 * Who may do what. Each hook is absent in an account without IAM, where everything is allowed; it answers with the error
 * that the service would, or with nothing.
 */
export interface AccessHooks {
  /** What a service does for somebody behind the API: deliver an event, run a task, write a log. */
  ask?: (question: AccessQuestion) => AwsError | undefined;
  /** An API call, before its service sees it. */
  call?: (service: string, call: Call) => AwsError | undefined;
  /** The session whose temporary keys signed a call to a service; undefined for other keys, an error for keys that are no good. */
  session?: (service: string, keys: SigningKeys) => AssumedSession | AwsError | undefined;
  /** What a service would answer, where the caller may not know so much. */
  conceal?: (service: string, call: Call, error: AwsError) => AwsError | undefined;
}
