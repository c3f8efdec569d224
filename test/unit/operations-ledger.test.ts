import { bootstrapLedger } from "@lifeboat/operations/ledger/bootstrap";
import { changeEntry, readEntry } from "@lifeboat/operations/ledger/change-entry";
import { requireMandate, requireSwitchOff } from "@lifeboat/operations/ledger/hold-mandate";
import { keyOf } from "@lifeboat/operations/ledger/places";
import { withHolder, withRequest, type Claim } from "@lifeboat/recovery/ledger";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createModelledStore, type Fate, type ModelledStore } from "./operations-store.ts";
import {
  atIreland,
  atParis,
  bootstrapped,
  claimIn,
  claimVersions,
  createIds,
  plan,
  portsWith,
  putClaim,
  putSwitch,
  START_MS,
  witness,
} from "./operations-world.ts";

const claimKey = keyOf(plan, "claim");
const tokensOf = ({ request }: Claim): readonly string[] => request?.trigger.split(" ").filter(Boolean) ?? [];

/** A change that leaves a token, and looks first whether it has done so already, as every change of ours does. */
const leaveToken =
  (token: string) =>
  (claim: Claim, writeId: string): Claim | null =>
    tokensOf(claim).includes(token)
      ? null
      : withRequest(
          claim,
          { execution: "e", requestedAtMs: START_MS, trigger: [...tokensOf(claim), token].join(" ") },
          writeId,
        );

const change = (store: ModelledStore, token: string, ids = createIds(token)): Promise<Claim> =>
  changeEntry(portsWith({ ledger: store, ids }), plan, witness, "claim", leaveToken(token));

/** A store whose writes meet these fates, one after the other; then all goes well. */
const storeWithFates = (fates: readonly Fate[]): Promise<ModelledStore> => {
  const left = [...fates];
  return bootstrapped(
    createModelledStore({
      fate: ({ operation }) => (operation === "read" ? "answered" : (left.shift() ?? "answered")),
    }),
  );
};

describe("a change of the ledger", () => {
  it("is written once when all goes well", async () => {
    const store = await bootstrapped();
    const claim = await change(store, "a");
    expect(claim).toEqual(claimIn(store));
    expect(claimVersions(store)).toHaveLength(2);
  });

  it("writes nothing when there is nothing to do", async () => {
    const store = await bootstrapped();
    await changeEntry(portsWith({ ledger: store }), plan, witness, "claim", () => null);
    expect(store.calls.map(({ operation }) => operation)).toEqual(["read"]);
  });

  it("recognises its own write after a lost reply, and does not write again", async () => {
    const store = await storeWithFates(["lost-after"]);
    const claim = await change(store, "a");
    expect(claim).toEqual(claimIn(store));
    expect(claimVersions(store)).toHaveLength(2);
    expect(store.calls.map(({ operation }) => operation)).toEqual(["read", "replace", "read"]);
  });

  it("writes again after a request that never arrived", async () => {
    const store = await storeWithFates(["lost-before"]);
    expect(tokensOf(await change(store, "a"))).toEqual(["a"]);
    expect(claimVersions(store)).toHaveLength(2);
  });

  it("gives every attempt a write id of its own: one that comes late finds its condition gone", async () => {
    const store = await storeWithFates(["delayed"]);
    const claim = await change(store, "a");
    store.flush();
    expect(claimIn(store)).toEqual(claim);
    expect(claimVersions(store)).toHaveLength(2);
  });

  it("makes its change on what another writer left", async () => {
    const store = await bootstrapped();
    const ports = portsWith({ ledger: store });
    let disturbed = false;
    const claim = await changeEntry(ports, plan, witness, "claim", (body, writeId) => {
      if (!disturbed) putClaim(store, (present) => leaveToken("other")(present, "other") ?? present);
      disturbed = true;
      return leaveToken("mine")(body, writeId);
    });
    expect(tokensOf(claim)).toEqual(["other", "mine"]);
    expect(claim.revision).toBe(3);
  });

  it("gives up by name when others keep winning", async () => {
    const store = await bootstrapped(
      createModelledStore({ fate: ({ operation }) => (operation === "read" ? "answered" : "conflict") }),
    );
    await expect(change(store, "a")).rejects.toMatchObject({ name: "LedgerContended" });
    expect(claimVersions(store)).toHaveLength(1);
  });

  it("stops when the key is missing: only bootstrap creates one", async () => {
    const store = createModelledStore();
    await expect(change(store, "a")).rejects.toMatchObject({
      name: "LedgerMissing",
      message: expect.stringMatching(/s3:\/\/spacelift-lifeboat-eu-central-1\/spacelift\/claim.*bootstrap/),
    });
    expect(store.calls.map(({ operation }) => operation)).toEqual(["read"]);
  });

  it("stops when the ledger cannot be read", async () => {
    const store = await bootstrapped(createModelledStore({ fate: () => "lost-before" }));
    await expect(change(store, "a")).rejects.toMatchObject({ name: "LedgerUnreadable" });
  });

  it.each([
    ["no JSON object", "nonsense", /does not hold a JSON object/],
    ["a field less", { revision: 1 }, /"writeId" is not a string/],
    ["a revision that is no number", { revision: "1", writeId: "w" }, /"revision" is not a number/],
  ])("stops at a damaged body: %s", async (_damage, body, message) => {
    const store = await bootstrapped();
    store.put(witness, claimKey, body);
    await expect(change(store, "a")).rejects.toMatchObject({
      name: "LedgerUnreadable",
      message: expect.stringMatching(message),
    });
  });
});

