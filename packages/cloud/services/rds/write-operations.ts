import type {
  CopyDBClusterSnapshotCommandInput,
  CreateDBClusterSnapshotCommandInput,
  FailoverGlobalClusterCommandInput,
  SwitchoverGlobalClusterCommandInput,
} from "@aws-sdk/client-rds";
import { AwsError, type Call } from "../../kernel/service.ts";
import type { RdsContext } from "./context.ts";
import { describeGlobal, describeSnapshot } from "./describe.ts";
import { runFailover } from "./failover.ts";
import { clusterNamed, globalNamed } from "./read-operations.ts";
import { copySnapshot, snapshotNamed, takeSnapshot } from "./snapshots.ts";
import type { Cluster, GlobalCluster, RoleMove } from "./state.ts";
import { runSwitchover } from "./switchover.ts";

const SNAPSHOT_NAME = /^[A-Za-z](?:-?[0-9A-Za-z])*$/;

/** What both verbs ask of the global database and of the target. */
const checkTarget = (global: GlobalCluster, target: Cluster): void => {
  if (global.status !== "available" || global.move !== undefined) {
    throw new AwsError(
      "InvalidGlobalClusterStateFault",
      `Global cluster ${global.identifier} is in state ${global.status}, which is invalid for this operation`,
    );
  }
  if (target === global.writer) {
    throw new AwsError(
      "InvalidDBClusterStateFault",
      `DB cluster ${target.identifier} is already the primary`,
    );
  }
  if (target.status !== "available") {
    throw new AwsError(
      "InvalidDBClusterStateFault",
      `DB cluster ${target.identifier} is in state ${target.status}, which is invalid for this operation`,
    );
  }
  if (target.instances.length === 0) {
    throw new AwsError(
      "InvalidDBClusterStateFault",
      `DB cluster ${target.identifier} has no DB instance to promote`,
    );
  }
  // "only if the primary and secondary DB clusters have the same major and minor engine versions" (Aurora User Guide)
  if (target.engineVersion !== global.writer.engineVersion) {
    throw new AwsError(
      "InvalidDBClusterStateFault",
      `Engine version ${target.engineVersion} of DB cluster ${target.identifier} differs from the primary's ${global.writer.engineVersion}`,
    );
  }
};

const memberWithArn = (global: GlobalCluster, arn: string): Cluster => {
  const found = global.members.find((member) => member.arn === arn);
  if (found === undefined) throw new AwsError("DBClusterNotFoundFault", `DBCluster ${arn} not found.`, 404);
  return found;
};

const begin = (
  context: RdsContext,
  global: GlobalCluster,
  to: Cluster,
  dataLossAllowed: boolean,
): RoleMove => {
  const move: RoleMove = { from: global.writer, to, dataLossAllowed, status: "pending" };
  global.move = move;
  global.status = dataLossAllowed ? "failing-over" : "switching-over";
  context.changed(global);
  return move;
};

