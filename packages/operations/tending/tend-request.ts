import type {
  ClaimedRequest,
  FenceAnswer,
  FenceRequest,
  ProtectAnswer,
  ProtectRequest,
  ResumeAnswer,
  ResumeRequest,
  RetireAnswer,
  SilenceRequest,
  Tending,
} from "../ports.ts";

/** An act on the services of a site. Each may come twice, late, or be left half done. */
export type ServicesRequest =
  | ({ readonly act: "fence" } & FenceRequest)
  | ({ readonly act: "resume" } & ResumeRequest)
  | ({ readonly act: "retire" } & ClaimedRequest);

export type ServicesAnswer = FenceAnswer | ResumeAnswer | RetireAnswer;

/** An act of a site that stands by, or is to stand by again. Each may come twice, late, or be left half done. */
export type StandbyRequest =
  | ({ readonly act: "protect" } & ProtectRequest)
  | ({ readonly act: "tell-silence" } & SilenceRequest);

export type StandbyAnswer = ProtectAnswer | { readonly type: "told" };

/** What carries a request to `tendServices` and `tendStandby`, and the answer to that request back. */
export interface TendingCarrier {
  readonly services: (region: string, request: ServicesRequest) => Promise<ServicesAnswer>;
  readonly standby: (region: string, request: StandbyRequest) => Promise<StandbyAnswer>;
}

/** The watch's port over whatever carries its requests. */
export const tendingBy = ({ services, standby }: TendingCarrier): Tending => ({
  fence: async (region, request) => (await services(region, { act: "fence", ...request })) as FenceAnswer,
  resume: async (region, request) => (await services(region, { act: "resume", ...request })) as ResumeAnswer,
  retire: async (region, request) => (await services(region, { act: "retire", ...request })) as RetireAnswer,
  protect: async (region, request) =>
    (await standby(region, { act: "protect", ...request })) as ProtectAnswer,
  tellSilence: async (region, request) => {
    await standby(region, { act: "tell-silence", ...request });
  },
});
