/**
 * What the checks find of one creator, or of the log, at the moment of a close (product.md, "Months":
 * Refused). What a close reads is looked at afresh, the rows of this creator alone, so that it costs
 * what the creator is. What is not of one creator, and what a close does not read (days, the pages of
 * earlier snapshots), counts as the last run found it, if that is recent; what failed there is looked
 * at again, for it may have been repaired, and may concern somebody else.
 */
import type { Database } from '#libs/database';
import type { Check, Violation } from './check.js';
import { checks } from './register.js';
import { lastResults, ranWithin } from './results.js';
import { checkIn } from './run-checks.js';
import type { CheckRunner } from './runner.js';
import { inSnapshot } from './sessions.js';

export interface CreatorFinding {
  /** The check's name. */
  readonly check: string;
  /** What contradicts it, in words. */
  readonly detail: string;
}

/** A close does not read them. Looking at the pages costs more with every month that was ever closed. */
const NOT_READ = [
  ...['table-lines', 'table-member-days', 'table-creator-days', 'table-members', 'table-rankings'],
  ...['snapshots-as-sealed', 'table-snapshot-members'],
];
const errors = checks.filter(({ severity }) => severity === 'error');
const isKept = ({ name, whole }: Check): boolean => whole === true || NOT_READ.includes(name);
const kept = errors.filter(isKept);
const afresh = errors.filter((check) => !isKept(check));

/** An older result says nothing any more. */
const MAX_AGE_MS = 24 * 3_600_000;

export class CreatorFindings {
  /** One at a time: a run takes memory for its joins. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: { readonly db: Database; readonly runner: CheckRunner }) {}

  /** Throws `read_models_missing`; `checks_running` when others have run checks for a minute. */
  findingsFor(creatorId: string): Promise<readonly CreatorFinding[]> {
    const turn = this.#queue.then(() => this.#look(creatorId));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #look(creatorId: string): Promise<readonly CreatorFinding[]> {
    const failing = await this.#failingOfKept();
    const asked = [...afresh, ...kept.filter(({ name }) => failing.has(name))];
    const { results } = await inSnapshot(this.parts.db, (tx) =>
      checkIn(tx, { checks: asked, creatorId, examples: 1 }),
    );
    return results
      .filter(({ holds }) => !holds)
      .map(({ name, violations, first }) => ({ check: name, detail: said(violations, first[0]) }));
  }

  async #failingOfKept(): Promise<ReadonlySet<string>> {
    const { db } = this.parts;
    // Nobody has looked for long, or ever: it is looked now, at all of them.
    if (!(await ranWithin(db, kept, MAX_AGE_MS)))
      await this.parts.runner.runWhenFree(kept.map(({ name }) => name));
    const last = await lastResults(db);
    return new Set(last.filter(({ holds }) => !holds).map(({ name }) => name));
  }
}

function said(violations: number, first: Violation | undefined): string {
  const rows = violations === 1 ? 'one row' : `${violations} rows, the first`;
  if (first === undefined) return rows;
  const { key, expected, actual } = first;
  return `${rows}: ${listed(key)}; expected ${listed(expected)}, found ${listed(actual)}`;
}

const listed = (fields: Readonly<Record<string, string | null>> | null): string =>
  fields === null
    ? 'no such row'
    : Object.entries(fields)
        .map(([name, value]) => `${name} ${value ?? 'none'}`)
        .join(', ');
