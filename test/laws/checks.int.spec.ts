/**
 * The proof of the checks: whatever is changed behind the program's back is found and named by its
 * key, and what was not changed is not accused.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  type ChecksRun,
  camel,
  checkIn,
  checks,
  inSnapshot,
  logicalChecks,
  runChecks,
  type Violation,
} from '#libs/checks';
import { type Database, openDatabase, type Transaction } from '#libs/database';
import { drawCode } from '#libs/ledger';
import { type Shape, shapeOf } from '#libs/projector';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { register } from '#projections';
import { historyOf } from '../reference/histories.js';
import { randomOf } from '../reference/random.js';
import { closingOf } from './closed-months.js';
import { disjointEdits } from './disjoint-edits.js';
import {
  applyEdit,
  changeOfEach,
  DELIVERY_EDITS,
  type Edit,
  keyOf,
  LOG_EDITS,
  type Row,
  rowsOf,
} from './edits.js';
import { deliverHistory, projectAll, settingsOfHistory } from './history-ledger.js';
import { excludeSome, giveOrders } from './orders-of-people.js';

const EDITS = Number(process.env.FLYWHEEL_CHECK_EDITS ?? 1_000);
const EDITS_A_RUN = 25;
const DEFAULT_SEED = 2;
const SEED = Number(process.env.FLYWHEEL_LAW_FIRST_SEED ?? DEFAULT_SEED);
const ALL = 100_000;
const errors = checks.filter(({ severity }) => severity === 'error');
const shapes = register.map(shapeOf);
/** Without these the history would prove little. */
const MUST_HAVE = [
  ...['RefundTold', 'DisputeTold', 'CommissionRestated', 'ReferrerCorrected', 'MembershipAssigned'],
  ...['SnapshotPage', 'MonthClosed', 'MonthRestated'],
  ...['RatesSet', 'TimeZoneSet', 'CurrencySet', 'TiersSet', 'TierPinned'],
];

