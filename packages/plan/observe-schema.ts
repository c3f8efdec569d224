import * as z from "zod";
import { flag } from "./aws-names.ts";

export const observe = z
  .strictObject({
    dashboard: flag()
      .prefault(false)
      .describe(
        "Whether the witness's stack has a CloudWatch dashboard of the workload, and an alarm that sums up what the witness sees. 3.50 dollars a month.",
      ),
    fastHealthChecks: flag()
      .prefault(true)
      .describe(
        "Whether the health check that moves a failover's traffic looks every 10 seconds over HTTPS, instead of every 30 over plain HTTP. 2 dollars a month for each switch.",
      ),
  })
  .prefault({})
  .describe("What people see of the workload, and how fast traffic notices.");
