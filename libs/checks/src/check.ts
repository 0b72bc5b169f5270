/**
 * A check: one sentence that must always hold, and a query for what contradicts it. No rows means
 * that it holds; each row names its keys and both numbers, so that nobody has to search.
 */
import { type RawBuilder, sql } from 'kysely';

/** Where a run looks: the schema of the read models, and the position that they contain. */
export interface Scope {
  readonly schema: string;
  /** Of the last event in the read models. The log may be further: they are compared up to here. */
  readonly position: bigint;
  /** Only what is this creator's is looked at: `schema` holds the rows, `streamsOf` names the events. */
  readonly creatorId?: string;
}

/** `error`: something is wrong. `warning`: legal, and somebody should look at it. */
export type Severity = 'error' | 'warning';

/**
 * What is done about a check that fails. `replay`: read models say something else than the log, and
 * are made from it again. `deliveries`: somebody decides about deliveries. Null: the log itself, or
 * nothing to be done.
 */
export type Remedy = 'replay' | 'deliveries' | null;

/** What several checks read and is made once a run, as a temporary table or view. */
export interface Stage {
  readonly table: string;
  /** The column by which it is looked up again and again. */
  readonly index?: string;
  /** Made before it. */
  readonly after?: Stage;
  /** Both sides of its join come in order anyway: merging them is half the work of hashing them. */
  readonly inOrder?: true;
  /**
   * How long it and what comes of it take, beside others: seconds once measured for a million
   * payments. Two sessions that take the longest first end at the same time.
   */
  readonly seconds?: number;
  /** Its rows or its proof add up with the session's own sum (sums.ts). */
  readonly sums?: true;
  readonly rows: (scope: Scope) => RawBuilder<unknown>;
  /** Of the whole log, whoever is asked about; who looks at one creator alone does without it. */
  readonly whole?: true;
  /** A read model that has the same rows, if it is sound. */
  readonly twin?: Twin;
}

/**
 * Once each row of the read model has been compared with the log, and none is missing, it is the
 * same to read it or to make the rows anew; and the former costs nothing.
 */
export type Twin = (
  | {
      /** Selects true where `as` has the rows of the stage, all of them and no others; sums of zero are none. */
      readonly proof: (scope: Scope) => RawBuilder<unknown>;
    }
  | {
      /** Where this stage, from which both come, has been proved to be its twin, nothing is left to prove. */
      readonly given: Stage;
    }
) & { readonly as: (scope: Scope) => RawBuilder<unknown> };

export interface Check {
  /** kebab-case, stable: programs choose by it. */
  readonly name: string;
  /** The sentence that holds, for people. */
  readonly why: string;
  readonly severity: Severity;
  readonly remedy: Remedy;
  /** The read model that is compared with the log, row by row; absent: it looks at something else. */
  readonly table?: string;
  readonly stages: readonly Stage[];
  /** Looks across creators or at the log as such: it reads everything, whoever it is asked about. */
  readonly whole?: true;
  /** The proofs of the twins of all these stages together say all that the check asks. */
  readonly impliedBy?: readonly Stage[];
  /** Selects true only where the check holds; it may be null or false there too. Cheaper than to name rows. */
  readonly proof?: (scope: Scope) => RawBuilder<unknown>;
  /** As of stages. */
  readonly inOrder?: true;
  /**
   * A select of `key` (jsonb of texts), `creator_id` (null: the log itself, or of no creator),
   * `expected` and `actual` (jsonb of texts; null: no such row).
   */
  readonly violations: (scope: Scope) => RawBuilder<unknown>;
}

type Declared = Omit<Check, 'severity' | 'remedy' | 'stages'> &
  Partial<Pick<Check, 'severity' | 'remedy' | 'stages'>>;

/** Declares a check; an error that nothing mends, unless it says otherwise. */
export function checkOf(declared: Declared): Check {
  if (!/^[a-z][a-z0-9-]{2,60}$/.test(declared.name))
    throw new Error(`a check is named in kebab-case, not '${declared.name}'`);
  return { severity: 'error', remedy: null, stages: [], ...declared };
}

