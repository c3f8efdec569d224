import type { WireReply, WireRequest } from "./message.ts";
import type { Shape } from "./shape.ts";

/** One operation of a service, compiled from the SDK's schema. */
export interface WireOperation {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Absent where the protocol has one address for all operations. */
  readonly http: { readonly method: string; readonly uri: string; readonly status: number } | undefined;
  readonly isMutating: boolean;
}

/** An error as the service's model has it. `code` is what travels; older query services shorten the shape's name. */
export interface ModelledError {
  readonly name: string;
  readonly code: string;
  readonly status: number;
  readonly shape: Shape;
}

/** A service on the wire. */
export interface WireService {
  /** The SDK package's name without `@aws-sdk/client-`. */
  readonly name: string;
  /** The first label of the endpoint's host name, which is also the signing name. */
  readonly hostPrefix: string;
  /** Set where one region answers for the whole partition. */
  readonly controlRegion: string | undefined;
  readonly protocol: Protocol;
  readonly operations: ReadonlyMap<string, WireOperation>;
  /** By shape name and by wire code. */
  readonly errors: ReadonlyMap<string, ModelledError>;
  readonly xmlNamespace: string;
  /** What `X-Amz-Target` starts with in the JSON protocols. */
  readonly target: string;
  readonly jsonVersion: "1.0" | "1.1";
  /** Answers carry the query protocol's code in a header, for clients that migrated from it. */
  readonly isQueryCompatible: boolean;
}

/** What a request asks for. */
export interface Parsed {
  readonly operation: WireOperation;
  readonly input: Record<string, unknown>;
}

/** An error on its way out. */
export interface WireError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** Further members of the error's shape, and the shape where the model knows the error. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly shape: Shape | undefined;
}

/** How a family of services spells requests and replies. */
export interface Protocol {
  readonly name: "aws-query" | "ec2-query" | "rest-xml" | "rest-json" | "aws-json" | "s3";
  /** Undefined when the request names no operation of the service. Throws on a body that cannot be read. */
  read(service: WireService, request: WireRequest): Parsed | undefined;
  writeOutput(
    service: WireService,
    operation: WireOperation,
    output: Readonly<Record<string, unknown>>,
    requestId: string,
  ): WireReply;
  writeError(service: WireService, error: WireError, requestId: string): WireReply;
}
