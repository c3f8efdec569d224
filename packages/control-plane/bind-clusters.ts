/** What AWS alone knows of a database cluster. */
export interface ClusterFacts {
  readonly writerHost: string;
  readonly readerHost: string;
  /** `cluster-…`, by which IAM knows the cluster in `rds-db:connect`. */
  readonly resourceId: string;
}

const fields: Readonly<Record<string, keyof ClusterFacts>> = {
  WriterHost: "writerHost",
  ReaderHost: "readerHost",
  ClusterResource: "resourceId",
};

const placeholder = /\$\{(WriterHost|ReaderHost|ClusterResource):([\w-]+)\}/g;

/** The clusters that a text has placeholders for. */
export const clustersIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(placeholder)].map(([, , cluster = ""]) => cluster)),
];

/** Puts facts in the place of `${WriterHost:cluster}` and its like. Throws for a cluster that nobody looked up. */
export const bindClusters = (text: string, clusters: Readonly<Record<string, ClusterFacts>>): string =>
  text.replaceAll(placeholder, (_, kind: string, cluster: string) => {
    const facts = clusters[cluster];
    const field = fields[kind];
    if (facts === undefined || field === undefined)
      throw new Error(`nothing is known of the cluster "${cluster}"`);
    return facts[field];
  });
