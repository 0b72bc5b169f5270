/**
 * Who may do what in the database. `flywheel_app` is the API and the intake, `flywheel_projector` owns
 * the read models, `flywheel_auditor` looks; none of them may change what is in the log, and none is a
 * login. What each may do to each table is declared in libs/database/src/grants.ts, and given by
 * `migrate` after the last migration; here is what is taken away, and what is no table of ours.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await roles(db);
  await taken(db);
  await database(db);
  await readModels(db);
  await functions(db);
}

/** Roles belong to the whole server; an administrator may have made them, or another ledger's migration. */
async function roles(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$
    declare
      name text;
    begin
      foreach name in array array['flywheel_projector', 'flywheel_auditor'] loop
        if not exists (select from pg_roles where rolname = name) then
          begin
            execute format('create role %I nologin', name);
          exception when duplicate_object or unique_violation then null;
          end;
        end if;
        -- usage, not member: from PostgreSQL 16 on, who makes a role may not yet act as it
        if not pg_has_role(current_user, name, 'usage') then
          execute format('grant %I to %I', name, current_user);
        end if;
      end loop;
    end $$`.execute(db);
}

/** Nothing that the application ever did: each is a way to lose something, and no way to do its work. */
async function taken(db: Kysely<unknown>): Promise<void> {
  await sql`revoke delete on deliveries, routes, bearers, halves, watchers, leases, check_results from flywheel_app`.execute(
    db,
  );
  await sql`revoke update on routes, waiting, watchers from flywheel_app`.execute(db);
  await sql`revoke insert, update, delete on projections from flywheel_app`.execute(db);
}

/** Where the database is not ours, what others were given stays theirs: the server warns and goes on. */
async function database(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$
    declare
      here constant text := current_database();
    begin
      execute format('revoke create, connect, temporary on database %I from public', here);
      execute format('revoke create on database %I from flywheel_app', here);
      execute format('grant connect, temporary on database %I to flywheel_app', here);
      execute format('grant connect, create on database %I to flywheel_projector', here);
      execute format('grant connect on database %I to flywheel_auditor', here);
      execute 'revoke create on schema public from public';
      execute 'grant usage on schema public to flywheel_app, flywheel_projector, flywheel_auditor';
    end $$`.execute(db);
}

/** The projector owns those that are there and will make the next; the others read them all. */
async function readModels(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$
    declare
      held text;
      kept text;
    begin
      for held in select nspname from pg_namespace where nspname ~ '^rm_[0-9]{1,8}$' loop
        execute format('alter schema %I owner to flywheel_projector', held);
        for kept in select relname from pg_class
          where relnamespace = to_regnamespace(quote_ident(held)) and relkind = 'r'
        loop
          execute format('alter table %I.%I owner to flywheel_projector', held, kept);
        end loop;
        execute format('grant usage on schema %I to flywheel_app, flywheel_auditor', held);
        execute format('grant select on all tables in schema %I to flywheel_app, flywheel_auditor', held);
      end loop;
    end $$`.execute(db);
  await sql`alter default privileges for role flywheel_projector grant usage on schemas to flywheel_app, flywheel_auditor`.execute(
    db,
  );
  await sql`alter default privileges for role flywheel_projector grant select on tables to flywheel_app, flywheel_auditor`.execute(
    db,
  );
}

/** They run as who calls them, find nothing but what the server brings, and are called by triggers alone. */
async function functions(db: Kysely<unknown>): Promise<void> {
  for (const name of ['events_are_immutable', 'delivery_orders_are_kept']) {
    const trigger = sql`${sql.id(name)}()`;
    await sql`alter function ${trigger} security invoker`.execute(db);
    await sql`alter function ${trigger} set search_path = pg_catalog`.execute(db);
    await sql`revoke execute on function ${trigger} from public`.execute(db);
  }
}
