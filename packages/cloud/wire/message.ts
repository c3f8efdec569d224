/** An HTTP request as it arrives at a service. Header names are lower-case. */
export interface WireRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The service's answer. */
export interface WireReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string;
}

const decoder = new TextDecoder();

/** The request's body as UTF-8 text. */
export const bodyText = (request: WireRequest): string => decoder.decode(request.body);
