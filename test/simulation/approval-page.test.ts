import { spawnSync } from "node:child_process";
import { INTERNET } from "@lifeboat/cloud/kernel/network";
import type { HttpReply, HttpRequest } from "@lifeboat/cloud/kernel/http";
import {
  answerQuestion,
  principalOf,
  readQuestion,
  type PersonsAnswer,
  type ReadQuestion,
} from "@lifeboat/lab/answer-question";
import { gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { enteredAtMs, verdictsIn } from "@lifeboat/lab/checks/read-execution";
import type { Lab } from "@lifeboat/lab/create-lab";
import { CALM_MS, hasEnded, RECOVERY_WITHIN_MS, type Scenario } from "@lifeboat/lab/scenarios/scenario";
import { signProof } from "@lifeboat/lab/sign-proof";
import type { Simulation } from "@lifeboat/lab/simulate";
import { forSite } from "@lifeboat/recovery/plan";
import { beforeAll, describe, expect, it } from "vitest";
import { exampleText, withEdit } from "../unit/plan-example.ts";
import { play } from "./run-scenario.ts";

/* A loss above the limit; people, mail scanners and others come to the page of the question. */

interface Visitor {
  readonly lab: Lab;
  readonly question: ReadQuestion;
  readonly get: (url?: string, method?: HttpRequest["method"]) => Promise<HttpReply>;
  readonly post: (form: Readonly<Record<string, string>>, url?: string) => Promise<HttpReply>;
  readonly answer: (answer: PersonsAnswer) => ReturnType<typeof answerQuestion>;
  readonly proof: (who: string, purpose: string) => string;
  readonly answers: () => readonly string[];
}

/** Runs the loss of the primary until people are asked, lets `visit` happen, and then the rest. */
const playWith = async (
  text: string,
  visit: (visitor: Visitor, wait: (ms: number) => Promise<void>) => Promise<void>,
): Promise<Simulation> => {
  const run: Scenario["run"] = async ({ lab, wait, waitFor, waitForQuestion, markOutage }) => {
    const { plan, cloud } = lab;
    const { network, clock, fabric } = cloud.world;
    const { primary, standby } = plan.sites;
    await wait(CALM_MS);
    network.cut(primary.region, standby.region);
    await wait(90_000);
    markOutage();
    network.lose(primary.region);
    network.mend(primary.region, standby.region);
    await waitForQuestion(RECOVERY_WITHIN_MS);
    const during = async <Result>(pending: Promise<Result>): Promise<Result> => {
      let settled = false;
      const watched = pending.finally(() => (settled = true));
      await clock.run({ untilMs: clock.nowMs() + 60_000, until: () => settled });
      return watched;
    };
    const question = lab.cloud.sns.messages.map(readQuestion).find((found) => found !== undefined);
    if (question === undefined) throw new Error("nobody was asked");
    const send = (request: Omit<HttpRequest, "timeoutMs">): Promise<HttpReply> =>
      during(fabric.request(INTERNET, { ...request, timeoutMs: 30_000 }));
    const bucket = lab.cloud.s3.bucket(forSite(plan.ledger.buckets, standby.name));
    await visit(
      {
        lab,
        question,
        get: (url = question.link, method = "GET") => send({ method, url }),
        post: (form, url = question.link) =>
          send({ method: "POST", url, body: new URLSearchParams(form).toString() }),
        answer: (answer) => during(answerQuestion(lab, question, answer)),
        proof: (who, purpose) => signProof(principalOf(lab, who), question.region, purpose, clock.nowMs()),
        answers: () => [...bucket.objects.keys()].filter((key) => key.includes("/answers/")),
      },
      wait,
    );
    await waitFor("the failover to end", RECOVERY_WITHIN_MS, () => hasEnded(lab, 1));
  };
  return play(run, { planText: text, seed: 3, spelt: true });
};

const seen: Record<string, HttpReply> = {};
const left: Record<string, readonly string[]> = {};
let asked: ReadQuestion | undefined;
let simulation: Simulation;
let overdue = "";

beforeAll(async () => {
  simulation = await playWith(exampleText, async (visitor, wait) => {
    const { question, get, post, answer, answers, proof } = visitor;
    asked = question;
    const purpose = `lifeboat.${question.question}.approve`;
    const link = new URL(question.link);
    const changed = (change: (query: URLSearchParams) => void): string => {
      const url = new URL(link);
      change(url.searchParams);
      return url.href;
    };
    seen["get"] = await get();
    seen["head"] = await get(question.link, "HEAD");
    seen["put"] = await get(question.link, "PUT");
    seen["a GET that decides"] = await get(
      changed((query) => {
        for (const [name, value] of Object.entries({
          answer: "approve",
          why: "x",
          proof: proof("one", purpose),
        }))
          query.set(name, value);
      }),
    );
    seen["no link"] = await get(`${link.origin}/`);
    seen["a tampered seal"] = await get(
      changed((query) => query.set("s", `A${query.get("s")?.slice(1) ?? ""}`)),
    );
    seen["a longer life"] = await get(changed((query) => query.set("e", String(Number(query.get("e")) + 1))));
    seen["another question"] = await get(changed((query) => query.set("q", "other.1.0")));
    seen["a key for a question"] = await get(changed((query) => query.set("q", "../claim")));
    seen["no proof"] = await post({ answer: "approve", why: "x" });
    seen["a name for a proof"] = await post({ answer: "approve", why: "x", proof: "one" });
    seen["a proof for another answer"] = await post({
      answer: "approve",
      why: "x",
      proof: proof("one", `lifeboat.${question.question}.reject`),
    });
    seen["an answer that was not offered"] = await post({
      answer: "skip",
      why: "x",
      proof: proof("one", purpose),
    });
    seen["a proof without a link"] = await post(
      { answer: "approve", why: "x", proof: proof("one", purpose) },
      `${link.origin}/`,
    );
    left["before"] = answers();
    const stolen = proof("one", purpose);
    seen["an answer"] = await post({ answer: "approve", why: `<script>alert("x")</script>`, proof: stolen });
    seen["a replay"] = await post({ answer: "approve", why: "again", proof: stolen });
    left["after one"] = answers();
    seen["after one"] = await get();
    // Nobody has looked at the machine yet; it waits for a second person.
    await wait(60_000);
    const second = await answer({ who: "two", answer: "approve", why: "agreed" });
    overdue = second.said;
    await wait(30_000);
    seen["a late answer"] = await post({
      answer: "reject",
      why: "no",
      proof: proof("cora", purpose.replace("approve", "reject")),
    });
    seen["after all"] = await get();
    left["after all"] = answers();
  });
});

const bodyOf = (name: string): string => seen[name]?.body ?? "";

describe("the page of a question", () => {
  it("shows what is asked, why, and what is lost, and may be read by mail scanners without harm", () => {
    expect(seen["get"]?.status).toBe(200);
    expect(bodyOf("get")).toContain("Move spacelift from ireland to paris");
    expect(bodyOf("get")).toContain("What is lost");
    expect(bodyOf("get")).toContain('<form method="post"');
    expect(seen["head"]).toMatchObject({ status: 200, body: "" });
    expect(seen["put"]?.status).toBe(405);
    expect(seen["a GET that decides"]?.status).toBe(200);
    expect(left["before"]).toEqual([]);
  });

  it("runs nothing, loads nothing, is kept nowhere, and passes its address to nobody", () => {
    const { headers = {} } = seen["get"] ?? {};
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "content-type": "text/html; charset=utf-8",
    });
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(bodyOf("get")).not.toMatch(/<script|<link|src=|@import|url\(/);
  });

  it.each([
    "no link",
    "a tampered seal",
    "a longer life",
    "another question",
    "a key for a question",
    "a proof without a link",
  ])("says 404 and nothing of the question to %s", (name) => {
    expect(seen[name]?.status).toBe(404);
    expect(bodyOf(name)).not.toContain("Move spacelift");
  });

  it.each([
    ["no proof", 400],
    ["a name for a proof", 403],
    ["a proof for another answer", 403],
    ["an answer that was not offered", 400],
  ])("takes no answer with %s, and says why", (name, status) => {
    expect(seen[name]?.status).toBe(status);
    expect(bodyOf(name)).toMatch(/class="no"/);
  });

  it("takes an answer that somebody has signed, once", () => {
    expect(seen["an answer"]?.status).toBe(200);
    expect(bodyOf("an answer")).toMatch(/Taken: approve, by arn:\S+\/one; 1 of 2 people so far/);
    expect(left["after one"]).toHaveLength(1);
    expect(seen["a replay"]?.status).toBe(200);
  });

  it("shows what people wrote as text", () => {
    expect(bodyOf("after one")).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
    expect(bodyOf("after one")).not.toContain("<script");
  });

  it("writes the same record as the command, and the machine counts both", () => {
    const { lab } = simulation;
    const bucket = forSite(lab.plan.ledger.buckets, "paris");
    const records = (left["after all"] ?? []).map(
      (key) => JSON.parse(lab.cloud.s3.read(bucket, key) ?? "null") as Readonly<Record<string, unknown>>,
    );
    expect(records.map((record) => record["via"])).toEqual(["page", "invoke"]);
    const [page, invoke] = records;
    expect(Object.keys(page ?? {})).toEqual(Object.keys(invoke ?? {}));
    for (const field of ["workload", "execution", "planHash", "epoch", "question", "answer"])
      expect(page?.[field]).toEqual(invoke?.[field]);
    expect(JSON.parse(overdue)).toMatchObject({
      accepted: true,
      standing: expect.stringMatching(/^it is decided/),
    });
    const [execution] = gatherEvidence(lab).executions;
    expect(execution === undefined ? [] : verdictsIn(execution).at(-1)).toMatchObject({
      verdict: "approve",
      persons: 2,
    });
  });

  it("takes nothing any more once it is decided", () => {
    expect(seen["a late answer"]?.status).toBe(409);
    expect(bodyOf("after all")).not.toContain("<form");
    expect(left["after all"]).toHaveLength(2);
  });

  it("writes no proof and no task token into any log", () => {
    const log = simulation.lab.log.map(({ line }) => line).join("\n");
    expect(log).toContain("answered: approve");
    expect(log).not.toMatch(/k8s-aws-v1|X-Amz-Signature|[?&]s=/);
  });

  it("ends in a recovery", () => expect(simulation.result.outcome).toBe("recovered"));
});

