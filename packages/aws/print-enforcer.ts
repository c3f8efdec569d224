import { enforcerSql } from "./postgres-enforcer.ts";

/** `node packages/aws/print-enforcer.ts [role] | psql …`: the SQL that `docs/enforcer.md` speaks of. */
process.stdout.write(enforcerSql(process.argv[2] ?? "lifeboat"));
