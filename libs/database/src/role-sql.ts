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
  return `-- Logins for Flywheel on the database ${JSON.stringify(database)}, for psql, as an administrator.
-- The owner's login applies migrations (DATABASE_OWNER_URL) and is needed for nothing else. It makes
-- the three roles below if they are missing, for which it needs createrole the first time.
create role flywheel_migrator login createrole;
\\password flywheel_migrator
alter database ${name} owner to flywheel_migrator;

-- Then: DATABASE_OWNER_URL=postgres://flywheel_migrator@… flywheel db migrate
-- Afterwards:
alter role flywheel_migrator nocreaterole;

-- flywheel up, and flywheel worker: DATABASE_URL=postgres://flywheel_worker@…
create role flywheel_worker login noinherit;
\\password flywheel_worker
grant ${app}, ${projector} to flywheel_worker;

-- flywheel serve alone: DATABASE_URL=postgres://flywheel_api@…
create role flywheel_api login noinherit;
\\password flywheel_api
grant ${app} to flywheel_api;

-- Somebody who looks: everything but keys, persons and the bodies of deliveries.
create role flywheel_audit login;
\\password flywheel_audit
grant ${auditor} to flywheel_audit;

grant connect on database ${name} to flywheel_migrator, flywheel_worker, flywheel_api, flywheel_audit;
`;
}