describe("the command in the message", () => {
  it("is one line that a shell runs as it is meant, with the AWS CLI alone", () => {
    const lines = (asked?.text ?? "").split("\n");
    const line = lines[lines.indexOf("approve:") + 1] ?? "";
    // In the place of the AWS CLI: prints what it was called with.
    const cli = 'aws() { if [ "$1" = eks ]; then echo "signed-for:$6"; else printf "%s\\n" "$@"; fi; }';
    const { stdout, stderr } = spawnSync("sh", ["-c", `${cli}\n${line}`], { encoding: "utf8" });
    expect(stderr).toBe("");
    const called = stdout.split("\n");
    expect(called.slice(0, 6)).toEqual([
      "lambda",
      "invoke",
      "--region",
      "eu-west-3",
      "--function-name",
      "lifeboat-spacelift-decide",
    ]);
    expect(JSON.parse(called[called.indexOf("--payload") + 1] ?? "")).toEqual({
      workload: "spacelift",
      question: asked?.question,
      answer: "approve",
      why: "say why here",
      proof: `signed-for:lifeboat.${asked?.question ?? ""}.approve`,
    });
  });
});

describe("an answer whose function dies before it has rung the bell", () => {
  it("is found by the machine within minutes", async () => {
    let died = 0;
    let diedAtMs = 0;
    const ended = await playWith(
      withEdit((plan) => {
        plan.setIn(["decision", "approvals", "lossy"], 1);
      }),
      async ({ lab, answer }) => {
        const { faults, clock } = lab.cloud.world;
        faults.call = ({ operation, origin }) => {
          if (operation !== "SendTaskSuccess" || !origin.principal.includes("-decide@")) return undefined;
          died += 1;
          diedAtMs = clock.nowMs();
          return { type: "kill-before" };
        };
        const { said } = await answer({ who: "one", answer: "approve", why: "agreed" });
        expect(said).toContain("Runtime.ExitError");
      },
    );
    expect(died).toBe(1);
    expect(ended.result.outcome).toBe("recovered");
    const [execution] = gatherEvidence(ended.lab).executions;
    const [looked = 0] = execution === undefined ? [] : enteredAtMs(execution, "CountApprovals");
    expect(looked - diedAtMs).toBeGreaterThan(10_000);
    expect(looked - diedAtMs).toBeLessThanOrEqual(300_000);
  });
});

describe("a plan that names no approvers", () => {
  it("has a page that only shows: nothing there says who may answer", async () => {
    const text = withEdit((plan) => {
      plan.setIn(["decision", "approvals", "lossy"], 1);
      plan.deleteIn(["decision", "approvers"]);
    });
    let shown = "";
    let posted: HttpReply | undefined;
    const ended = await playWith(text, async ({ get, post, proof, question, answers, answer }) => {
      shown = (await get()).body;
      const purpose = `lifeboat.${question.question}.approve`;
      posted = await post({ answer: "approve", why: "x", proof: proof("one", purpose) });
      expect(answers()).toEqual([]);
      await answer({ who: "one", answer: "approve", why: "agreed" });
    });
    expect(shown).toContain("The plan names no approvers");
    expect(shown).not.toContain("<form");
    expect(posted?.status).toBe(403);
    expect(ended.result.outcome).toBe("recovered");
  });
});