/** Rows that contradict a check, as people and programs read them. */
export interface Violation {
  readonly key: Readonly<Record<string, string>>;
  /** Whose books are concerned; null: the log itself, or nobody's in particular. */
  readonly creatorId: string | null;
  /** Fields that differ, amounts as text; null: there should be no such row. */
  readonly expected: Fields | null;
  /** Null: there is no such row. */
  readonly actual: Fields | null;
}
export type Fields = Readonly<Record<string, string | null>>;

/** A read model of the schema that the pointer names. */
export const readModel = (scope: Scope, table: string): RawBuilder<unknown> =>
  sql`${sql.id(scope.schema, table)}`;

/**
 * Events of the streams of a category up to the position: of all creators or of the one in scope.
 * Literals: `create table as` takes no parameters.
 */
export function streamsOf(
  { position, creatorId }: Scope,
  category: keyof typeof AFTER_CREATOR,
  table: string,
): RawBuilder<unknown> {
  const stream = sql.ref(`${table}.stream`);
  const through = sql`${sql.ref(`${table}.position`)} <= ${sql.lit(String(position))}::bigint`;
  const [separator, next] = AFTER_CREATOR[category];
  const name = `${category}-${creatorId ?? ''}`;
  if (creatorId !== undefined && separator === '')
    return sql`${stream} = ${sql.lit(name)} and ${through}`;
  // The character after the separator, or after the dash: what begins so lies between, bytewise.
  const [from, to] =
    creatorId === undefined ? [name, `${category}.`] : [name + separator, name + next];
  const within = sql`${stream} >= ${sql.lit(from)} and ${stream} < ${sql.lit(to)} and ${through}`;
  if (creatorId === undefined || category !== 'snapshot') return within;
  return sql`${within} and ${monthFollows(`${table}.stream`, creatorId)}`;
}
/** Rows of a creator's snapshots, by the column `snapshot`. */
export const snapshotsOf = (creatorId: string): RawBuilder<unknown> =>
  sql`snapshot >= ${sql.lit(`snapshot-${creatorId}_`)} and snapshot < ${sql.lit(`snapshot-${creatorId}\``)}
    and ${monthFollows('snapshot', creatorId)}`;

/** A longer id may begin like this one: only a month may follow. */
const monthFollows = (column: string, creatorId: string): RawBuilder<unknown> =>
  sql`substr(${sql.ref(column)}, ${sql.lit(`snapshot-${creatorId}_`.length + 1)}) ~ '^[0-9]{4}-[0-9]{2}_v'`;

/** What follows a creator in the names of streams, and the character after it. */
const AFTER_CREATOR = {
  member: ['.', '/'],
  snapshot: ['_', '`'],
  creator: ['', ''],
  months: ['', ''],
} as const;

export const staged = (stage: Stage): RawBuilder<unknown> => sql`${sql.id('pg_temp', stage.table)}`;

/** jsonb of camelCase names and the texts of expressions; null stays null. */
export const fieldsOf = (fields: Readonly<Record<string, string>>): RawBuilder<unknown> =>
  sql.raw(
    `jsonb_build_object(${Object.entries(fields)
      .map(([name, expression]) => `'${name}', (${expression})::text`)
      .join(', ')})`,
  );

/** A select of one kind of contradiction; the expressions are columns of `from`. */
export function contradiction(parts: {
  readonly key: Readonly<Record<string, string>>;
  readonly creator: string;
  readonly expected: Readonly<Record<string, string>> | null;
  readonly actual: Readonly<Record<string, string>> | null;
  readonly from: RawBuilder<unknown>;
}): RawBuilder<unknown> {
  const fields = (of: Readonly<Record<string, string>> | null): RawBuilder<unknown> =>
    of === null ? sql`null::jsonb` : fieldsOf(of);
  return sql`select ${fieldsOf(parts.key)} as key, (${sql.raw(parts.creator)})::text as creator_id,
    ${fields(parts.expected)} as expected, ${fields(parts.actual)} as actual ${parts.from}`;
}

/** All of several kinds. */
export const contradictions = (...kinds: readonly RawBuilder<unknown>[]): RawBuilder<unknown> =>
  sql.join(kinds, sql` union all `);

export const camel = (snake: string): string =>
  snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
