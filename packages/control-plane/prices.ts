/*
 * AWS's list prices in US dollars, November 2026. What an account gets free of charge each month is not counted (a workload's
 * neighbours may use it up), but for health checks, whose first tier few accounts fill. What differs between regions is given
 * by region; a region that is not listed is counted at the dearest that is.
 */

/** https://aws.amazon.com/lambda/pricing/ : arm64, the first tier; the same in the regions listed here. */
export const LAMBDA = { gigabyteSecond: 0.0000133334, millionRequests: 0.2 };

/** https://aws.amazon.com/eventbridge/pricing/ : Scheduler's invocations; custom events of 64 KB, and of other regions' buses. */
export const EVENTBRIDGE = { millionSchedules: 1, millionEvents: 1 };

/** https://aws.amazon.com/sqs/pricing/ : standard queues; sending, receiving and deleting are a request each. */
export const SQS = { millionRequests: 0.4 };

/** https://aws.amazon.com/cloudwatch/pricing/ : alarms by metric, a month each; a high-resolution one looks oftener than a minute. */
export const CLOUDWATCH = {
  alarm: 0.1,
  fastAlarm: 0.3,
  compositeAlarm: 0.5,
  dashboard: 3,
  thousandPutMetricData: 0.01,
};

/**
 * https://aws.amazon.com/route53/pricing/ : health checks of AWS endpoints, a month each, and what each option of one adds
 * (HTTPS, a look every 10 s). The list has two tiers for the checks (usage type `Health-Check-AWS`, "First 50 Health Checks
 * of AWS endpoints are free of charge"), counted over all of an account, and none for options. Objects of S3 in the account
 * that has the checks are AWS endpoints. The list has no third kind for calculated checks: they are counted with the others.
 */
export const ROUTE53 = { healthCheck: 0.5, freeHealthChecks: 50, option: 1 };

/** https://aws.amazon.com/step-functions/pricing/ : standard workflows. */
export const STEP_FUNCTIONS = { thousandTransitions: 0.025 };

/** https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer : out of one of Europe's regions into another. */
export const TRANSFER = { gigabyteBetweenRegions: 0.02 };

export interface RegionPrices {
  /** https://aws.amazon.com/s3/pricing/ : S3 Standard, PUT and GET. */
  readonly thousandPuts: number;
  readonly thousandGets: number;
  /** https://aws.amazon.com/cloudwatch/pricing/ : logs, standard class, taken in. */
  readonly logGigabyte: number;
}

const regions: Readonly<Record<string, RegionPrices>> = {
  "eu-central-1": { thousandPuts: 0.0054, thousandGets: 0.00043, logGigabyte: 0.63 },
  "eu-west-1": { thousandPuts: 0.005, thousandGets: 0.0004, logGigabyte: 0.57 },
  "eu-west-2": { thousandPuts: 0.0053, thousandGets: 0.00042, logGigabyte: 0.5985 },
  "eu-west-3": { thousandPuts: 0.0053, thousandGets: 0.00042, logGigabyte: 0.5985 },
  "us-east-1": { thousandPuts: 0.005, thousandGets: 0.0004, logGigabyte: 0.5 },
  "us-west-2": { thousandPuts: 0.005, thousandGets: 0.0004, logGigabyte: 0.5 },
};

const dearest: RegionPrices = {
  thousandPuts: Math.max(...Object.values(regions).map(({ thousandPuts }) => thousandPuts)),
  thousandGets: Math.max(...Object.values(regions).map(({ thousandGets }) => thousandGets)),
  logGigabyte: Math.max(...Object.values(regions).map(({ logGigabyte }) => logGigabyte)),
};

export const pricesIn = (region: string): RegionPrices => regions[region] ?? dearest;
