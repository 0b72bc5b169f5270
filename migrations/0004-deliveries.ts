/** What operators do about deliveries: every order is kept, and deliveries are found by what became of them. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // No foreign key: an order outlives whatever happens to its delivery.
  await sql`
    create table delivery_orders (
      id bigint generated always as identity primary key,
      delivery bigint not null,
      ordered text collate "C" not null check (ordered in ('redrive', 'exclude')),
      actor text not null,
      reason text,
      outcome_before text collate "C" not null,
      code_before text collate "C",
      at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index delivery_orders_of on delivery_orders (delivery, id)`.execute(db);
  await sql`
    create function delivery_orders_are_kept() returns trigger language plpgsql as $$
    begin
      raise exception 'orders are kept: % of delivery_orders is refused', tg_op using errcode = 'integrity_constraint_violation';
    end $$`.execute(db);
  await sql`create trigger delivery_orders_keep before update or delete on delivery_orders for each row execute function delivery_orders_are_kept()`.execute(
    db,
  );
  await sql`create trigger delivery_orders_keep_all before truncate on delivery_orders for each statement execute function delivery_orders_are_kept()`.execute(
    db,
  );
  await sql`grant select, insert on delivery_orders to flywheel_app`.execute(db);
  await indexes(db);
}

/** Almost all deliveries are applied: none of these but the last holds those, and it only until their body is gone. */
async function indexes(db: Kysely<unknown>): Promise<void> {
  await sql`drop index deliveries_unresolved`.execute(db);
  await sql`
    create index deliveries_by_outcome on deliveries (outcome, id)
    where outcome not in ('pending', 'applied')`.execute(db);
  await sql`create index deliveries_conflicts on deliveries (id) where code = 'conflict'`.execute(
    db,
  );
  await sql`create index waiting_deliveries on waiting (delivery)`.execute(db);
  await sql`
    create index deliveries_with_body on deliveries (received_at)
    where body is not null and outcome in ('applied', 'unchanged', 'ignored', 'excluded')`.execute(
    db,
  );
}
