import * as z from "zod";
import {
  bucketName,
  count,
  domainConfigurationName,
  duration,
  hostedZoneId,
  hostName,
  localName,
  noteText,
  objectKey,
  probeUrl,
} from "./aws-names.ts";
import { perSite } from "./site-schema.ts";

const switchRecord = z
  .strictObject({
    type: z.literal("switch").describe("A record of Route 53 that follows a switch object in S3."),
    name: localName().describe("What this plan calls the name."),
    host: hostName().describe("The name that users and clients know."),
    endpoints: perSite(hostName()).describe("What the host resolves to at each site: its load balancer."),
    switches: perSite(
      z
        .strictObject({
          bucket: bucketName().describe("A bucket in the site's own region."),
          key: objectKey().describe("The object whose presence moves traffic to the site."),
        })
        .describe("An object that Route 53's health checks ask for over HTTPS."),
    ).describe(
      "The switch of each site. Writing an object is a call of the data plane in the healthy region: no record changes, nothing asks the region that failed.",
    ),
    ttl: duration()
      .prefault("60s")
      .describe(
        "How long resolvers keep an answer, in whole seconds up to 5m. It is part of every user's outage.",
      ),
    records: z
      .strictObject({
        hostedZoneId: hostedZoneId().describe("The public hosted zone of Route 53 that the host lies in."),
      })
      .optional()
      .describe(
        "Lets the witness's stack create the failover records of the host, and of the domains that follow it. The host is then a CNAME, and cannot be the top of its zone. Leave it out where the records are managed elsewhere. A recovery changes none of them either way.",
      ),
  })
  .describe("A DNS name whose health-checked records follow a switch.")
  .transform(({ ttl, ...rest }) => ({ ...rest, ttlMs: ttl }));

const iotCustomDomain = z
  .strictObject({
    type: z.literal("iot-custom-domain").describe("A custom domain of AWS IoT Core."),
    name: localName().describe("What this plan calls the domain."),
    host: hostName().describe("The name that devices and workers connect to."),
    configurations: perSite(domainConfigurationName()).describe("The domain configuration of each site."),
    endpoints: perSite(hostName())
      .optional()
      .describe(
        "The data endpoint of AWS IoT Core in each site's region, what the host resolves to. Needed only where the switch has `records`.",
      ),
    follows: localName().describe(
      "The name, in `traffic`, of the switch whose health checks move this domain's records, too.",
    ),
  })
  .describe("A custom domain of AWS IoT Core, which moves with a switch.");

export const traffic = z
  .array(z.discriminatedUnion("type", [switchRecord, iotCustomDomain]))
  .min(1, { error: "at least one switch" })
  .describe("The names that users, devices and workers reach the workload by.");

const http = z
  .strictObject({
    type: z.literal("http").describe("An HTTP request and the status it must get."),
    name: localName().describe("What this plan calls the check."),
    urls: perSite(probeUrl()).describe(
      "What is asked at each site: its own endpoint, so that the site that stands by can be checked before traffic moves.",
    ),
    expectStatus: count(100, 599).prefault(200).describe("The status that means that it works."),
  })
  .describe("An HTTP request and the status it must get.");

const sqlCanary = z
  .strictObject({
    type: z.literal("sql-canary").describe("A row that is written all the time, and read at the other site."),
    name: localName().describe("What this plan calls the check."),
    store: localName().describe("The name, in `stores`, of the database that takes the row."),
  })
  .describe("A canary row: who takes the write is the writer, and its age at the other site is the loss.");

export const checks = z
  .array(z.discriminatedUnion("type", [http, sqlCanary]))
  .min(1, { error: "at least one check" })
  .describe("What must work before a recovery counts as one.");

export const notes = z
  .array(
    z
      .strictObject({
        phase: localName().describe(
          "The phase of the failover that the note belongs to, such as shift-traffic.",
        ),
        text: noteText().describe("What to know or do, in the words of whoever has to read it at night."),
      })
      .describe("A note for people."),
  )
  .prefault([])
  .describe("What people have to know or do, shown when the phase is reached.");
