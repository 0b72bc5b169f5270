/** Looks for somebody's words everywhere: in what the database holds, and in what the key opens of it. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { type BodyRow, openBody } from '#libs/ingestion';
import { openProfile, type Vault } from '#libs/vault';

/** Every column of every table of every schema but PostgreSQL's own; where a word was found. */
export async function wordsInDatabase(db: Database, words: readonly string[]): Promise<string[]> {
  const { rows: columns } = await sql<{ schema: string; name: string; column: string }>`
    select n.nspname as schema, c.relname as name, a.attname as column
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^(pg_|information_schema)'
    order by 1, 2, 3`.execute(db);
  const found: string[] = [];
  for (const { schema, name, column } of columns) {
    const at = sql.ref(`t.${column}`);
    const { rows } = await sql<{ word: string }>`
      select w.word from unnest(${[...words]}::text[]) as w(word)
      where exists (select from ${sql.id(schema, name)} t
        where position(lower(w.word) in lower(${at}::text)) > 0
          or position(encode(convert_to(w.word, 'UTF8'), 'hex') in ${at}::text) > 0)`.execute(db);
    for (const { word } of rows) found.push(`${schema}.${name}.${column}: ${word}`);
  }
  if (columns.length === 0) throw new Error('there is no table to look into');
  return found;
}

/** The same of bodies and profiles, as the key opens them. */
export async function wordsOpened(
  db: Database,
  vault: Vault,
  words: readonly string[],
): Promise<string[]> {
  const bodies = await sql<BodyRow & { id: string; outcome: string; type: string | null }>`
    select id, outcome, type, provider, delivery_id, body_sha256, body_form, body
    from deliveries where body is not null`.execute(db);
  const profiles = await sql<{ creator_id: string; member_id: string; sealed: Buffer }>`
    select creator_id, member_id, sealed from profiles where sealed is not null`.execute(db);
  const opened = [
    ...bodies.rows.map((row) => ({
      where: `${row.outcome} ${row.type ?? `delivery ${row.id}`}`,
      text: openBody(vault, row).toString('utf8'),
    })),
    ...profiles.rows.map(({ creator_id: creatorId, member_id: memberId, sealed }) => ({
      where: `profile of ${memberId}`,
      text: JSON.stringify(openProfile(vault, { creatorId, memberId }, sealed)),
    })),
  ];
  return opened.flatMap(({ where, text }) =>
    words.some((word) => text.toLowerCase().includes(word.toLowerCase())) ? [where] : [],
  );
}
