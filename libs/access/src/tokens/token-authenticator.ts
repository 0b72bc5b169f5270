/**
 * Tokens at the door. What a token opens is remembered for two seconds, whether it opens anything or
 * not: that is how long a revoked one still works in another process, and how often a program that
 * asks all the time asks the database. Whoever tries many that we never made cannot make the database
 * work either: of all that wait, one statement asks at a time, on one connection.
 *
 * Looked up by SHA-256, through a unique index: how far a guess was right does not show in the time
 * that it takes, for nobody can choose how a digest begins.
 */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { Clock } from '#libs/ledger';
import type { Authenticator } from '../authenticate.js';
import type { Principal } from '../principal.js';
import { isTokenText, tokenDigest } from './form.js';
import { isTokenRole } from './tokens.js';

/** A token that was revoked elsewhere is refused after this time. */
export const TOKEN_MEMORY_MS = 2_000;
/** Of a token in use its last use is written this often. */
export const LAST_USED_EVERY_MS = 60_000;
const MAX_REMEMBERED = 10_000;
const MAX_TOGETHER = 200;

export interface TokenAuthenticatorParts {
  readonly db: Database;
  /** The real clock: tokens expire by it. */
  readonly clock: Clock;
}

interface Known {
  readonly principal: Principal;
  readonly expiresAt: number | undefined;
  lastUsedAt: number;
}
interface Remembered {
  readonly known: Known | undefined;
  readonly until: number;
}
interface Waiting {
  readonly digest: Buffer;
  readonly answered: Promise<Known | undefined>;
  readonly settle: (known: Known | undefined) => void;
  readonly fail: (error: unknown) => void;
}

export class TokenAuthenticator {
  private readonly remembered = new Map<string, Remembered>();
  private waiting = new Map<string, Waiting>();
  private isAsking = false;
  /** How often all was forgotten: an answer that was asked for before is not remembered. */
  private forgotten = 0;

  constructor(private readonly parts: TokenAuthenticatorParts) {}

  /** Rejects only where the database does not answer. */
  readonly authenticate: Authenticator = async ({ bearer }) => {
    if (bearer === undefined || !isTokenText(bearer)) return undefined;
    const known = await this.knownBy(tokenDigest(bearer));
    if (known === undefined) return undefined;
    const now = this.parts.clock.now();
    if (known.expiresAt !== undefined && known.expiresAt <= now) return undefined;
    this.noteUse(known, now);
    return known.principal;
  };

  /** For the process that revokes: there it is at once. */
  forgetAll(): void {
    this.forgotten += 1;
    this.remembered.clear();
  }

  private async knownBy(digest: Buffer): Promise<Known | undefined> {
    const key = digest.toString('base64');
    const remembered = this.remembered.get(key);
    if (remembered !== undefined && remembered.until > this.parts.clock.now())
      return remembered.known;
    const together = this.waiting.get(key) ?? waitingFor(digest);
    this.waiting.set(key, together);
    if (!this.isAsking) void this.ask();
    return together.answered;
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    while (this.waiting.size > 0) {
      const all = [...this.waiting];
      const asked = all.slice(0, MAX_TOGETHER);
      this.waiting = new Map(all.slice(MAX_TOGETHER));
      try {
        // Before the statement: what is revoked meanwhile is not remembered for longer because of it.
        const until = this.parts.clock.now() + TOKEN_MEMORY_MS;
        const { forgotten } = this;
        const found = await this.find(asked.map(([, { digest }]) => digest));
        for (const [key, { settle }] of asked) {
          const known = found.get(key);
          if (forgotten === this.forgotten) this.remember(key, { known, until });
          settle(known);
        }
      } catch (error) {
        for (const [, { fail }] of asked) fail(error);
      }
    }
    this.isAsking = false;
  }

  private remember(key: string, remembered: Remembered): void {
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    this.remembered.set(key, remembered);
  }

  private async find(digests: readonly Buffer[]): Promise<Map<string, Known>> {
    const hex = digests.map((digest) => digest.toString('hex'));
    const rows = await this.parts.db
      .selectFrom('tokens')
      .select(['id', 'role', 'creator_id', 'member_id', 'sha256', 'expires_at', 'last_used_at'])
      .where(sql<boolean>`sha256 = any(select decode(h, 'hex') from unnest(${hex}::text[]) as h)`)
      .where('revoked_at', 'is', null)
      .execute();
    return new Map(
      rows.flatMap((row) => {
        if (!isTokenRole(row.role)) return [];
        const expiresAt = row.expires_at?.getTime();
        const principal: Principal = {
          role: row.role,
          by: 'token',
          tokenId: row.id,
          actor: `token:${row.id}`,
          ...(row.creator_id === null ? {} : { creatorId: row.creator_id }),
          ...(row.member_id === null ? {} : { memberId: row.member_id }),
          ...(expiresAt === undefined ? {} : { expiresAt }),
        };
        const lastUsedAt = row.last_used_at?.getTime() ?? 0;
        return [[row.sha256.toString('base64'), { principal, expiresAt, lastUsedAt }]];
      }),
    );
  }

  /** Behind the answer: nobody waits for it, and where it fails the next use writes it. */
  private noteUse(known: Known, now: number): void {
    if (now - known.lastUsedAt < LAST_USED_EVERY_MS) return;
    known.lastUsedAt = now;
    const at = new Date(now);
    const before = new Date(now - LAST_USED_EVERY_MS);
    void this.parts.db
      .updateTable('tokens')
      .set({ last_used_at: at })
      .where('id', '=', known.principal.tokenId ?? '0')
      .where(sql<boolean>`(last_used_at is null or last_used_at <= ${before})`)
      .execute()
      .catch(() => {});
  }
}

function waitingFor(digest: Buffer): Waiting {
  let settle: Waiting['settle'] = () => {};
  let fail: Waiting['fail'] = () => {};
  const answered = new Promise<Known | undefined>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  return { digest, answered, settle, fail };
}