describe('a ledger with a history', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let schema: string;
  beforeAll(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
    const history = historyOf(SEED, {
      codeOf: (creatorId, userId) => drawCode(creatorId, userId, 0),
      creators: 5,
      members: 30,
    });
    await settingsOfHistory(ledger, history);
    await deliverHistory(ledger, history, SEED);
    const odd = ['{"type":"entry.created","data":{}}', '{', '['].map((body) => ({ body }));
    await ledger.deliver(...odd);
    await ledger.decide();
    const months = closingOf(test, ledger);
    await months.close();
    await giveOrders(test.db, ledger);
    expect(await months.restate()).toBeGreaterThan(0);
    await excludeSome(test.db, ledger);
    schema = (await projectAll(test, ledger)).schema;
  });
  afterAll(() => test.drop());

  it('holds, at the position of its read models', async () => {
    const run = await runChecks({ db: test.db, url: test.url });
    expect(findingsOf(run)).toEqual([]);
    expect(run.results.map(({ name }) => name)).toEqual(checks.map(({ name }) => name));
    expect(run.position).toBe(await ledger.store.head());
    for (const shape of shapes) expect(await rowsOf(test.db, schema, shape)).not.toEqual([]);
    const { rows } = await sql<{ type: string }>`select distinct type from events`.execute(test.db);
    // The history of another seed may lack some.
    if (SEED === DEFAULT_SEED)
      expect(rows.map(({ type }) => type)).toEqual(expect.arrayContaining(MUST_HAVE));
  });

  it(`is proved wrong by each of ${EDITS} edits of its read models, and by nothing else`, async () => {
    const random = randomOf(SEED);
    const rows = new Map<Shape, Row[]>();
    for (const shape of shapes) rows.set(shape, await rowsOf(test.db, schema, shape));
    const fired = new Set<string>();
    const systematic = changeOfEach(shapes);
    const creators = (
      await sql<{ id: string }>`select creator_id as id from ${sql.id(schema, 'creators')}`.execute(
        test.db,
      )
    ).rows.map(({ id }) => id);
    const columns = systematic.map(({ shape, column }) => `${shape.name}.${column}`);
    const seen = new Set<string>();
    let done = 0;
    for (let run = 0; done < EDITS; run++) {
      // Alone too: then all other proofs succeed, and what they imply is not looked at again.
      const count = run % 2 === 1 ? 1 : Math.min(EDITS_A_RUN, EDITS - done);
      const edits = disjointEdits(rows, random, done, count, systematic);
      if (done === 0) edits.push(organic(rows));
      done += edits.length;
      for (const { shape, changed } of edits) seen.add(`${shape.name}.${changed ?? ''}`);
      const concerned = random.pick(creators);
      const { findings, theirs } = await findingsAfter(
        test.db,
        async (tx) => {
          for (const edit of edits) await applyEdit(tx, schema, edit);
        },
        concerned,
      );
      // Asked about one creator alone, the checks find the same of them, and of the log; a row that
      // was given to another creator is to them one that is missing.
      const moved = edits.filter(({ changed }) => changed === 'creator_id');
      const seenBy = (finding: Finding) =>
        moved.some((edit) => isAbout(finding, edit))
          ? { check: finding.check, key: finding.key }
          : finding;
      expect(theirs.map(seenBy)).toEqual(
        findings
          .filter(({ creatorId }) => creatorId === null || creatorId === concerned)
          .map(seenBy),
      );
      for (const edit of edits) expect(missedKeys(edit, findings)).toEqual([]);
      expect(findings.filter((finding) => !edits.some((edit) => isAbout(finding, edit)))).toEqual(
        [],
      );
      for (const { check } of findings) fired.add(check);
    }
    const tables = register.map(({ name }) => `table-${name.replaceAll('_', '-')}`);
    const expected = [...logicalChecks.map(({ name }) => name), ...tables];
    expect([...fired].sort()).toEqual(expected.sort());
    expect(columns.filter((column) => !seen.has(column))).toEqual([]);
  }, 180_000);

  it('is proved wrong by each edit of its deliveries, and by nothing else', async () => {
    const { rows } = await sql<{ id: string; outcome: string }>`
      select id, case when generation = 'order' then 'order' else outcome end as outcome
      from deliveries order by id`.execute(test.db);
    const random = randomOf(SEED);
    const outcomes = new Set(rows.map(({ outcome }) => outcome));
    // The history of another seed may lack some.
    const known = SEED === DEFAULT_SEED ? Object.keys(DELIVERY_EDITS) : [...outcomes];
    expect([...outcomes].sort()).toEqual(known.sort());
    expect(Object.keys(DELIVERY_EDITS)).toEqual(expect.arrayContaining(known));
    const chosen = random.shuffled(rows).slice(0, 150);
    const edited: string[] = [];
    const what: string[] = [];
    const { findings } = await findingsAfter(test.db, async (tx) => {
      for (const { id, outcome } of chosen) {
        const edit = random.pick(DELIVERY_EDITS[outcome] ?? []);
        if (edit.startsWith('delete'))
          await sql`delete from waiting where delivery = ${id}`.execute(tx);
        await sql`${sql.raw(edit)} where id = ${id}`.execute(tx);
        edited.push(id);
        what.push(`${id} ${outcome}: ${edit}`);
      }
      const { rows: invented } = await sql<{ id: string }>`
        insert into deliveries (provider, delivery_id, body_sha256, generation, received_at, outcome, position)
        values ('whop', 'invented', '', 'v1', now(), 'applied', 3) returning id`.execute(tx);
      edited.push(...invented.map(({ id }) => id));
    });
    expect(new Set(findings.map(({ check }) => check))).toEqual(
      new Set(['deliveries-accounted-for']),
    );
    const named = new Set(findings.map(({ key }) => key.delivery));
    expect(what.filter((edit) => !named.has(edit.split(' ')[0]))).toEqual([]);
    expect([...named].sort()).toEqual(edited.sort());
  });

  it.each(LOG_EDITS)('is proved wrong by $what', async ({ edits, names }) => {
    let changed = 0n;
    const owner = openDatabase(test.url, { max: 1, as: 'owner' });
    try {
      const { findings } = await findingsAfter(owner, async (tx) => {
        await sql`set local session_replication_role = replica`.execute(tx);
        for (const edit of edits) {
          const { numAffectedRows } = await sql.raw(edit).execute(tx);
          changed += numAffectedRows ?? 0n;
        }
      });
      const found = new Set(findings.map(({ check }) => check));
      // The history of another seed may have few such events, or none.
      if (SEED !== DEFAULT_SEED) expect(found.size > 0).toBe(changed > 0n);
      else for (const name of names) expect(found).toContain(name);
    } finally {
      await owner.destroy();
    }
  });
});

