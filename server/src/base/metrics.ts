/** Metrics in Prometheus's format. Components count for themselves; the library is loaded when somebody first asks. */

export type Sample = { readonly value: number; readonly labels?: Readonly<Record<string, string>> }

export interface Metrics {
  /** A number that only grows; `read` answers the samples of now, with exactly these labels. */
  counter(name: string, help: string, labelNames: readonly string[], read: () => readonly Sample[]): void
  /** A number that goes up and down. */
  gauge(name: string, help: string, labelNames: readonly string[], read: () => readonly Sample[]): void
  /** All metrics, those of the process included, as text. */
  text(): Promise<string>
}

type Metric = {
  readonly kind: 'counter' | 'gauge'
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly read: () => readonly Sample[]
}

/** An empty set of metrics. */
export function createMetrics(): Metrics {
  const metrics: Metric[] = []
  let loading: Promise<() => Promise<string>> | undefined
  return {
    counter: (name, help, labelNames, read) => void metrics.push({ kind: 'counter', name, help, labelNames, read }),
    gauge: (name, help, labelNames, read) => void metrics.push({ kind: 'gauge', name, help, labelNames, read }),
    async text() {
      loading ??= openRegistry(metrics)
      return (await loading)()
    },
  }
}

async function openRegistry(metrics: readonly Metric[]): Promise<() => Promise<string>> {
  const { Counter, collectDefaultMetrics, Gauge, Registry } = (await import('prom-client')).default
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const { kind, name, help, labelNames, read } of metrics) {
    const options = { name, help, labelNames: [...labelNames], registers: [registry] }
    if (kind === 'gauge') {
      new Gauge({
        ...options,
        collect() {
          this.reset()
          for (const { value, labels = {} } of read()) this.set(labels, value)
        },
      })
    } else {
      new Counter({
        ...options,
        collect() {
          this.reset()
          for (const { value, labels = {} } of read()) this.inc(labels, value)
        },
      })
    }
  }
  return () => registry.metrics()
}
