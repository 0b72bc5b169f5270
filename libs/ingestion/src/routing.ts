/**
 * What the intake knows about where keys lead, read for one batch and changed by it: each delivery
 * sees what the ones before it added. Everything here is rebuildable from the events.
 */

import { sql } from 'kysely';
import { type Database, type Transaction } from '#libs/database';
import { bytewise, ownerOf, type Resolving } from '#libs/ledger';
import { isUsernameKey } from './keys.js';

export interface Route {
  readonly stream: string;
  readonly notBefore: number | null;
}
export interface Half {
  readonly creatorId?: string | undefined;
  readonly userId?: string | undefined;
}
export interface Bearing {
  readonly at: number;
  readonly sourceId: string;
}

export class Routing {
  private readonly routes = new Map<string, Route | null>();
  private readonly bearers = new Map<string, Map<string, Bearing>>();
  private readonly newRoutes = new Map<string, Route>();
  private readonly newBearings = new Map<string, { key: string; stream: string } & Bearing>();
  private readonly watchers = new Map<string, { key: string; stream: string }>();
  /** Claim keys whose owner changed, with a text that names the new state. */
  private readonly changed = new Map<string, string>();
  private readonly arrived = new Set<string>();

  constructor(private readonly db: Database) {}

  /** What is known of persons that have no stream yet, by payment and membership. */
  private readonly halves = new Map<string, Half>();
  private readonly newHalves = new Map<string, Half>();

  /** Reads the routes of keys that were not read yet. */
  async loadRoutes(keys: Iterable<string>): Promise<void> {
    const missing = [...new Set(keys)].filter((key) => !this.routes.has(key));
    if (missing.length === 0) return;
    for (const key of missing) this.routes.set(key, null);
    const rows = await sql<{ key: string; stream: string; not_before: string | null }>`
      select key, stream, not_before from routes where key = any(${missing}::text[])`.execute(
      this.db,
    );
    for (const { key, stream, not_before } of rows.rows) {
      this.routes.set(key, { stream, notBefore: not_before === null ? null : Number(not_before) });
    }
    const unknown = missing.filter((key) => !this.routes.get(key) && !key.startsWith('c:'));
    if (unknown.length === 0) return;
    const halves = await sql<{ key: string; creator_id: string | null; user_id: string | null }>`
      select key, creator_id, user_id from halves where key = any(${unknown}::text[])`.execute(
      this.db,
    );
    for (const { key, creator_id, user_id } of halves.rows) {
      this.halves.set(key, { creatorId: creator_id ?? undefined, userId: user_id ?? undefined });
    }
  }

  /** Reads who bears usernames that were not read yet. */
  async loadBearers(keys: Iterable<string>): Promise<void> {
    const missing = [...new Set(keys)].filter((key) => !this.bearers.has(key));
    if (missing.length === 0) return;
    for (const key of missing) this.bearers.set(key, new Map());
    const rows = await sql<{ key: string; stream: string; at: string; source_id: string }>`
      select key, stream, at, source_id from bearers where key = any(${missing}::text[])`.execute(
      this.db,
    );
    for (const { key, stream, at, source_id } of rows.rows) {
      this.bearers.get(key)?.set(stream, { at: Number(at), sourceId: source_id });
    }
  }

  /** The person told, completed by what other deliveries said of the same payment or membership. */
  completed(person: Half, keys: readonly string[]): Half {
    let { creatorId, userId } = person;
    for (const key of keys) {
      const half = this.halves.get(key);
      creatorId ??= half?.creatorId;
      userId ??= half?.userId;
    }
    return { creatorId, userId };
  }

  /** Keeps what a delivery says of a person that has no stream yet. */
  keepHalf(person: Half, keys: readonly string[]): void {
    if (person.creatorId === undefined && person.userId === undefined) return;
    for (const key of keys) {
      const merged = this.completed(this.halves.get(key) ?? {}, [key]);
      const half = {
        creatorId: merged.creatorId ?? person.creatorId,
        userId: merged.userId ?? person.userId,
      };
      this.halves.set(key, half);
      this.newHalves.set(key, half);
    }
  }

  streamOf(key: string): string | undefined {
    return this.routes.get(key)?.stream;
  }

  /** Adds a route; a key that leads somewhere already keeps leading there. */
  addRoute(key: string, stream: string, notBefore: number | null = null): void {
    if (this.routes.get(key)) return;
    const route = { stream, notBefore };
    this.routes.set(key, route);
    this.newRoutes.set(key, route);
    if (key.startsWith('c:')) this.changed.set(key, stream);
  }

