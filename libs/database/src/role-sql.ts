/** What an administrator runs once on a PostgreSQL of their own; without a password in it, which psql asks for. */
import pg from 'pg';
import { ROLES } from './grants.js';

export interface RolesWanted {
  /** Name of the database. */
  readonly database: string;
}

/** Logins of the application's own, none of which owns anything: for psql, as an administrator. */
export function rolesSql({ database }: RolesWanted): string {
  const name = pg.escapeIdentifier(database);
  const { app, projector, auditor } = ROLES;
  return `-- Logins for Flywheel on the database ${JSON.stringify(database)}: psql -f, as an administrator, once.
-- What the sessions work as; no logins. They are the whole server's: another ledger may have made them.
create role ${app} nologin;
create role ${projector} nologin;
create role ${auditor} nologin;

-- Owns the tables and applies migrations, and is needed for nothing else: DATABASE_OWNER_URL.
create role flywheel_migrator login createrole;
\\password flywheel_migrator
grant ${app}, ${projector}, ${auditor} to flywheel_migrator with admin option;
alter database ${name} owner to flywheel_migrator;

-- flywheel up, and flywheel worker: DATABASE_URL.
create role flywheel_worker login noinherit;
\\password flywheel_worker
grant ${app}, ${projector} to flywheel_worker;

-- flywheel serve by itself: DATABASE_URL.
create role flywheel_api login noinherit;
\\password flywheel_api
grant ${app} to flywheel_api;

-- Somebody who looks: at everything but keys, persons and the bodies of deliveries.
create role flywheel_audit login;
\\password flywheel_audit
grant ${auditor} to flywheel_audit;

grant connect on database ${name} to flywheel_worker, flywheel_api, flywheel_audit;

-- Then: DATABASE_URL=… DATABASE_OWNER_URL=… flywheel db migrate
-- and when that has been done once: alter role flywheel_migrator nocreaterole;
`;
}
