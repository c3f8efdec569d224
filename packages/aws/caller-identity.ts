import type { Identified } from "@lifeboat/operations/ports";

/** An HTTPS request of its own, past the SDK: only its text matters. Never throws for what the network does. */
export type FetchText = (
  url: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
) => Promise<{ readonly status: number; readonly body: string } | { readonly unreachable: string }>;

/** What `aws eks get-token` puts before the URL, and the header that it signs. */
const PREFIX = "k8s-aws-v1.";
const HEADER = "x-k8s-aws-id";
const LONGEST = 8192;
/** STS takes a signed request for so long after its date, whatever `X-Amz-Expires` says. */
const VALID_MS = 15 * 60_000;
const SKEW_MS = 5 * 60_000;
const TIMEOUT_MS = 5000;

const parameters: ReadonlySet<string> = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);

type Read =
  | { readonly type: "request"; readonly url: string }
  | { readonly type: "refused"; readonly reason: string };

const decoded = (proof: string): URL | undefined => {
  if (!proof.startsWith(PREFIX) || proof.length > LONGEST) return undefined;
  try {
    return new URL(Buffer.from(proof.slice(PREFIX.length), "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
};

/** `20261121T044941Z`; NaN for anything else. */
const signedAtMs = (text: string): number => {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const [year, month, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year ?? Number.NaN, (month ?? 0) - 1, day, hour, minute, second);
};

/**
 * Reads a proof: a request for `GetCallerIdentity` that somebody has signed and not sent, as `aws eks get-token` prints it.
 * It goes to STS of this region and nowhere else, asks for nothing else, and its signature must cover the header that
 * names what it is for; otherwise anybody could put another purpose beside it.
 */
export const readProof = (proof: string, region: string, nowMs: number): Read => {
  const refused = (reason: string): Read => ({ type: "refused", reason });
  const url = decoded(proof.trim());
  if (url === undefined) return refused("the proof is none that `aws eks get-token` prints");
  const host = `sts.${region}.amazonaws.com`;
  if (
    url.protocol !== "https:" ||
    url.host !== host ||
    url.pathname !== "/" ||
    url.username !== "" ||
    url.hash !== ""
  ) {
    return refused(`the proof is not for https://${host}/: make it with --region ${region}`);
  }
  const given = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    const key = name.toLowerCase();
    if (!parameters.has(key) || given.has(key)) return refused(`the proof has a parameter too many: ${name}`);
    given.set(key, value);
  }
  if (given.get("action") !== "GetCallerIdentity" || given.get("version") !== "2011-06-15") {
    return refused("the proof asks for something else than the caller's identity");
  }
  if (!(given.get("x-amz-signedheaders") ?? "").split(";").includes(HEADER)) {
    return refused("the proof is for no purpose: its signature does not cover what it is for");
  }
  const ageMs = nowMs - signedAtMs(given.get("x-amz-date") ?? "");
  return ageMs <= VALID_MS && ageMs >= -SKEW_MS
    ? { type: "request", url: url.href }
    : refused("the proof was not signed within the last minutes: make a new one");
};

interface Answer {
  readonly GetCallerIdentityResponse?: {
    readonly GetCallerIdentityResult?: {
      readonly Arn?: unknown;
      readonly UserId?: unknown;
      readonly Account?: unknown;
    };
  };
}

const parsed = (text: string): Answer | null => {
  try {
    return JSON.parse(text) as Answer | null;
  } catch {
    return null;
  }
};

/**
 * Learns from STS who signed a proof, and that it was signed for `purpose`: the header is sent as expected here, so that
 * a signature for another purpose does not match. The way in which EKS and Vault learn who calls:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html. What STS says beside its answer is not
 * repeated: it may quote the request.
 */
export const identifyCaller = async (
  fetchText: FetchText,
  region: string,
  nowMs: number,
  proof: string,
  purpose: string,
): Promise<Identified> => {
  const read = readProof(proof, region, nowMs);
  if (read.type === "refused") return read;
  const reply = await fetchText(read.url, { [HEADER]: purpose, accept: "application/json" }, TIMEOUT_MS);
  if ("unreachable" in reply) return { type: "unreachable", reason: reply.unreachable };
  if (reply.status >= 500 || reply.status === 429)
    return { type: "unreachable", reason: `STS answered ${reply.status}` };
  if (reply.status !== 200) {
    return {
      type: "refused",
      reason: `STS does not take the proof (${reply.status}): it is old, or was made for another answer or question`,
    };
  }
  const { Arn, UserId, Account } =
    parsed(reply.body)?.GetCallerIdentityResponse?.GetCallerIdentityResult ?? {};
  return typeof Arn === "string" && typeof UserId === "string" && typeof Account === "string"
    ? { type: "proven", identity: { arn: Arn, userId: UserId, account: Account } }
    : { type: "unreachable", reason: "STS answered without an identity" };
};
