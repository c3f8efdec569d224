import type {
  CertificateStatus,
  DescribeCertificateRequest,
  ListCertificatesRequest,
} from "@aws-sdk/client-acm";
import { AwsError, type Call, type ServiceModel } from "../../kernel/service.ts";
import type { World } from "../../kernel/world.ts";

export interface CertificateOptions {
  readonly region: string;
  readonly domainName: string;
  readonly alternativeNames?: readonly string[];
  /** Defaults to `ISSUED`. */
  readonly status?: CertificateStatus;
  readonly arn?: string;
  readonly validDays?: number;
}

export interface SimulatedCertificate {
  readonly arn: string;
  readonly region: string;
  readonly domainName: string;
  readonly alternativeNames: readonly string[];
  readonly issuedAtMs: number;
  readonly notAfterMs: number;
  status: CertificateStatus;
}

export interface AcmModel extends ServiceModel {
  createCertificate(options: CertificateOptions): SimulatedCertificate;
  setStatus(arn: string, status: CertificateStatus): void;
}

const DAY_MS = 86_400_000;
/** https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html */
const VALID_DAYS = 198;

/** ACM of the simulated account: certificates of regions. */
export const createAcm = (world: World): AcmModel => {
  const { clock } = world;
  const random = world.random.stream("acm");
  const certificates = new Map<string, SimulatedCertificate>();

  const statusOf = ({ status, notAfterMs }: SimulatedCertificate): CertificateStatus =>
    status === "ISSUED" && notAfterMs <= clock.nowMs() ? "EXPIRED" : status;

  const describe = (certificate: SimulatedCertificate): object => {
    const { arn, domainName, alternativeNames, issuedAtMs, notAfterMs } = certificate;
    const status = statusOf(certificate);
    const wasIssued = status !== "PENDING_VALIDATION" && status !== "FAILED";
    return {
      CertificateArn: arn,
      DomainName: domainName,
      SubjectAlternativeNames: [domainName, ...alternativeNames],
      Status: status,
      Type: "AMAZON_ISSUED",
      KeyAlgorithm: "RSA_2048",
      CreatedAt: new Date(issuedAtMs),
      ...(wasIssued
        ? { IssuedAt: new Date(issuedAtMs), NotBefore: new Date(issuedAtMs), NotAfter: new Date(notAfterMs) }
        : {}),
      InUseBy: [],
      RenewalEligibility: "ELIGIBLE",
    };
  };

  return {
    service: "acm",
    operations: {
      DescribeCertificate: ({ CertificateArn: arn = "" }: DescribeCertificateRequest, { region }: Call) => {
        const certificate = certificates.get(arn);
        if (certificate === undefined || certificate.region !== region) {
          throw new AwsError("ResourceNotFoundException", `Could not find certificate ${arn}.`);
        }
        return { Certificate: describe(certificate) };
      },
      ListCertificates: ({ CertificateStatuses: wanted }: ListCertificatesRequest, { region }: Call) => ({
        CertificateSummaryList: [...certificates.values()]
          .filter((certificate) => certificate.region === region)
          .filter((certificate) => wanted === undefined || wanted.includes(statusOf(certificate)))
          .map((certificate) => ({
            CertificateArn: certificate.arn,
            DomainName: certificate.domainName,
            Status: statusOf(certificate),
          })),
      }),
    },
    createCertificate({
      region,
      domainName,
      alternativeNames = [],
      status = "ISSUED",
      arn,
      validDays = VALID_DAYS,
    }) {
      const issuedAtMs = clock.nowMs();
      const certificate: SimulatedCertificate = {
        arn: arn ?? `arn:aws:acm:${region}:${world.accountId}:certificate/${random.uuid()}`,
        region,
        domainName,
        alternativeNames,
        issuedAtMs,
        notAfterMs: issuedAtMs + validDays * DAY_MS,
        status,
      };
      certificates.set(certificate.arn, certificate);
      return certificate;
    },
    setStatus(arn, status) {
      const certificate = certificates.get(arn);
      if (certificate === undefined) throw new Error(`no certificate ${arn}`);
      certificate.status = status;
    },
  };
};
