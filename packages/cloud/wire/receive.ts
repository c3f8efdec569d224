import type { Origin } from "../kernel/service.ts";
import type { Destination } from "./destination.ts";
import type { Answer, Dispatch } from "./dispatch.ts";
import type { WireReply, WireRequest } from "./message.ts";
import type { Parsed, WireError } from "./protocol.ts";

/** A request as its service reads it; `parsed` is undefined when it cannot. */
export interface Reading {
  readonly destination: Destination;
  readonly method: string;
  readonly parsed: Parsed | undefined;
  readonly fault: WireError;
}

/** The answer to a request. */
export interface Received {
  readonly answer: Answer;
  readonly reply: WireReply;
  /** The answer's body is read as a stream by the SDK. */
  readonly isStreamed: boolean;
}

const plainError = (name: string, message: string, status: number): WireError => ({
  name,
  code: name,
  message,
  status,
  details: {},
  shape: undefined,
});

/** Reads a request by its service's protocol. Changes nothing, so that lost requests can be read for the record, too. */
export const readRequest = (destination: Destination, request: WireRequest): Reading => {
  const { service } = destination;
  const { method, path } = request;
  try {
    const parsed = service.protocol.read(service, request);
    const message = `${service.name} has no operation at ${method} ${path}`;
    return { destination, method, parsed, fault: plainError("UnknownOperationException", message, 400) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const fault = plainError("SerializationException", `The request could not be read: ${reason}`, 400);
    return { destination, method, parsed: undefined, fault };
  }
};

const streams = ({ operation }: Parsed): boolean =>
  operation.output.kind === "structure" &&
  operation.output.members.some(({ shape }) => shape.spelling.isStreaming);

/** Spells an answer for the wire, as the service's protocol has it. */
export const spell = (
  { destination, method, parsed }: Reading,
  answer: Answer,
  requestId: string,
): Received => {
  const { service } = destination;
  const { protocol } = service;
  if (answer.type === "error") {
    const reply = protocol.writeError(service, answer.error, requestId);
    // A HEAD has no body, not even for its error.
    return { answer, reply: method === "HEAD" ? { ...reply, body: "" } : reply, isStreamed: false };
  }
  if (parsed === undefined) throw new Error("an output without an operation");
  const reply = protocol.writeOutput(service, parsed.operation, answer.output, requestId);
  return { answer, reply, isStreamed: streams(parsed) };
};

/** What a service does with a request that reached it: run it and spell the answer. Does not throw. */
export const receive = async (dispatch: Dispatch, reading: Reading, origin: Origin): Promise<Received> => {
  const { destination, parsed, fault } = reading;
  const { service, region } = destination;
  const requestId = dispatch.requestId();
  const answer: Answer =
    parsed === undefined
      ? dispatch.refuse(service, fault, origin)
      : await dispatch.serve(service, parsed.operation, parsed.input, { region, origin });
  return spell(reading, answer, requestId);
};