  /** Says that a member bears a username since `(at, sourceId)`, or no longer. */
  bear(key: string, stream: string, bearing: Bearing | undefined): void {
    const bearers = this.bearers.get(key) ?? new Map<string, Bearing>();
    const known = bearers.get(stream);
    if (
      bearing === undefined ||
      (known?.at === bearing.at && known.sourceId === bearing.sourceId)
    ) {
      return;
    }
    const before = ownerAmong(bearers);
    bearers.set(stream, bearing);
    this.bearers.set(key, bearers);
    this.newBearings.set(`${key} ${stream}`, { key, stream, ...bearing });
    const after = ownerAmong(bearers);
    if (after !== before) this.changed.set(key, `${after}@${bearing.at}/${bearing.sourceId}`);
  }

  /** The stream wants to know when the owner of a claim key changes. */
  watch(key: string, stream: string): void {
    this.watchers.set(`${key} ${stream}`, { key, stream });
  }

  /** Whom a claim key names among the members of a creator. */
  resolve(key: string, creatorId: string): Resolving {
    const route = isUsernameKey(key) ? undefined : this.routes.get(key);
    const stream = isUsernameKey(key) ? this.bearerOf(key) : route?.stream;
    const owner = stream === undefined ? undefined : ownerOf(stream);
    if (owner?.creatorId !== creatorId) return { key, memberId: null };
    const { memberId } = owner;
    if (route?.notBefore == null) return { key, memberId };
    return { key, memberId, notBefore: route.notBefore };
  }

  /** The stream of the member to whom a username belongs. */
  bearerOf(key: string): string | undefined {
    return ownerAmong(this.bearers.get(key));
  }

  /** What was awaited under this key has come, or has changed, although no route leads there anew. */
  arrive(key: string): void {
    this.arrived.add(key);
  }

  /** Keys that lead somewhere since this batch, or whose fact came in it: whoever waited for them is awake. */
  get opened(): string[] {
    return [...new Set([...this.newRoutes.keys(), ...this.arrived])];
  }

  get changedClaims(): ReadonlyMap<string, string> {
    return this.changed;
  }

  async write(tx: Transaction): Promise<void> {
    const routes = [...this.newRoutes];
    if (routes.length > 0) {
      await sql`
        insert into routes (key, stream, not_before)
        select * from unnest(${routes.map(([key]) => key)}::text[], ${routes.map(([, r]) => r.stream)}::text[],
          ${routes.map(([, r]) => r.notBefore)}::bigint[])
        on conflict (key) do nothing`.execute(tx);
    }
    const bearings = [...this.newBearings.values()];
    if (bearings.length > 0) {
      await sql`
        insert into bearers (key, stream, at, source_id)
        select * from unnest(${bearings.map((b) => b.key)}::text[], ${bearings.map((b) => b.stream)}::text[],
          ${bearings.map((b) => b.at)}::bigint[], ${bearings.map((b) => b.sourceId)}::text[])
        on conflict (key, stream) do update set at = excluded.at, source_id = excluded.source_id`.execute(
        tx,
      );
    }
    const halves = [...this.newHalves];
    if (halves.length > 0) {
      await sql`
        insert into halves as h (key, creator_id, user_id)
        select * from unnest(${halves.map(([key]) => key)}::text[],
          ${halves.map(([, h]) => h.creatorId ?? null)}::text[], ${halves.map(([, h]) => h.userId ?? null)}::text[])
        on conflict (key) do update set creator_id = coalesce(h.creator_id, excluded.creator_id),
          user_id = coalesce(h.user_id, excluded.user_id)`.execute(tx);
    }
    const watchers = [...this.watchers.values()];
    if (watchers.length > 0) {
      await sql`
        insert into watchers (key, stream)
        select * from unnest(${watchers.map((w) => w.key)}::text[], ${watchers.map((w) => w.stream)}::text[])
        on conflict do nothing`.execute(tx);
    }
  }
}

/** A username belongs to its first bearer by `(time, id)`. */
function ownerAmong(bearers: ReadonlyMap<string, Bearing> | undefined): string | undefined {
  let owner: ({ stream: string } & Bearing) | undefined;
  for (const [stream, { at, sourceId }] of bearers ?? []) {
    const first =
      owner === undefined ||
      at < owner.at ||
      (at === owner.at && bytewise(sourceId, owner.sourceId) < 0);
    if (first) owner = { stream, at, sourceId };
  }
  return owner?.stream;
}
