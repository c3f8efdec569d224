// oxlint-disable-next-line typescript/triple-slash-reference -- how SST gives its globals their types
/// <reference path="./.sst/platform/config.d.ts" />

/*
 * Deploys one place of one workload: `npx sst deploy --stage production-paris`. Each site and the witness is a stage of its
 * own with its state in its own region, so that one can be deployed while another is gone. What is deployed is read from
 * the manifest (packages/control-plane). See docs/deploy.md.
 */
export default $config({
  async app(input) {
    const { chooseStage } = await import("./infra/stack/choose-stage");
    const { plan, environment, place } = chooseStage(input.stage);
    return {
      name: `lifeboat-${plan.workload}`,
      home: "aws",
      // The ledger outlives a stack: without it nobody knows which site is active.
      removal: "retain",
      protect: environment === "production",
      version: "~4.17",
      providers: {
        aws: {
          version: "7.20.0",
          region: place.region as aws.Region,
          allowedAccountIds: [place.account],
          defaultTags: {
            tags: {
              "lifeboat:workload": plan.workload,
              "lifeboat:place": place.place,
              "lifeboat:environment": environment,
            },
          },
        },
      },
    };
  },
  async run() {
    const { chooseStage } = await import("./infra/stack/choose-stage");
    const { createPlace } = await import("./infra/stack/create-place");
    return createPlace(chooseStage($app.stage));
  },
});
