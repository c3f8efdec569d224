/** What became of one write, as the client saw it. */
export type WriteOutcome =
  | { readonly type: "acknowledged"; readonly atMs: number; readonly region: string; readonly status: number }
  /** `status` is there where something answered. A failed write may have taken effect. */
  | { readonly type: "failed"; readonly atMs: number; readonly reason: string; readonly status?: number }
  | { readonly type: "pending" };

/** One write of the workload's client: the evidence that recovery time, loss and single writer are judged from. */
export interface WriteRow {
  readonly sequence: number;
  readonly sentAtMs: number;
  outcome: WriteOutcome;
}

/** What the application answers to a write that it has committed. */
export interface WriteReply {
  readonly sequence: number;
  readonly region: string;
}

/** A write's body is its number, a receipt's is the number and the region that committed it. */
export const spellReply = ({ sequence, region }: WriteReply): string => `${sequence} ${region}`;

/** Undefined for what is no receipt. */
export const readReply = (body: string): WriteReply | undefined => {
  const [, sequence, region] = /^(\d+) (\S+)$/.exec(body) ?? [];
  return sequence === undefined || region === undefined ? undefined : { sequence: Number(sequence), region };
};

/** A write that the client holds a receipt for. */
export interface AcknowledgedWrite {
  readonly sequence: number;
  readonly sentAtMs: number;
  readonly acknowledgedAtMs: number;
  readonly region: string;
}

/** The acknowledged writes, in the order of their sequence numbers. */
export const acknowledged = (rows: readonly WriteRow[]): AcknowledgedWrite[] => {
  const receipts: AcknowledgedWrite[] = [];
  for (const { sequence, sentAtMs, outcome } of rows) {
    if (outcome.type !== "acknowledged") continue;
    receipts.push({ sequence, sentAtMs, acknowledgedAtMs: outcome.atMs, region: outcome.region });
  }
  return receipts;
};
