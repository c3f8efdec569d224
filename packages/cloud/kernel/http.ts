/** An HTTP request over the simulated network, already resolved to a host name. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly url: string | URL;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** `status` 0 never occurs: a request without an answer rejects with {@link HttpUnreachable}. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
  /** Names in lower case; none where nobody reads them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** No name, no route, no listener, or no answer in time. `reason` is what a client's error would say. */
export class HttpUnreachable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "HttpUnreachable";
  }
}
