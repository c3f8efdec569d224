/**
 * The phases of a failover, in their fixed order, as data: what a console shows, what may be undone, what happens when a
 * phase cannot go on.
 */
export interface Phase {
  readonly name: string;
  /** What a person reads in a timeline. */
  readonly title: string;
  /** From the first phase with `after` on there is only forward: retry, hold for a person, never half-undo. */
  readonly pointOfNoReturn: "before" | "after";
  readonly mutates: boolean;
}

export const failoverPhases = [
  { name: "load-plan", title: "Load the plan", pointOfNoReturn: "before", mutates: false },
  { name: "assess", title: "Assess the outage", pointOfNoReturn: "before", mutates: false },
  { name: "approve", title: "Ask a person", pointOfNoReturn: "before", mutates: false },
  // Waits until the leases have run out; nobody else can act for the workload from here on.
  { name: "claim", title: "Claim the epoch", pointOfNoReturn: "before", mutates: true },
  { name: "fence", title: "Fence the old primary", pointOfNoReturn: "before", mutates: true },
  // The first irreversible act: another timeline of the database begins.
  { name: "promote", title: "Promote the stores", pointOfNoReturn: "after", mutates: true },
  { name: "start-services", title: "Start the services", pointOfNoReturn: "after", mutates: true },
  { name: "verify-standby", title: "Verify the standby", pointOfNoReturn: "after", mutates: true },
  { name: "shift-traffic", title: "Shift the traffic", pointOfNoReturn: "after", mutates: true },
  { name: "restart-workers", title: "Restart the workers", pointOfNoReturn: "after", mutates: true },
  { name: "verify-workload", title: "Verify the workload", pointOfNoReturn: "after", mutates: true },
  // Off the path: users are served already.
  { name: "retire-primary", title: "Retire the old primary", pointOfNoReturn: "after", mutates: true },
  { name: "record-outcome", title: "Record the outcome", pointOfNoReturn: "after", mutates: true },
] as const satisfies readonly Phase[];

export type PhaseName = (typeof failoverPhases)[number]["name"];

export const phaseNames: readonly PhaseName[] = failoverPhases.map((phase) => phase.name);

/** The table's row. Every {@link PhaseName} has one. */
export const phaseNamed = (name: PhaseName): Phase => {
  const phase = failoverPhases.find((candidate) => candidate.name === name);
  if (phase === undefined) throw new RangeError(`no phase "${name}"`);
  return phase;
};

/** A claim that nobody holds is `idle`, and before everything. */
export const isPastReturn = (name: PhaseName | "idle"): boolean =>
  name !== "idle" && phaseNamed(name).pointOfNoReturn === "after";
