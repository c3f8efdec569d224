/** One thing that was looked at on the standby before anything irreversible. */
export interface Finding {
  /** The resource, as the plan names it: `stores/database`. */
  readonly resource: string;
  /** `unknown`: it could not be asked. It blocks like a failure: after the promotion it would be too late to learn. */
  readonly state: "ready" | "unfit" | "unknown";
  readonly detail: string;
}

/** Parts of the standby, each looked at by a function of its own: together their clients would be too much for one. */
export const readinessParts = ["stores", "compute", "traffic"] as const;
export type ReadinessPart = (typeof readinessParts)[number];

export interface ReadinessVerdict {
  readonly ready: boolean;
  readonly reason: string;
}

/** The standby is ready when every finding is. An empty list proves nothing and is not ready. */
export const judgeReadiness = (findings: readonly Finding[]): ReadinessVerdict => {
  const bad = findings.filter((finding) => finding.state !== "ready");
  if (findings.length === 0) return { ready: false, reason: "nothing on the standby was checked" };
  if (bad.length === 0) return { ready: true, reason: `all ${findings.length} checks of the standby passed` };
  const list = bad.map((finding) => `${finding.resource}: ${finding.detail}`).join("; ");
  return { ready: false, reason: `the standby is not ready (${bad.length} of ${findings.length}): ${list}` };
};
