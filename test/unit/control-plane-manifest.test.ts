import { bindClusters, clustersIn } from "@lifeboat/control-plane/bind-clusters";
import { bindFunctionUrls, functionUrl, functionUrlsIn } from "@lifeboat/control-plane/bind-function-urls";
import { buildManifest } from "@lifeboat/control-plane/build-manifest";
import { limitProblems } from "@lifeboat/control-plane/check-limits";
import { deployedName, roleName } from "@lifeboat/control-plane/names";
import { ANSWER_IN_FLIGHT_MS } from "@lifeboat/recovery/approvals";
import { shortRegion } from "@lifeboat/recovery/region-name";
import { policyDocument, policyText } from "@lifeboat/control-plane/policy-document";
import { functionPermissions } from "@lifeboat/control-plane/role-permissions";
import { placeOfStage } from "@lifeboat/control-plane/stage";
import { closedObject, switchChecks } from "@lifeboat/control-plane/switch-checks";
import { closedKey } from "@lifeboat/operations/switch-objects";
import { describe, expect, it } from "vitest";
import { accessText } from "../integration/access-plan.ts";
import { resourcesOf, withResources } from "./plan-of-many.ts";
import { exampleText, readValid, withEdit, withValue } from "./plan-example.ts";

const { plan } = readValid(exampleText);
const manifest = buildManifest(plan);