describe("two writers at once, whatever is lost on the way and in whatever order", () => {
  const anyFate: fc.Arbitrary<Fate> = fc.constantFrom<Fate>(
    "answered",
    "answered",
    "answered",
    "lost-before",
    "lost-after",
    "delayed",
    "conflict",
  );

  it("lose no update, and repeat none", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(anyFate, { maxLength: 16 }), async (scheduler, fates) => {
        const left = [...fates];
        const store = await bootstrapped(
          createModelledStore({
            fate: ({ operation }) => (operation === "read" ? "answered" : (left.shift() ?? "answered")),
            pause: () => scheduler.schedule(Promise.resolve()),
          }),
        );
        const writer = async (name: string): Promise<readonly string[]> => {
          const kept: string[] = [];
          const ids = createIds(name);
          for (const token of [`${name}1`, `${name}2`]) {
            try {
              await change(store, token, ids);
              kept.push(token);
            } catch (error) {
              // Given up: the change may or may not be there, and the writer knows that it does not know.
              expect(error).toMatchObject({ name: "LedgerContended" });
            }
          }
          return kept;
        };
        const both = Promise.all([writer("a"), writer("b")]);
        await scheduler.waitFor(both);
        const kept = (await both).flat();
        store.flush();
        const versions = claimVersions(store);
        const final = tokensOf(claimIn(store));
        // What a writer was told stands, and stands once.
        expect(kept.filter((token) => !final.includes(token))).toEqual([]);
        expect(new Set(final).size).toBe(final.length);
        for (const [index, version] of versions.slice(1).entries()) {
          const before = versions[index];
          if (before === undefined) throw new Error("a version is missing");
          expect(version.revision).toBe(before.revision + 1);
          expect(tokensOf(version).slice(0, -1)).toEqual(tokensOf(before));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a mandate", () => {
  const holder = { execution: "e1", site: "paris", from: "ireland", succeeds: null, loss: null };
  const held = async (): Promise<ModelledStore> => {
    const store = await bootstrapped();
    putClaim(store, (claim) => withHolder(claim, holder, "h"));
    return store;
  };

  it("is the current epoch and its holder, read anew each time", async () => {
    const store = await held();
    const ports = portsWith({ ledger: store });
    await expect(requireMandate(ports, plan, { execution: "e1", epoch: 2 })).resolves.toMatchObject({
      epoch: 2,
    });
    putClaim(store, (claim) => withHolder(claim, { ...holder, execution: "e2" }, "h2"));
    await expect(requireMandate(ports, plan, { execution: "e1", epoch: 2 })).rejects.toMatchObject({
      name: "EpochStale",
      message: expect.stringMatching(/epoch 2 .* is over: the ledger is at epoch 3, held by e2/),
    });
  });

  it.each([
    ["an older epoch", { execution: "e1", epoch: 1 }],
    ["another execution", { execution: "e2", epoch: 2 }],
  ])("is not %s", async (_case, mandate) => {
    const ports = portsWith({ ledger: await held() });
    await expect(requireMandate(ports, plan, mandate)).rejects.toMatchObject({ name: "EpochStale" });
  });

  it("is suspended while the kill switch is on, with who and why", async () => {
    const store = await held();
    putSwitch(store, { on: true, by: "Grace", why: "we are migrating" });
    const ports = portsWith({ ledger: store });
    await expect(requireMandate(ports, plan, { execution: "e1", epoch: 2 })).rejects.toMatchObject({
      name: "KillSwitchOn",
      message: expect.stringMatching(/by Grace: we are migrating/),
    });
    await expect(requireSwitchOff(ports, plan)).rejects.toMatchObject({ name: "KillSwitchOn" });
  });

  it("does not hold when the ledger cannot be read", async () => {
    const store = await bootstrapped(createModelledStore({ fate: () => "lost-before" }));
    await expect(
      requireMandate(portsWith({ ledger: store }), plan, { execution: "e1", epoch: 2 }),
    ).rejects.toMatchObject({ name: "LedgerUnreadable" });
  });
});

describe("the bootstrap", () => {
  it("creates the claim and the switch at the witness and the lease in three places", async () => {
    const store = createModelledStore();
    const created = await bootstrapLedger({ ledger: store, ids: createIds() }, plan, "ireland");
    expect(created).toEqual([
      "s3://spacelift-lifeboat-eu-central-1/spacelift/claim",
      "s3://spacelift-lifeboat-eu-central-1/spacelift/switch",
      "s3://spacelift-lifeboat-eu-central-1/spacelift/lease",
      "s3://spacelift-lifeboat-eu-west-1/spacelift/lease",
      "s3://spacelift-lifeboat-eu-west-3/spacelift/lease",
    ]);
    await expect(readEntry(portsWith({ ledger: store }), plan, witness, "claim")).resolves.toMatchObject({
      body: { epoch: 1, activeSite: "ireland" },
    });
  });

  it("changes nothing that exists: an epoch never starts again", async () => {
    const store = await bootstrapped();
    putClaim(store, (claim) => ({ ...claim, epoch: 7, revision: 30 }));
    expect(await bootstrapLedger({ ledger: store, ids: createIds() }, plan, "paris")).toEqual([]);
    expect(claimIn(store)).toMatchObject({ epoch: 7, activeSite: "ireland" });
  });

  it("says so when it cannot know, and finishes when it is run again", async () => {
    let calls = 0;
    const store = createModelledStore({ fate: () => (++calls === 3 ? "lost-after" : "answered") });
    const ports = { ledger: store, ids: createIds() };
    await expect(bootstrapLedger(ports, plan, "ireland")).rejects.toMatchObject({
      name: "LedgerUnreadable",
      message: expect.stringMatching(/run the bootstrap again/),
    });
    await bootstrapLedger(ports, plan, "ireland");
    for (const place of [witness, atParis, atIreland])
      expect(store.versions(place, keyOf(plan, "lease"))).toHaveLength(1);
  });
});
