/** Tokens: made once, listed for ever, revoked by their number. Of a token only its digest is kept. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { DomainError, isCreatorId, isUserId } from '#libs/ledger';
import { TOKEN_BYTES, TOKEN_ROLES, type TokenRole, tokenDigest, tokenText } from './form.js';

export interface TokenOrder {
  readonly role: TokenRole;
  /** Of creators and members; an auditor's, who then sees that creator alone. */
  readonly creatorId?: string | undefined;
  readonly memberId?: string | undefined;
  /** What it is for, in an admin's words. */
  readonly label?: string | undefined;
  /** Unix milliseconds; absent: never. */
  readonly expiresAt?: number | undefined;
}

export interface Token {
  readonly id: string;
  readonly role: TokenRole;
  readonly creatorId: string | null;
  readonly memberId: string | null;
  readonly label: string | null;
  /** Unix milliseconds, all of them. */
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  /** To the minute. */
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
}

export const MAX_LABEL_LENGTH = 100;
const MAX_BIGINT_DIGITS = 18;

/**
 * Makes a token and answers its text, which nobody will ever see again. `now` is in unix
 * milliseconds, of the real clock. Throws `scope_invalid`, `expiry_invalid`, `label_invalid`.
 */
export async function createToken(
  db: Database,
  order: TokenOrder,
  { actor, now }: { readonly actor: string; readonly now: number },
): Promise<{ readonly text: string; readonly token: Token }> {
  checkScope(order);
  const { role, creatorId = null, memberId = null, label = null, expiresAt } = order;
  // Not `<=`: a moment that is none is not one to come.
  if (expiresAt !== undefined && !(expiresAt > now))
    throw new DomainError(
      'expiry_invalid',
      'a token that has expired opens nothing: name a moment to come',
    );
  if (label !== null && (label.trim() === '' || label.length > MAX_LABEL_LENGTH))
    throw new DomainError('label_invalid', `a label has 1 to ${MAX_LABEL_LENGTH} characters`);
  const text = tokenText(role, randomBytes(TOKEN_BYTES));
  const row = await db
    .insertInto('tokens')
    .values({
      role,
      creator_id: creatorId,
      member_id: memberId,
      label,
      sha256: tokenDigest(text),
      created_by: actor,
      expires_at: expiresAt === undefined ? null : new Date(expiresAt),
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return { text, token: tokenOf(row) };
}

/** All of them, the newest first, those that open nothing any more too. */
export async function tokensOf(
  db: Database,
  page: { readonly limit: number; readonly before?: bigint | undefined },
): Promise<{ readonly items: readonly Token[]; readonly next: bigint | undefined }> {
  const rows = await db
    .selectFrom('tokens')
    .select(COLUMNS)
    .where(
      sql<boolean>`(${page.before ?? null}::bigint is null or id < ${page.before ?? null}::bigint)`,
    )
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit).map(tokenOf);
  const last = items.at(-1);
  return { items, next: rows.length > page.limit && last ? BigInt(last.id) : undefined };
}

/** What was revoked stays as it is: who ended it is not overwritten. Throws `token_not_found`. */
export async function revokeToken(
  db: Database,
  id: string,
  { actor, now }: { readonly actor: string; readonly now: number },
): Promise<{ readonly token: Token; readonly changed: boolean }> {
  const named = isTokenId(id) ? id : '0';
  const revoked = await db
    .updateTable('tokens')
    .set({ revoked_at: new Date(now), revoked_by: actor })
    .where('id', '=', named)
    .where('revoked_at', 'is', null)
    .returning(COLUMNS)
    .executeTakeFirst();
  if (revoked !== undefined) return { token: tokenOf(revoked), changed: true };
  const known = await db
    .selectFrom('tokens')
    .select(COLUMNS)
    .where('id', '=', named)
    .executeTakeFirst();
  if (known === undefined) throw new DomainError('token_not_found', `there is no token ${id}`);
  return { token: tokenOf(known), changed: false };
}

export const isTokenId = (text: string): boolean =>
  text.length <= MAX_BIGINT_DIGITS && /^[1-9]\d*$/.test(text);

export const isTokenRole = (text: string): text is TokenRole =>
  (TOKEN_ROLES as readonly string[]).includes(text);

/** The table refuses the same; here it is said in words. Throws `scope_invalid`. */
function checkScope({ role, creatorId, memberId }: TokenOrder): void {
  const refuse = (what: string): never => {
    throw new DomainError('scope_invalid', what);
  };
  if (creatorId !== undefined && !isCreatorId(creatorId))
    refuse('a creator is biz_ and letters, digits or _');
  if (memberId !== undefined && !isUserId(memberId))
    refuse('a member is user_ and letters, digits or _');
  if ((role === 'creator' || role === 'member') && creatorId === undefined)
    refuse(`a token of a ${role} names the creator`);
  if (role === 'member' && memberId === undefined) refuse('a token of a member names the member');
  if (role !== 'member' && memberId !== undefined) refuse(`a token of ${role} names no member`);
  if ((role === 'admin' || role === 'cron') && creatorId !== undefined)
    refuse(`a token of ${role} is of the whole ledger: it names no creator`);
}

const COLUMNS = [
  'id',
  'role',
  'creator_id',
  'member_id',
  'label',
  'created_at',
  'created_by',
  'expires_at',
  'last_used_at',
  'revoked_at',
  'revoked_by',
] as const;

interface TokenRow {
  readonly id: string;
  readonly role: string;
  readonly creator_id: string | null;
  readonly member_id: string | null;
  readonly label: string | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
}

const momentOf = (date: Date | null): number | null => date?.getTime() ?? null;

function tokenOf(row: TokenRow): Token {
  if (!isTokenRole(row.role)) throw new Error(`a token of an unknown role: ${row.role}`);
  return {
    id: row.id,
    role: row.role,
    creatorId: row.creator_id,
    memberId: row.member_id,
    label: row.label,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    expiresAt: momentOf(row.expires_at),
    lastUsedAt: momentOf(row.last_used_at),
    revokedAt: momentOf(row.revoked_at),
    revokedBy: row.revoked_by,
  };
}
