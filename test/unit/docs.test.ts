import { existsSync, readdirSync, readFileSync } from "node:fs";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { describe, expect, it } from "vitest";
import { exampleText, readValid } from "./plan-example.ts";

const root = new URL("../../", import.meta.url);
const docs = readdirSync(new URL("docs/", root)).filter((name) => name.endsWith(".md"));
const text = (path: string): string => readFileSync(new URL(path, root), "utf8");

describe("the documents", () => {
  it.each(docs)("name in %s no file of this repository that is not there", (name) => {
    const named = [
      ...text(`docs/${name}`).matchAll(
        /`((?:packages|functions|infra|test|docs|stepfunctions)\/[\w./-]+\.\w+)`/g,
      ),
    ];
    expect(named.map(([, path = ""]) => path).filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it("link to no page that is not there", () => {
    const broken = ["README.md", ...docs.map((name) => `docs/${name}`)].flatMap((page) =>
      [...text(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, target = ""]) => new URL(target, new URL(page, root)))
        .filter((target) => !existsSync(target))
        .map(({ pathname }) => `${page}: ${pathname}`),
    );
    expect(broken).toEqual([]);
  });
});

/** What a permission to change something of the workload is called on the page about drift. */
const changes: Readonly<Record<string, string>> = {
  "ecs:UpdateService": "`desiredCount`",
  "autoscaling:SetDesiredCapacity": "desired capacity",
  "autoscaling:UpdateAutoScalingGroup": "the least size",
  "rds:FailoverGlobalCluster": "`FailoverGlobalCluster`",
  "rds:CopyDBClusterSnapshot": "manual snapshots",
  "s3:DeleteObject": "come and go",
  "rds-db:connect": "the schema `lifeboat`",
};

/** Lifeboat's own: its books, its words, its runs; and what AWS calls in its name. */
const own =
  /^(s3:PutObject(Retention)?|sns:Publish|events:PutEvents|cloudwatch:PutMetricData|lambda:InvokeFunction|states:(StartExecution|SendTaskSuccess)|sqs:\w+|kms:CreateGrant)$/;

describe("the page about drift", () => {
  it("has every change that a role allows, and no other", () => {
    const actions = buildManifest(readValid(exampleText).plan)
      .places.flatMap(({ functions }) => functions)
      .flatMap(({ permissions }) => permissions.flatMap((permission) => permission.actions));
    const changing = actions.filter((action) => !/:(Get|Describe|List)/.test(action) && !own.test(action));
    expect([...new Set(changing)].toSorted((a, b) => a.localeCompare(b))).toEqual(
      Object.keys(changes).toSorted((a, b) => a.localeCompare(b)),
    );
    for (const words of Object.values(changes)) expect(text("docs/drift.md")).toContain(words);
  });
});

describe("the page about deploying", () => {
  it("counts what a stack reserves of Lambda's concurrent executions", () => {
    const [ireland, paris, witness] = buildManifest(readValid(exampleText).plan).places.map(({ functions }) =>
      functions.reduce((sum, { reservedConcurrency }) => sum + reservedConcurrency, 0),
    );
    expect(paris).toBe(ireland);
    const page = text("docs/deploy.md");
    expect(page).toContain(
      `a site's stack reserves ${ireland}, the witness's ${witness}, and AWS keeps 100 `,
    );
    expect(page).toContain(`a site's region needs ${(ireland ?? 0) + 100}\n`);
  });
});

describe("the threat model", () => {
  const [, table = ""] = text("docs/threat-model.md").split(
    "\n## What a part can do once it is taken over\n",
  );
  const rows = table
    .split("\n")
    .map((line) => line.split(" | "))
    .filter((cells) => cells.length === 3);
  const functions = buildManifest(readValid(exampleText).plan).places.flatMap((place) => place.functions);

  it.each([...new Set(functions.map(({ name }) => name))])("says what %s can do to the claim", (name) => {
    const own = rows.filter(([who = ""]) => who.includes(`\`${name}\``));
    expect(own).toHaveLength(1);
    const writesClaim = functions
      .filter((entry) => entry.name === name)
      .flatMap(({ permissions }) => permissions)
      .some(
        ({ actions, resources }) =>
          actions.includes("s3:PutObject") && resources.some((resource) => resource.endsWith("/claim")),
      );
    expect(/\bclaim\b(?!`)/.test(own[0]?.[1] ?? "")).toBe(writesClaim);
  });
});

describe("the page about operating", () => {
  it("says what each alarm about Lifeboat itself means", () => {
    const alarms = buildManifest(readValid(exampleText).plan)
      .places.flatMap(({ dutyAlarms }) => dutyAlarms)
      .map(({ name }) => name);
    const [, messages = ""] = text("docs/operate.md").split("\n## Messages\n");
    const missing = alarms.filter((name) => !messages.includes(`| \`ALARM: ${name} in …\` `));
    expect(alarms).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});
