import { Logger } from "@aws-lambda-powertools/logger";
import type { LogItem } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";

type WriteLine = (line: string) => void;

/** Powertools' structured log, a line at a time to wherever the runtime keeps its log. */
class LineLogger extends Logger {
  readonly #writeLine: WriteLine;
  constructor(serviceName: string, writeLine: WriteLine) {
    super({ serviceName });
    this.#writeLine = writeLine;
  }
  protected override printLog(_level: number, log: LogItem): void {
    this.#writeLine(JSON.stringify(log.getAttributes(), this.getJsonReplacer()));
  }
}

/** Powertools' metrics in the embedded metric format, written to the same log. */
class LineMetrics extends Metrics {
  readonly #writeLine: WriteLine;
  constructor(serviceName: string, writeLine: WriteLine) {
    super({ namespace: "Lifeboat", serviceName });
    this.#writeLine = writeLine;
  }
  override publishStoredMetrics(): this {
    if (this.hasStoredMetrics()) this.#writeLine(JSON.stringify(this.serializeMetrics()));
    this.clearMetrics();
    this.clearDimensions();
    this.clearMetadata();
    return this;
  }
}

export const createLogger = (serviceName: string, writeLine: WriteLine): Logger =>
  new LineLogger(serviceName, writeLine);
export const createMetrics = (serviceName: string, writeLine: WriteLine): Metrics =>
  new LineMetrics(serviceName, writeLine);
