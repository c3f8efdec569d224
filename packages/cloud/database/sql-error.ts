/**
 * What PostgreSQL, or its client, would say (PostgreSQL manual, appendix A "PostgreSQL Error Codes"):
 * - `08001` could not connect, `08006` the connection broke
 * - `25006` the transaction is read-only: a reader, a fenced writer, or the enforcer
 * - `28000` the role may not log in: the enforcer has closed the door
 * - `42501` the role may not do this
 * - `57P01` the server ended this session
 * - `57P03` the server is starting up
 */
export type SqlErrorCode = "08001" | "08006" | "25006" | "28000" | "42501" | "57P01" | "57P03";

/** An error of a database session; `code` is the SQLSTATE. */
export class SqlError extends Error {
  readonly code: SqlErrorCode;
  constructor(code: SqlErrorCode, message: string) {
    super(message);
    this.name = "SqlError";
    this.code = code;
  }
}
