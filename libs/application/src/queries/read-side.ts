/**
 * What every query shares: which schema to read, a creator's settings, and which month is meant.
 *
 * A query is one statement, and its month and currency depend on settings that it reads itself. So
 * it runs with the settings last seen of this creator; when the statement answers others, it runs
 * once more with those. Settings change rarely: almost every query is one round trip.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database, Transaction } from '#libs/database';
import {
  type Calendar,
  type Clock,
  type CreatorEvent,
  type Defaults,
  DomainError,
  type Instant,
  instantOf,
  nextMonth,
  Settings,
  timelineOf,
  withSetting,
} from '#libs/ledger';
import type { ProjectionWatch } from '#libs/projector';
import { Marks, Names, openSecret, type SealedName, storedSecret, type Vault } from '#libs/vault';
import {
  type AsOf,
  databaseState,
  inOneSnapshot,
  openSnapshot,
  type Read,
  type ReadSource,
  type Snapshot,
  settingsOf,
} from '#projections';
import { GatheredReads } from './gathered-reads.js';
import { KeptReads } from './kept-reads.js';

export interface ReadSideParts {
  readonly db: Database;
  readonly watch: Pick<ProjectionWatch, 'pointer'>;
  readonly clock: Clock;
  /** Opens names. */
  readonly vault: Vault;
}

/** What a member is called, by the sealed name of its row; undefined: nobody has told it. */
export type NameOf = (memberId: string, name: SealedName | null) => string | undefined;

/** The month asked for, on the creator's calendar. */
export interface Period {
  readonly month: string;
  /** First local day of the month after. */
  readonly before: string;
  readonly isCurrent: boolean;
  /** Instant whose tiers and pins are in force: now for the current month, else the month's last. */
  readonly at: Instant;
  readonly timeZone: string;
}

export interface Answer<T> extends View {
  readonly asOf: AsOf;
  readonly rows: readonly T[];
  readonly beside?: readonly unknown[];
}

/** What an answer goes by. */
export interface View {
  readonly settings: Settings;
  readonly period: Period;
  readonly currency: string;
  readonly nameOf: NameOf;
}

export interface Asked {
  readonly creatorId: string;
  readonly month?: string | undefined;
  readonly currency?: string | undefined;
}

/** Everything that is asked here is answered from one position. */
export interface FixedReads {
  readonly reads: ReadSide;
  readonly db: Transaction;
  readonly schema: string;
  readonly asOf: AsOf;
}

interface Known {
  readonly text: string;
  readonly settings: Settings;
}

/** Each holds a connection as long as its reader takes. */
const MAX_EXPORTS = 3;
/** Likewise, for as long as the log is read. */
const MAX_FIXED = 4;
/** Who wait for one of them; each takes milliseconds, but for large communities. */
const MAX_WAITING = 100;
const MAX_KNOWN = 10_000;
const MAX_ATTEMPTS = 10;
const POINTER_RETRY_MS = 25;
const POINTER_LIMIT_MS = 5_000;

export class ReadSide {
  private readonly known = new Map<string, Known>();
  /** For the page that everybody opens. */
  readonly gathered = new GatheredReads();
  readonly kept: KeptReads;

  /** Snapshots that are open. */
  private exporting = 0;
  private fixed = 0;
  private readonly waiting: (() => void)[] = [];

  /** A pointer was seen once: there will always be one. */
  private served = false;

  private marks: Marks | undefined;

  constructor(
    private readonly parts: ReadSideParts,
    readonly names = new Names(parts.vault),
  ) {
    this.kept = new KeptReads(() => databaseState(parts.db));
  }

