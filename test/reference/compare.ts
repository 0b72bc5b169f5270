/**
 * Compares the figures of the reference model with those read from a ledger, table by table and
 * field by field, whatever order the rows come in.
 */
import type { Figures } from './shapes.js';

export type TableName = keyof Figures;

export interface Difference {
  readonly table: TableName;
  /** The row's key, for people: `creatorId=biz_a memberId=user_b month=2025-01`. */
  readonly key: string;
  /** The field that differs; null: the whole row is missing, unexpected or there twice. */
  readonly field: string | null;
  readonly expected: string | null;
  readonly actual: string | null;
}

interface TableShape {
  readonly key: readonly string[];
  readonly fields: readonly string[];
  /** A row of a sums table whose figures are all zero says the same as no row. */
  readonly sums: boolean;
}

const paid = ['paidAt', 'month', 'day', 'currency'];
const shares = ['saleMinor', 'memberMinor', 'creatorMinor', 'platformMinor'];
const revenue = ['initial', 'recurring', 'organic', 'referred'];

/** The shape of every table: what names a row, what is compared. */
export const TABLES: Readonly<Record<TableName, TableShape>> = {
  creators: { key: ['creatorId'], fields: ['timeZone', 'currency'], sums: false },
  members: {
    key: ['creatorId', 'memberId'],
    fields: ['referralCode', 'signedUpAt', 'referrerId', 'totalReferrals', 'tier'],
    sums: false,
  },
  referrals: {
    key: ['creatorId', 'memberId'],
    fields: ['referrerId', 'signedUpAt', 'convertedAt', 'month', 'paymentId'],
    sums: false,
  },
  payments: {
    key: ['creatorId', 'paymentId'],
    fields: ['memberId', 'referrerId', 'kind', ...paid, ...shares],
    sums: false,
  },
  memberTotals: {
    key: ['creatorId', 'memberId', 'currency'],
    fields: ['earningsMinor'],
    sums: true,
  },
  memberMonths: {
    key: ['creatorId', 'memberId', 'month'],
    fields: ['referrals', 'signUps'],
    sums: true,
  },
  memberMonthEarnings: {
    key: ['creatorId', 'memberId', 'month', 'currency'],
    fields: ['earningsMinor'],
    sums: true,
  },
  memberDayEarnings: {
    key: ['creatorId', 'memberId', 'day', 'currency'],
    fields: ['earningsMinor'],
    sums: true,
  },
  creatorMonths: { key: ['creatorId', 'month'], fields: ['referrals', 'signUps'], sums: true },
  creatorMonthRevenue: {
    key: ['creatorId', 'month', 'currency'],
    fields: ['revenueMinor', ...revenue.flatMap((one) => [`${one}Payments`, `${one}Minor`])],
    sums: true,
  },
  rankings: {
    key: ['creatorId', 'asOf', 'memberId'],
    fields: ['rank', 'totalReferrals', 'reachedAt', 'tier'],
    sums: false,
  },
  reversals: {
    key: ['creatorId', 'reversalId'],
    fields: [
      ...['paymentId', 'memberId', 'referrerId', 'at', 'month', 'day', 'currency'],
      ...[...shares, 'reversesReferral'],
    ],
    sums: false,
  },
  creatorMonthRefunds: {
    key: ['creatorId', 'month', 'currency'],
    fields: ['refundsMinor'],
    sums: true,
  },
  memberMonthReversed: {
    key: ['creatorId', 'memberId', 'month'],
    fields: ['reversedReferrals'],
    sums: true,
  },
  misfits: { key: ['id'], fields: ['kind'], sums: false },
  parked: { key: ['id'], fields: ['kind'], sums: false },
};

export interface WhatToCompare {
  /** By default every table. */
  readonly tables?: readonly TableName[];
  /** Fields that the reader of `actual` cannot know, as `table.field`: named, never guessed. */
  readonly except?: readonly string[];
}

/**
 * All differences, none when the books agree. Values are compared as written, so a count may come
 * as number, bigint or string; `undefined` and `null` are the same absence.
 */
export function compareBooks(
  expected: Figures,
  actual: Partial<Figures>,
  { tables = Object.keys(TABLES) as TableName[], except = [] }: WhatToCompare = {},
): Difference[] {
  return tables.flatMap((table) => {
    const rows = actual[table];
    if (rows === undefined) throw new Error(`no actual rows given for ${table}`);
    return compareTable(table, expected[table], rows, except);
  });
}

type Row = Readonly<Record<string, unknown>>;

function compareTable(
  table: TableName,
  expected: readonly object[],
  actual: readonly object[],
  except: readonly string[],
): Difference[] {
  const shape = TABLES[table];
  const fields = shape.fields.filter((field) => !except.includes(`${table}.${field}`));
  const compared = { ...shape, fields };
  const wanted = byKey(compared, expected as Row[]);
  const found = byKey(compared, actual as Row[]);
  const keys = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  return keys.flatMap((key): Difference[] => {
    const [want, ...moreWanted] = wanted.get(key) ?? [];
    const [got, ...moreFound] = found.get(key) ?? [];
    const whole = { table, key, field: null };
    if (want === undefined || got === undefined || moreFound.length + moreWanted.length > 0) {
      const one = (rows: Row[] | undefined) => rows?.map((row) => said(row, fields)).join(' + ');
      return [
        { ...whole, expected: one(wanted.get(key)) ?? null, actual: one(found.get(key)) ?? null },
      ];
    }
    return fields
      .filter((field) => text(want[field]) !== text(got[field]))
      .map((field) => ({
        table,
        key,
        field,
        expected: text(want[field]),
        actual: text(got[field]),
      }));
  });
}

function byKey(shape: TableShape, rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    if (shape.sums && shape.fields.every((field) => text(row[field]) === '0')) continue;
    const key = said(row, shape.key);
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  return found;
}

function said(row: Row, fields: readonly string[]): string {
  return fields.map((field) => `${field}=${text(row[field])}`).join(' ');
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
