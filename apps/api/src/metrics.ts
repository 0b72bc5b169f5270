/**
 * What /metrics says. Deliveries are tallied in plain numbers, because they are the hot path, and
 * copied into prom-client when somebody asks.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface Gauges {
  readonly pendingDeliveries: number;
  /** Of the read model that is furthest behind. */
  readonly lagPositions: number;
  readonly deliveriesByOutcome: Readonly<Record<string, number>>;
  /** Where a cluster keeps the log: since when there has been more than the journal holds. */
  readonly journalLagSeconds?: number;
  /** What each check found when it was last run. */
  readonly checks?: readonly CheckGauge[];
  readonly months?: MonthGauges;
}

/** Of all creators; times are unix seconds. */
interface MonthGauges {
  /** Creators whose next month cannot be closed. */
  readonly blocked: number;
  /** Creators whose next month is due and not closed yet. */
  readonly due: number;
  readonly lastClosedAt: number | undefined;
  readonly nextDueAt: number | undefined;
}

interface CheckGauge {
  readonly name: string;
  readonly severity: string;
  readonly holds: boolean;
  readonly violations: number;
  readonly durationMs: number;
  /** Unix milliseconds. */
  readonly ranAt: number;
}

/** Seconds; a delivery must be answered within 5. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export class ApiMetrics {
  readonly #acks = { stored: 0, duplicate: 0 };
  readonly #refused = new Map<string, number>();
  readonly #limited = new Map<string, number>();
  #unavailable = 0;
  readonly #latency: Histogram<'method' | 'route' | 'status'>;
  readonly #pending: Gauge;
  readonly #lag: Gauge;
  readonly #journal: Gauge;
  readonly #deliveries: Gauge<'outcome'>;
  readonly #checks: CheckGauges;
  readonly #months: Readonly<Record<keyof MonthGauges, Gauge>>;

  constructor(
    private readonly registry: Registry,
    private readonly gauges: () => Promise<Gauges>,
  ) {
    const registers = [registry];
    this.#registerTallies(registers);
    this.#latency = new Histogram({
      name: 'flywheel_http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: LATENCY_BUCKETS,
      registers,
    });
    this.#pending = new Gauge({
      name: 'flywheel_deliveries_pending',
      help: 'Deliveries stored and not yet decided.',
      registers,
    });
    this.#lag = new Gauge({
      name: 'flywheel_projection_lag_positions',
      help: 'Positions that the slowest read model is behind the head of the log.',
      registers,
    });
    this.#journal = new Gauge({
      name: 'flywheel_journal_lag_seconds',
      help: 'Seconds since the journal held all of the log; absent where the log is in PostgreSQL.',
      registers,
    });
    this.#deliveries = new Gauge({
      name: 'flywheel_deliveries',
      help: 'Deliveries by what became of them.',
      labelNames: ['outcome'],
      registers,
    });
    this.#checks = checkGauges(registers);
    this.#months = monthGauges(registers);
  }

  acknowledged(status: 'stored' | 'duplicate'): void {
    this.#acks[status] += 1;
  }

  /** A delivery whose signature did not hold; `code` from the provider's bounded set. */
  refused(code: string): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  /** A request that came too often; `counted` from the bounded set of rate-limits.ts. */
  limited(counted: string): void {
    this.#limited.set(counted, (this.#limited.get(counted) ?? 0) + 1);
  }

  /** A delivery that could not be stored. */
  unavailable(): void {
    this.#unavailable += 1;
  }

  /** A request that was answered. `route` is the router's pattern, never an address. */
  answered(method: string, route: string, status: number, elapsedMs: number): void {
    this.#latency.observe({ method, route, status }, elapsedMs / 1000);
  }

  /** The registry in Prometheus' text format. Rejects when the gauges cannot be read. */
  async text(): Promise<string> {
    await this.#readGauges();
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  async #readGauges(): Promise<void> {
    // A gauge that cannot be read is absent: an old number would look alive.
    for (const gauge of [this.#pending, this.#lag, this.#journal]) gauge.remove();
    this.#deliveries.reset();
    for (const gauge of Object.values(this.#checks)) gauge.reset();
    for (const gauge of Object.values(this.#months)) gauge.remove();
    const read = await this.gauges().catch(() => undefined);
    if (read === undefined) return;
    this.#pending.set(read.pendingDeliveries);
    this.#lag.set(read.lagPositions);
    if (read.journalLagSeconds !== undefined) this.#journal.set(read.journalLagSeconds);
    for (const [outcome, n] of Object.entries(read.deliveriesByOutcome))
      this.#deliveries.set({ outcome }, n);
    for (const check of read.checks ?? []) setCheck(this.#checks, check);
    for (const [name, value] of Object.entries(read.months ?? {}))
      if (value !== undefined) this.#months[name as keyof MonthGauges].set(value);
  }

  #registerTallies(registers: Registry[]): void {
    const acks = this.#acks;
    const refused = this.#refused;
    const limited = this.#limited;
    const unavailable = (): number => this.#unavailable;
    new Counter({
      name: 'flywheel_webhook_acks_total',
      help: 'Deliveries answered with 200, by status.',
      labelNames: ['status'],
      registers,
      collect() {
        this.reset();
        for (const [status, n] of Object.entries(acks)) this.inc({ status }, n);
      },
    });
    new Counter({
      name: 'flywheel_webhook_refused_total',
      help: 'Deliveries answered with 401, by what was wrong with the signature.',
      labelNames: ['code'],
      registers,
      collect() {
        this.reset();
        for (const [code, n] of refused) this.inc({ code }, n);
      },
    });
    new Counter({
      name: 'flywheel_rate_limited_total',
      help: 'Requests answered with 429, by what they had too many of.',
      labelNames: ['counted'],
      registers,
      collect() {
        this.reset();
        for (const [counted, n] of limited) this.inc({ counted }, n);
      },
    });
    new Counter({
      name: 'flywheel_webhook_unavailable_total',
      help: 'Deliveries answered with 503, because they could not be stored.',
      registers,
      collect() {
        this.reset();
        this.inc(unavailable());
      },
    });
  }
}

type CheckGauges = Readonly<
  Record<'holds' | 'violations' | 'lastRun' | 'duration', Gauge<'check' | 'severity'>>
>;

function checkGauges(registers: Registry[]): CheckGauges {
  const gauge = (name: string, help: string): Gauge<'check' | 'severity'> =>
    new Gauge({ name, help, labelNames: ['check', 'severity'], registers });
  return {
    holds: gauge('flywheel_check_holds', '1: the check held when it was last run.'),
    violations: gauge('flywheel_check_violations', 'Rows that contradicted it.'),
    lastRun: gauge('flywheel_check_last_run_timestamp_seconds', 'When it was last run.'),
    duration: gauge('flywheel_check_duration_seconds', 'How long its last run took.'),
  };
}

function monthGauges(registers: Registry[]): Record<keyof MonthGauges, Gauge> {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  return {
    blocked: gauge('flywheel_months_blocked', 'Creators whose next month cannot be closed.'),
    due: gauge('flywheel_months_due', 'Creators whose next month is due and not closed yet.'),
    lastClosedAt: gauge(
      'flywheel_months_last_closed_timestamp_seconds',
      'When a month was closed last.',
    ),
    nextDueAt: gauge(
      'flywheel_months_next_due_timestamp_seconds',
      'When the next month is due; in the past: it is overdue.',
    ),
  };
}

function setCheck(gauges: CheckGauges, check: CheckGauge): void {
  const labels = { check: check.name, severity: check.severity };
  gauges.holds.set(labels, check.holds ? 1 : 0);
  gauges.violations.set(labels, check.violations);
  gauges.lastRun.set(labels, check.ranAt / 1000);
  gauges.duration.set(labels, check.durationMs / 1000);
}