/** The operations that change something (Amazon RDS API Reference). */
export const writeOperations = (context: RdsContext) => {
  const switchover = (global: GlobalCluster, targetArn: string, region: string) => {
    const target = memberWithArn(global, targetArn);
    checkTarget(global, target);
    // The guide has it called in the primary's region; elsewhere the primary is not this region's to stop.
    if (global.writer.region !== region) {
      throw new AwsError(
        "InvalidGlobalClusterStateFault",
        `A switchover is requested in the Region of the primary DB cluster, ${global.writer.region}`,
      );
    }
    const healthy =
      global.writer.database.isRunning() && global.replications.get(target)?.isFlowing() === true;
    if (!healthy || global.writer.status !== "available") {
      throw new AwsError(
        "InvalidGlobalClusterStateFault",
        "A switchover needs healthy primary and secondary DB clusters that replicate",
      );
    }
    runSwitchover(context, global, begin(context, global, target, false));
    return { GlobalCluster: describeGlobal(global) };
  };

  return {
    /**
     * With `AllowDataLoss` a failover, called in the target's region; without it a switchover, whatever the name says
     * (API_FailoverGlobalCluster).
     */
    FailoverGlobalCluster(input: FailoverGlobalClusterCommandInput, { region }: Call) {
      const { GlobalClusterIdentifier: identifier = "", TargetDbClusterIdentifier: targetArn = "" } = input;
      if (input.AllowDataLoss !== undefined && input.Switchover !== undefined) {
        throw new AwsError(
          "InvalidParameterCombination",
          "AllowDataLoss and Switchover can't both be specified",
        );
      }
      const global = globalNamed(context, region, identifier);
      if (input.AllowDataLoss !== true) return switchover(global, targetArn, region);
      const target = memberWithArn(global, targetArn);
      if (target.region !== region) {
        throw new AwsError("DBClusterNotFoundFault", `DBCluster ${targetArn} not found in ${region}.`, 404);
      }
      checkTarget(global, target);
      runFailover(context, global, begin(context, global, target, true));
      return { GlobalCluster: describeGlobal(global) };
    },

    SwitchoverGlobalCluster(input: SwitchoverGlobalClusterCommandInput, { region }: Call) {
      const global = globalNamed(context, region, input.GlobalClusterIdentifier ?? "");
      return switchover(global, input.TargetDbClusterIdentifier ?? "", region);
    },

    CreateDBClusterSnapshot(input: CreateDBClusterSnapshotCommandInput, { region }: Call) {
      const { DBClusterSnapshotIdentifier: name = "", DBClusterIdentifier: clusterName = "" } = input;
      const cluster = clusterNamed(context, region, clusterName);
      const identifier = freeSnapshotName(context, region, name);
      if (cluster.status !== "available") {
        throw new AwsError(
          "InvalidDBClusterStateFault",
          `DB cluster ${clusterName} is in state ${cluster.status}`,
        );
      }
      return {
        DBClusterSnapshot: describeSnapshot(takeSnapshot(context, { identifier, type: "manual", cluster })),
      };
    },

    /** Called in the destination's region. A copy from another region of an encrypted snapshot needs a key of this region. */
    CopyDBClusterSnapshot(input: CopyDBClusterSnapshotCommandInput, { region }: Call) {
      const { SourceDBClusterSnapshotIdentifier: from = "", TargetDBClusterSnapshotIdentifier: to = "" } =
        input;
      const source = snapshotNamed(context, region, from);
      const identifier = freeSnapshotName(context, region, to);
      if (source.status !== "available") {
        throw new AwsError(
          "InvalidDBClusterSnapshotStateFault",
          `Snapshot ${from} is in state ${source.status}`,
        );
      }
      const keyId = input.KmsKeyId;
      if (source.region !== region && keyId === undefined) {
        throw new AwsError(
          "KMSKeyNotAccessibleFault",
          "A cross-Region copy of an encrypted snapshot needs a KmsKeyId",
        );
      }
      if (keyId !== undefined && !context.isKeyUsable(region, keyId)) {
        throw new AwsError("KMSKeyNotAccessibleFault", `The key ${keyId} can't be used in ${region}`);
      }
      return {
        DBClusterSnapshot: describeSnapshot(
          copySnapshot(context, { source, identifier, region, kmsKeyId: keyId }),
        ),
      };
    },
  };
};

const freeSnapshotName = (context: RdsContext, region: string, name: string): string => {
  if (!SNAPSHOT_NAME.test(name) || name.length > 255) {
    throw new AwsError("InvalidParameterValue", `Invalid snapshot identifier: ${name}`);
  }
  const identifier = name.toLowerCase();
  if (context.state.snapshots.has(`${region}/${identifier}`)) {
    throw new AwsError("DBClusterSnapshotAlreadyExistsFault", `Cluster snapshot ${name} already exists`);
  }
  return identifier;
};