describe("the manifest", () => {
  it("has the same stack for both sites, but for names of places", () => {
    const [ireland, paris] = manifest.places;
    const shape = (place = ireland) =>
      place && {
        functions: place.functions.map(({ name, permissions }) => [name, permissions.length]),
        machines: place.machines,
        rules: place.rules.map(({ name }) => name),
        alarms: [...place.alarms, ...place.dutyAlarms].map(({ name }) => name),
      };
    const [functions] = [shape(ireland)?.functions ?? []];
    expect(functions.length).toBeGreaterThan(10);
    expect({ ...shape(paris), functions: undefined }).toEqual({ ...shape(ireland), functions: undefined });
    // The site built as primary can be closed, the other cannot.
    expect(shape(paris)?.functions.map(([name]) => name)).toEqual(functions.map(([name]) => name));
  });

  const functionsAt = (place: (typeof manifest.places)[number]) =>
    new Map(place.functions.map((entry) => [entry.name, entry] as const));
  const sites = manifest.places.filter(({ kind }) => kind === "site");

  it("lets the function that runs all day stop, start, copy and tell nothing", () => {
    for (const place of sites) {
      const may = functionsAt(place)
        .get("watch")
        ?.permissions.flatMap(({ actions }) => actions);
      expect(may?.filter((action) => /^(ecs|autoscaling|rds|kms|sns|events):/.test(action))).toEqual([]);
    }
  });

  it("lets nobody but the watch ask for acts on a site's own services, and those only one at a time", () => {
    for (const place of sites) {
      for (const name of ["tend-services", "tend-standby"]) {
        const asking = place.functions.filter(({ permissions }) =>
          permissions.some(({ resources }) =>
            resources.some((arn) => arn.endsWith(`:${deployedName(plan.workload, name)}`)),
          ),
        );
        expect(asking.map((entry) => entry.name)).toEqual(["watch"]);
        expect(functionsAt(place).get(name)?.reservedConcurrency).toBe(1);
      }
    }
  });

  it("ends an act on services before the next fence can be due", () => {
    const timeoutOf = (of: typeof manifest) =>
      of.places[0]?.functions.find(({ name }) => name === "tend-services")?.timeoutSeconds;
    expect(timeoutOf(manifest)).toBe(60);
    const short = withEdit((document) => {
      document.setIn(["ledger", "lease"], document.createNode({ duration: "56s", renewEvery: "12s" }));
    });
    expect(timeoutOf(buildManifest(readValid(short).plan))).toBe(36);
  });

  it("ends whoever takes an answer before a question without one is given up", () => {
    const takers = manifest.places
      .flatMap(({ functions }) => functions)
      .filter(({ name }) => name === "decide" || name === "approval-page");
    expect(takers).toHaveLength(4);
    for (const { timeoutSeconds } of takers) expect(timeoutSeconds * 1000).toBeLessThan(ANSWER_IN_FLIGHT_MS);
  });

  it("gives every function something that it may do", () => {
    const idle = manifest.places.flatMap((place) =>
      place.functions.filter(({ permissions }) => permissions.length === 0).map(({ name }) => name),
    );
    expect(idle).toEqual([]);
  });

  it("says why wherever it grants something on everything", () => {
    const unexplained = manifest.places.flatMap((place) =>
      place.functions
        .flatMap((entry) => functionPermissions({ manifest, place }, entry))
        .filter(({ resources, unbounded }) => resources.includes("*") && unbounded === undefined),
    );
    expect(unexplained).toEqual([]);
  });

  it("gives one function an address for everybody, before those that tell it to people", () => {
    for (const place of manifest.places) {
      const open = place.functions.filter(({ url }) => url !== undefined).map(({ name }) => name);
      expect(open).toEqual(place.kind === "site" ? ["approval-page"] : []);
      for (const [index, { environment }] of place.functions.entries()) {
        const named = Object.values(environment).flatMap(functionUrlsIn);
        const before = place.functions.slice(0, index).map(({ name }) => name);
        expect(named.filter((name) => !open.includes(name) || !before.includes(name))).toEqual([]);
      }
    }
    const [site] = manifest.places.filter(({ kind }) => kind === "site");
    const ask = site?.functions.find(({ name }) => name === "ask");
    expect(Object.values(ask?.environment ?? {}).flatMap(functionUrlsIn)).toEqual(["approval-page"]);
    expect(() => bindFunctionUrls(functionUrl("approval-page"), {})).toThrow(/no address/);
  });

  it("forwards an alarm of the active site to the other one once, and never back", () => {
    for (const place of manifest.places.filter(({ kind }) => kind === "site")) {
      const out = place.rules.filter(({ name }) => name === "alarms-out");
      expect(out).toHaveLength(1);
      expect(out[0]?.pattern).toMatchObject({
        region: [place.region],
        detail: { alarmName: ["spacelift-server-5xx"] },
      });
    }
  });

  it("tells both sites what the witness sees", () => {
    const witness = manifest.places.find(({ kind }) => kind === "witness");
    const told = witness?.rules.filter(({ name }) => /^alarms-(primary|standby)$/.test(name)) ?? [];
    expect(told.map(({ target }) => target)).toEqual([{ busOf: "ireland" }, { busOf: "paris" }]);
  });

  it("has every place's own trouble told by another place as well, and sends it no further", () => {
    const byPlace = manifest.places.map(({ place, region, rules }) => {
      const out = rules.filter(({ name }) => name === "duty-out");
      expect(out.map(({ pattern }) => pattern["region"])).toEqual([[region]]);
      return [place, out.map(({ target }) => ("busOf" in target ? target.busOf : "nowhere"))];
    });
    expect(byPlace).toEqual([
      ["ireland", ["witness"]],
      ["paris", ["witness"]],
      ["witness", ["paris"]],
    ]);
    const names = manifest.places.flatMap(({ dutyAlarms }) => dutyAlarms.map(({ name }) => name));
    for (const { rules } of manifest.places) {
      const heard = rules.find(({ name }) => name === "duty")?.pattern["detail"];
      expect(heard).toMatchObject({ alarmName: expect.arrayContaining(names) as unknown });
    }
  });

  it("tells people of every machine's executions that end without an outcome", () => {
    for (const { rules, machines } of manifest.places.filter(({ kind }) => kind === "site")) {
      expect(machines.length).toBeGreaterThan(0);
      const heard = rules.find(({ name }) => name === "executions");
      expect(heard?.target).toEqual({ function: "notify" });
      expect(heard?.pattern["detail"]).toMatchObject({
        status: ["FAILED", "TIMED_OUT", "ABORTED"],
        stateMachineArn: machines.map(({ name }) => expect.stringMatching(`:lifeboat-spacelift-${name}$`)),
      });
    }
  });
});

