import { AwsError } from "../kernel/service.ts";

/** How each service says no. Others answer with AccessDeniedException and 400, as JSON services do. */
const shapes: Readonly<Record<string, readonly [code: string, status: number]>> = {
  "auto-scaling": ["AccessDenied", 403],
  cloudwatch: ["AccessDenied", 403],
  ec2: ["UnauthorizedOperation", 403],
  iot: ["AccessDeniedException", 403],
  lambda: ["AccessDeniedException", 403],
  rds: ["AccessDenied", 403],
  "route-53": ["AccessDenied", 403],
  s3: ["AccessDenied", 403],
  scheduler: ["AccessDeniedException", 403],
  sts: ["AccessDenied", 403],
  sns: ["AuthorizationErrorException", 403],
};

export interface Refusal {
  readonly service: string;
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  readonly isExplicit: boolean;
  readonly in: "identity" | "resource";
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export const accessDenied = ({
  service,
  who,
  action,
  resource,
  isExplicit,
  in: where,
}: Refusal): AwsError => {
  const [code, status] = shapes[service] ?? ["AccessDeniedException", 400];
  const why = isExplicit
    ? `with an explicit deny in ${where === "identity" ? "an identity" : "a resource"}-based policy`
    : `because no ${where}-based policy allows the ${action} action`;
  return new AwsError(
    code,
    `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
    status,
  );
};