interface Finding extends Violation {
  readonly check: string;
}

/** What contradicts the checks that are errors. */
function findingsOf({ results }: Pick<ChecksRun, 'results'>): Finding[] {
  return results
    .filter(({ severity }) => severity === 'error')
    .flatMap(({ name, first }) => first.map((violation) => ({ check: name, ...violation })));
}

class Undo extends Error {}

async function findingsAfter(
  db: Database,
  edit: (tx: Transaction) => Promise<void>,
  creatorId = '',
): Promise<{ readonly findings: Finding[]; readonly theirs: Finding[] }> {
  let findings: Finding[] = [];
  let theirs: Finding[] = [];
  await inSnapshot(db, async (tx) => {
    await edit(tx);
    findings = findingsOf(await checkIn(tx, { checks: errors, examples: ALL }));
    theirs = findingsOf(await checkIn(tx, { checks: errors, examples: ALL, creatorId }));
    throw new Undo();
  }).catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error;
  });
  return { findings, theirs };
}

/** A referred member who converted, made organic by the sign-up alone: what few edits by chance are. */
function organic(rows: ReadonlyMap<Shape, readonly Row[]>): Edit {
  const shape = shapes.find(({ name }) => name === 'referrals');
  const all = (shape && rows.get(shape)) ?? [];
  const converted = all.filter(({ kind }) => kind === 'conversion').at(-1);
  const before = all.find(
    (row) =>
      row.kind === 'signUp' &&
      row.referrer_id !== '' &&
      row.creator_id === converted?.creator_id &&
      row.member_id === converted?.member_id,
  );
  if (shape === undefined || before === undefined) throw new Error('nobody converted');
  return { shape, what: 'organic', before, after: { ...before, referrer_id: '' } };
}

const texts = (row: Row): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      camel(name),
      value === null ? null : String(value),
    ]),
  );

/** Keys of the rows that an edit touched and its table's check did not name. */
function missedKeys({ shape, what, before, after }: Edit, findings: readonly Finding[]): string[] {
  const check = `table-${shape.name.replaceAll('_', '-')}`;
  const named = new Set(
    findings.filter((finding) => finding.check === check).map(({ key }) => canonical(key)),
  );
  return [before, after]
    .flatMap((row) => (row === undefined ? [] : [canonical(texts(keyOf(shape, row)))]))
    .filter((key) => !named.has(key))
    .map((key) => `${what}: ${key}`);
}

const canonical = (key: Record<string, unknown>): string =>
  JSON.stringify(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Whether a finding speaks of a row that was edited: it names it, or names it as a referrer. */
function isAbout({ key, actual }: Finding, { before, after }: Edit): boolean {
  return [before, after].some((row) => {
    if (row === undefined) return false;
    const told = texts(row);
    const agrees = (other: Readonly<Record<string, string | null>>): boolean =>
      Object.entries(other).every(([name, value]) => !(name in told) || told[name] === value);
    const { memberId: _, ...rest } = key;
    return (
      agrees(key) ||
      // The table of months and the lines of the log name a referrer: the former as the member.
      (agrees(rest) && key.memberId !== undefined && told.referrerId === key.memberId) ||
      (agrees(rest) && actual?.referrerId !== undefined && actual.referrerId === told.memberId)
    );
  });
}