describe("the health checks of a switch", () => {
  it("watch the objects that the operations set", () => {
    const [traffic] = plan.traffic;
    if (traffic?.type !== "switch") throw new Error("the example begins with its switch");
    const paths = switchChecks(plan).flatMap((check) => (check.type === "object" ? [check.path] : []));
    const key = traffic.switches["ireland"]?.key ?? "";
    expect(paths).toEqual([`/${key}`, `/${key}`, `/${closedKey(key)}`]);
    expect(closedObject(key)).toBe(closedKey(key));
  });

  it("name children before the checks that are calculated from them", () => {
    const seen = new Set<string>();
    for (const check of switchChecks(plan)) {
      if (check.type === "calculated") expect(check.children.filter((child) => !seen.has(child))).toEqual([]);
      seen.add(check.name);
    }
    expect(seen.size).toBe(5);
  });

  it.each([
    [true, ["HTTPS", 10]],
    [false, ["HTTP", 30]],
  ])("pay for speed and TLS (%s) only where a failover waits for it", (fastHealthChecks, look) => {
    const { plan: chosen } = readValid(withValue(["observe", "fastHealthChecks"], fastHealthChecks));
    const looks = switchChecks(chosen).flatMap((check) =>
      check.type === "object" ? [[check.name, check.scheme, check.intervalSeconds]] : [],
    );
    expect(looks).toEqual([
      ["spacelift-server-standby-on", ...look],
      ["spacelift-server-primary-on", "HTTP", 30],
      ["spacelift-server-primary-closed", "HTTP", 30],
    ]);
  });

  describe("may be read without TLS where they look without it, and nothing may be changed so:", () => {
    const conditions = { Bool: { "aws:SecureTransport": "false" } };
    const denials = ({ places }: typeof manifest): readonly unknown[] =>
      places
        .flatMap(({ buckets }) => buckets.filter(({ kind }) => kind === "switch"))
        .map(({ statements }) => statements.filter(({ effect }) => effect === "Deny"));
    const all = expect.objectContaining({ actions: ["s3:*"], keys: ["*"], bucket: true, conditions });
    const allBut = (keys: readonly string[]): readonly unknown[] => [
      expect.objectContaining({ actions: ["s3:*"], keys: [], exceptKeys: keys, conditions }),
      expect.objectContaining({ exceptActions: ["s3:GetObject"], keys, conditions }),
    ];
    const plain = ["spacelift/active", "spacelift/active.closed"];

    it("two objects at the primary", () => {
      expect(denials(manifest)).toEqual([allBut(plain), [all]]);
      expect(JSON.stringify(denials(manifest)[1])).not.toContain("except");
    });

    it("and the standby's switch where the plan does not pay for TLS", () => {
      const { plan: chosen } = readValid(withValue(["observe", "fastHealthChecks"], false));
      expect(denials(buildManifest(chosen))).toEqual([allBut(plain), allBut(plain.slice(0, 1))]);
    });
  });
});

describe("the records of a switch", () => {
  it("are nobody's business here when the plan gives no zone", () => {
    expect(manifest.places.flatMap(({ records }) => records)).toEqual([]);
  });

  it("are a failover pair for the host and one for each domain that follows, at the witness", () => {
    const { plan: chosen } = readValid(
      withEdit((document) => {
        document.setIn(["traffic", 0, "records"], document.createNode({ hostedZoneId: "Z123" }));
        const endpoints = { ireland: "a-ats.iot.eu-west-1.amazonaws.com", paris: "b.example.com" };
        document.setIn(["traffic", 1, "endpoints"], document.createNode(endpoints));
      }),
    );
    const places = buildManifest(chosen).places.filter(({ records }) => records.length > 0);
    expect(places.map(({ kind }) => kind)).toEqual(["witness"]);
    const check = "spacelift-server-primary-serves";
    const host = { hostedZoneId: "Z123", type: "CNAME", ttlSeconds: 60 };
    const at = (setIdentifier: string) =>
      setIdentifier === "ireland"
        ? { setIdentifier, failover: "PRIMARY", healthCheck: check }
        : { setIdentifier, failover: "SECONDARY" };
    const broker = { ...host, host: "mqtt.spacelift.example.com" };
    expect(places[0]?.records).toEqual([
      { ...host, host: "spacelift.example.com", value: "server-ireland.elb.example.com", ...at("ireland") },
      { ...host, host: "spacelift.example.com", value: "server-paris.elb.example.com", ...at("paris") },
      { ...broker, value: "a-ats.iot.eu-west-1.amazonaws.com", ...at("ireland") },
      { ...broker, value: "b.example.com", ...at("paris") },
    ]);
    expect(places[0]?.healthChecks.map(({ name }) => name)).toContain(check);
  });
});

describe("a stage", () => {
  it("names a place by its end", () => {
    expect(placeOfStage(manifest, "production-paris")).toMatchObject({
      environment: "production",
      place: { place: "paris" },
    });
    expect(placeOfStage(manifest, "my-test-witness").environment).toBe("my-test");
  });

  it("prefers the longer name where two places fit", () => {
    const [ireland, paris] = manifest.places;
    if (ireland === undefined || paris === undefined) throw new Error("two sites");
    const places = [
      { ...ireland, place: "b" },
      { ...paris, place: "a-b" },
    ];
    expect(placeOfStage({ places }, "x-a-b")).toMatchObject({ environment: "x", place: { place: "a-b" } });
  });

  it.each(["production", "paris", "-paris", "production-london"])(
    "%s is refused with those that there are",
    (stage) => {
      expect(() => placeOfStage(manifest, stage)).toThrow("production-ireland, production-paris");
    },
  );
});

