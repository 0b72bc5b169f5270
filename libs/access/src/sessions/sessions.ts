/**
 * Sessions of browsers. The cookie holds 256 random bits and nothing else; the row, found by their
 * SHA-256, says who it is and until when. It is asked for at every request and nowhere remembered,
 * so that a session that ended, or whose token was revoked, opens nothing from that moment on.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import type { Clock } from '#libs/ledger';
import type { Authenticator } from '../authenticate.js';
import type { Principal, Role } from '../principal.js';
import {
  type Binding,
  hasFormOfSecret,
  newSecret,
  sha256,
  stillBound,
} from './secret-of-browser.js';

/** From the sign-in, however busy the session is. */
export const SESSION_MS = 12 * 60 * 60_000;
/** Without a request. */
export const IDLE_MS = 2 * 60 * 60_000;
/** A request is noted at most this often: a page of figures writes one row, not twenty. */
const SEEN_EVERY_MS = 60_000;

export interface SessionsParts {
  readonly db: Database;
  /** The real one: the demo's frozen clock would keep every session for ever. */
  readonly clock: Clock;
  readonly binding: Binding;
}

/** For whom a session is opened. */
export interface Grant {
  readonly role: Role;
  readonly creatorId?: string | undefined;
  readonly memberId?: string | undefined;
  readonly actor: string;
  readonly tokenId?: string | undefined;
  /** Ends with the admin's configured token. */
  readonly bound: boolean;
  /** Unix milliseconds at which that ends which it was opened with. */
  readonly expiresAt?: number | undefined;
}

export interface OpenedSession {
  /** For the cookie. */
  readonly secret: string;
  readonly principal: Principal;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

interface SessionRow {
  readonly role: Role;
  readonly creator_id: string | null;
  readonly member_id: string | null;
  readonly actor: string;
  readonly token_id: string | null;
  readonly proof: Buffer | null;
  readonly seen_at: Date;
  readonly expires_at: Date;
}

export class Sessions {
  constructor(private readonly parts: SessionsParts) {}

  /** Knows the session's cookie, where nothing was shown on purpose. */
  readonly authenticate: Authenticator = async ({ cookie, bearer, again = false }) =>
    cookie === undefined || bearer !== undefined
      ? undefined
      : this.principalOf(cookie, { isUse: !again });

  /** Undefined: no session, or one that has ended. */
  async principalOf(
    secret: string,
    { isUse }: { readonly isUse: boolean } = { isUse: true },
  ): Promise<Principal | undefined> {
    if (!hasFormOfSecret(secret)) return undefined;
    const { db, clock, binding } = this.parts;
    const digest = sha256(secret);
    const now = clock.now();
    const { rows } = await sql<SessionRow>`
      select s.role, s.creator_id, s.member_id, s.actor, s.token_id, s.proof, s.seen_at, s.expires_at
      from sessions s left join tokens t on t.id = s.token_id
      where s.sha256 = ${digest}
        and s.expires_at > ${at(now)} and s.seen_at > ${at(now - IDLE_MS)}
        and ${tokenStands(now)}`.execute(db);
    const [row] = rows;
    if (row === undefined || !stillBound(binding, digest, row.proof)) return undefined;
    if (isUse && now - row.seen_at.getTime() >= SEEN_EVERY_MS) await this.#seen(digest, now);
    return principalOfRow(row);
  }

  /** Opens one that nobody could have chosen. `tx`: with what else it depends on. */
  async open(grant: Grant, tx: Database | Transaction = this.parts.db): Promise<OpenedSession> {
    const { clock, binding } = this.parts;
    const now = clock.now();
    const secret = newSecret();
    const digest = sha256(secret);
    const expiresAt = Math.min(now + SESSION_MS, grant.expiresAt ?? Number.POSITIVE_INFINITY);
    const row = {
      role: grant.role,
      creator_id: grant.creatorId ?? null,
      member_id: grant.memberId ?? null,
      actor: grant.actor,
      token_id: grant.tokenId ?? null,
      proof: grant.bound ? (binding(digest) ?? null) : null,
      seen_at: new Date(now),
      expires_at: new Date(expiresAt),
    };
    await tx
      .insertInto('sessions')
      .values({ ...row, sha256: digest, opened_at: new Date(now) })
      .execute();
    return { secret, principal: principalOfRow(row), expiresAt };
  }

  /** Ends it; one that is not there has ended. */
  async end(secret: string): Promise<void> {
    if (!hasFormOfSecret(secret)) return;
    await this.parts.db.deleteFrom('sessions').where('sha256', '=', sha256(secret)).execute();
  }

  /** Whoever comes first in a minute writes; the others see that it is done. */
  async #seen(digest: Buffer, now: number): Promise<void> {
    await sql`
      update sessions set seen_at = ${at(now)}
      where sha256 = ${digest} and seen_at <= ${at(now - SEEN_EVERY_MS)}`.execute(this.parts.db);
  }
}

/** In a statement that left-joins `tokens t`: the token behind it, if there is one, is still good. */
export const tokenStands = (now: number): RawBuilder<boolean> => sql<boolean>`
  (t.id is null or (t.revoked_at is null and (t.expires_at is null or t.expires_at > ${at(now)})))`;

export const at = (ms: number): RawBuilder<Date> => sql<Date>`${new Date(ms)}::timestamptz`;

const principalOfRow = (row: Omit<SessionRow, 'proof' | 'seen_at'>): Principal => ({
  role: row.role,
  ...(row.creator_id === null ? {} : { creatorId: row.creator_id }),
  ...(row.member_id === null ? {} : { memberId: row.member_id }),
  ...(row.token_id === null ? {} : { tokenId: row.token_id }),
  by: 'session',
  actor: row.actor,
  expiresAt: row.expires_at.getTime(),
});
