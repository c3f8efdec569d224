/** A node of JSONata's syntax tree, as far as it is read here: every child is found by walking. */
export interface SyntaxNode {
  readonly type?: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly [key: string]: unknown;
}