describe("a role's policy", () => {
  it("joins what is over the same resources under the same conditions, and leaves out what is over none", () => {
    expect(
      policyDocument([
        { actions: ["s3:GetObject"], resources: ["a", "a"] },
        { actions: ["s3:PutObject"], resources: ["a"] },
        { actions: ["s3:PutObject"], resources: ["a"], conditions: { Bool: { x: "true" } } },
        { effect: "Deny", actions: ["s3:DeleteObject"], resources: ["a"] },
        { actions: ["s3:ListBucket"], resources: [] },
      ]).Statement,
    ).toEqual([
      { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: ["a"] },
      { Effect: "Allow", Action: ["s3:PutObject"], Resource: ["a"], Condition: { Bool: { x: "true" } } },
      { Effect: "Deny", Action: ["s3:DeleteObject"], Resource: ["a"] },
    ]);
  });

  const policies = (of: typeof manifest) =>
    of.places.flatMap((place) =>
      place.functions.map((entry) =>
        policyText(
          roleName(of.workload, entry.name, place.region),
          functionPermissions({ manifest: of, place }, entry),
        ),
      ),
    );

  it.each([
    ["in Lifeboat's account", withResources(exampleText, 50)],
    ["in another account", withResources(accessText, 50)],
  ])("fits into IAM's limits for a plan of fifty resources %s", (_, text) => {
    const { plan: fifty } = readValid(text);
    expect(resourcesOf(fifty)).toBe(50);
    const sizes = policies(buildManifest(fifty)).map((policy) => policy.length);
    expect(Math.max(...sizes)).toBeLessThan(10_240);
    // Not for want of resources in it.
    expect(Math.max(...sizes)).toBeGreaterThan(3000);
    expect(limitProblems(fifty)).toEqual([]);
  });

  it("is refused, with advice, for a plan of two hundred", () => {
    const { plan: many } = readValid(withResources(exampleText, 200));
    expect(resourcesOf(many)).toBe(200);
    const refusal =
      /^the policy of lifeboat-spacelift-[a-z-]+-euw\d has \d{5} characters, and IAM allows 10240: .*split it into plans of several workloads$/;
    expect(() => policies(buildManifest(many))).toThrow(refusal);
    expect(limitProblems(many)).toEqual([expect.stringMatching(refusal)]);
  });

  it("is refused, with the same advice, for two hundred in another account", () => {
    const { plan: many } = readValid(withResources(accessText, 200));
    expect(limitProblems(many).join("\n")).toMatch(/IAM allows 6144 in a policy: split the plan into plans/);
  });
});

describe("a role's name", () => {
  it.each([
    ["eu-west-3", "euw3"],
    ["ap-southeast-1", "apse1"],
    ["us-gov-west-1", "usgw1"],
    ["us-isob-east-1", "usisobe1"],
    ["ca-central-1", "cac1"],
  ])("says the region %s as %s", (region, short) => {
    expect(shortRegion(region)).toBe(short);
  });

  it("has at most 64 characters for the longest workload, function and region", () => {
    expect(roleName("w".repeat(31), "record-outcome", "us-isob-east-1").length).toBeLessThanOrEqual(64);
  });
});

describe("the longest names that a plan may give", () => {
  const longest = exampleText
    .replaceAll("ireland", "ireland-of-twenty-ch")
    .replaceAll("paris", "paris-of-twenty-char")
    .replace("workload: spacelift", `workload: w${"x".repeat(30)}`)
    .replace("region: eu-west-3", "region: ap-southeast-3")
    .replace("region: eu-central-1", "region: ap-northeast-1")
    .replace(/certificates:[^]*?\n\n/, "");
  const { plan: long } = readValid(longest);
  const { workload, places } = buildManifest(long);

  it("stay within 64 characters for functions, schedules, rules and roles", () => {
    const names = places.flatMap((place) => {
      const own = [...place.functions, ...place.schedules, ...place.rules];
      const roles = [
        ...place.functions,
        ...place.machines,
        ...place.schedules.map(({ name }) => ({ name: `${name}-timer` })),
        ...place.rules.filter(({ target }) => "busOf" in target),
      ];
      return [
        ...own.map(({ name }) => deployedName(workload, name)),
        ...roles.map(({ name }) => roleName(workload, name, place.region)),
      ];
    });
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => name.length > 64)).toEqual([]);
  });
});

describe("what AWS alone knows of a cluster", () => {
  // oxlint-disable no-template-curly-in-string -- placeholders are the point
  it("takes the place of its placeholder", () => {
    const facts = { a: { writerHost: "w", readerHost: "r", resourceId: "cluster-A" } };
    expect(clustersIn("${WriterHost:a} ${ReaderHost:b}")).toEqual(["a", "b"]);
    expect(bindClusters("${WriterHost:a},${ReaderHost:a},${ClusterResource:a}", facts)).toBe("w,r,cluster-A");
    expect(() => bindClusters("${WriterHost:b}", facts)).toThrow('nothing is known of the cluster "b"');
  });
});
