/**
 * What is marked once stays marked: a token that was revoked, a link that was used. And of a delivery
 * the application may write what is decided and kept of it, never what came and when. What it may write
 * is declared in libs/database/src/grants.ts; here is what is taken away.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`revoke update on deliveries from flywheel_app`.execute(db);
  await once(db, 'tokens', ['revoked_at', 'revoked_by']);
  await once(db, 'sign_in_links', ['used_at']);
  await keptWhileItOpens(db);
}

/** A link that was used stays until it would open nothing any more, or it could be made anew. */
async function keptWhileItOpens(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function sign_in_links_kept() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      raise exception 'sign_in_links: what was used is kept until it expires'
        using errcode = 'integrity_constraint_violation';
    end $$`.execute(db);
  await sql`revoke execute on function sign_in_links_kept() from public`.execute(db);
  await sql`
    create trigger sign_in_links_kept before delete on sign_in_links for each row
    when (old.used_at is not null and old.expires_at > clock_timestamp())
    execute function sign_in_links_kept()`.execute(db);
}

/** A value in these columns is never changed and never taken back. */
async function once(db: Kysely<unknown>, table: string, columns: readonly string[]): Promise<void> {
  const name = sql.id(`${table}_marked_once`);
  const changed = columns.map(
    (column) => sql`(old.${sql.id(column)} is not null
      and new.${sql.id(column)} is distinct from old.${sql.id(column)})`,
  );
  const message = `${table}: ${columns.join(' and ')} is marked once`;
  await sql`
    create function ${name}() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      raise exception using message = ${sql.lit(message)}, errcode = 'integrity_constraint_violation';
    end $$`.execute(db);
  await sql`revoke execute on function ${name}() from public`.execute(db);
  await sql`
    create trigger ${name} before update on ${sql.table(table)} for each row
    when (${sql.join(changed, sql` or `)}) execute function ${name}()`.execute(db);
}