  /** Runs a query for a creator. Throws `creator_not_found`, `month_in_future`. */
  async ask<T>(
    asked: Asked,
    run: (
      source: ReadSource,
      period: Period,
      currency: string,
      settings: Settings,
    ) => Promise<Read<T> | undefined>,
  ): Promise<Answer<T>> {
    const { creatorId } = asked;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { settings, text } = this.known.get(creatorId) ?? (await this.learn(creatorId));
      const period = periodOf(settings.calendar, this.now, asked.month);
      const currency = asked.currency ?? settings.currencyAt(period.at);
      const read = await this.withSource((source) => run(source, period, currency, settings));
      const nameOf = this.nameIn(creatorId);
      if (read.settings === text) return { ...read, settings, period, currency, nameOf };
      this.remember(creatorId, read.settings);
    }
    throw new Error(`the settings of ${creatorId} never came to rest`);
  }

  /** The month asked for on a creator's calendar. Throws `creator_not_found`, `month_in_future`. */
  async periodAsked(asked: Asked): Promise<Period> {
    const { period } = await this.ask(asked, (source) => settingsOf(source, asked.creatorId));
    return period;
  }

  /** Runs a statement on the read models' present schema, again when a promote has just moved it. */
  async withSource<R>(run: (source: ReadSource) => Promise<R | undefined>): Promise<R> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const schema = await this.schema();
      const result = await run({ db: this.parts.db, schema });
      if (result !== undefined) return result;
      // The watch hears of a promote within milliseconds.
      await delay(POINTER_RETRY_MS * attempt);
    }
    throw new Error('the pointer of the read models never came to rest');
  }

  /**
   * One position for many statements, and what is asked of it. Whoever gets it must close it.
   * Throws as `ask` does, and `exports_busy` while there are too many.
   */
  async snapshot(asked: Asked): Promise<{ view: View; asOf: AsOf; snapshot: Snapshot }> {
    if (this.exporting >= MAX_EXPORTS)
      throw new DomainError('exports_busy', `${MAX_EXPORTS} exports are under way: try again soon`);
    this.exporting += 1;
    let opened: Snapshot | undefined;
    let left = false;
    const close = async (): Promise<void> => {
      if (left) return;
      left = true;
      this.exporting -= 1;
      await opened?.close();
    };
    try {
      const { creatorId, month } = asked;
      await this.schema();
      opened = await openSnapshot(this.parts.db, creatorId);
      if (opened === undefined) throw missing();
      const { asOf, settings: text } = opened;
      const { settings } = this.remember(creatorId, text);
      const period = periodOf(settings.calendar, this.now, month);
      const currency = asked.currency ?? settings.currencyAt(period.at);
      const view = { settings, period, currency, nameOf: this.nameIn(creatorId) };
      return { view, asOf, snapshot: { ...opened, close } };
    } catch (error) {
      await close();
      throw error;
    }
  }

  /**
   * Many questions, and the log beside them, in one snapshot of the database: what is compared was
   * true at the same position, however much is told meanwhile. Throws `read_models_missing`,
   * `explanations_busy`.
   */
  async atOnePosition<T>(work: (fixed: FixedReads) => Promise<T>): Promise<T> {
    await this.schema();
    if (this.fixed >= MAX_FIXED) {
      if (this.waiting.length >= MAX_WAITING)
        throw new DomainError('explanations_busy', 'too many ask for explanations: try again soon');
      // Whoever is done hands their place on.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.fixed += 1;
    try {
      const done = await inOneSnapshot(this.parts.db, async ({ db, schema, asOf }) => {
        const watch = { pointer: async () => schema };
        const reads = new ReadSide({ ...this.parts, db, watch }, this.names);
        return { answer: await work({ reads, db, schema, asOf }) };
      });
      if (done === undefined) throw missing();
      return done.answer;
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.fixed -= 1;
      else next();
    }
  }

  /** What opens names and bodies. */
  get vault(): Vault {
    return this.parts.vault;
  }

  /** Of the members of a creator. */
  nameIn(creatorId: string): NameOf {
    return (memberId, name) => this.names.open(creatorId, memberId, name);
  }

  /** Of how the words of a name may begin; none while nobody has a name. */
  async searchMarks(creatorId: string, text: string): Promise<readonly bigint[]> {
    const { db, vault } = this.parts;
    if (this.marks === undefined) {
      const stored = await storedSecret(db);
      if (stored === undefined) return [];
      this.marks = new Marks(openSecret(vault, stored));
    }
    return this.marks.ofSearch(creatorId, text);
  }

  /** Throws `read_models_missing` while no worker has made any. */
  private async schema(): Promise<string> {
    if (this.served) return this.parts.watch.pointer();
    const late = new AbortController();
    const tooLong = delay(POINTER_LIMIT_MS, undefined, { signal: late.signal }).catch(
      () => undefined,
    );
    // Also a watch that is closed leaves no timer behind, which would keep the process.
    const schema = await Promise.race([this.parts.watch.pointer(), tooLong]).finally(() =>
      late.abort(),
    );
    this.served = schema !== undefined;
    if (schema !== undefined) return schema;
    throw missing();
  }

  get now(): Instant {
    return instantOf(this.parts.clock.now());
  }

  private async learn(creatorId: string): Promise<Known> {
    const read = await this.withSource((source) => settingsOf(source, creatorId));
    return this.remember(creatorId, read.settings);
  }

  private remember(creatorId: string, text: string | null): Known {
    if (text === null) {
      this.known.delete(creatorId);
      throw new DomainError('creator_not_found', `no creator ${creatorId} is known`);
    }
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    const known = { text, settings: parseSettings(text) };
    this.known.set(creatorId, known);
    return known;
  }
}

/** A month on a calendar, the current one if none is asked for. Throws `month_in_future`. */
export function periodOf(calendar: Calendar, now: Instant, asked: string | undefined): Period {
  const current = calendar.monthOf(now);
  const month = asked ?? current;
  if (month > current) {
    throw new DomainError(
      'month_in_future',
      `${month} has not begun: the current month is ${current}`,
    );
  }
  const isCurrent = month === current;
  return {
    month,
    before: `${nextMonth(month)}-01`,
    isCurrent,
    at: isCurrent ? now : calendar.endOfMonth(month) - 1,
    timeZone: calendar.zoneOfMonth(month),
  };
}

const missing = (): DomainError =>
  new DomainError('read_models_missing', 'the read models are being made: try again soon');

type SettingRow = readonly [setting: CreatorEvent['type'], effectiveAt: number, value: string];

/** Settings from the text that `readOf` answers: the same fold as the decider's. */
export function parseSettings(text: string): Settings {
  const [defaults, rows] = JSON.parse(text) as readonly [string, readonly SettingRow[] | null];
  const timeline = (rows ?? []).reduce(
    (sofar, [type, effectiveAt, value]) =>
      withSetting(sofar, { type, effectiveAt, data: JSON.parse(value) } as CreatorEvent),
    timelineOf(JSON.parse(defaults) as Defaults),
  );
  return new Settings(timeline);
}
