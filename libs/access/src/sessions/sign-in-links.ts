/**
 * Links that sign somebody in once. The code stands behind the # of the address, which a browser
 * sends to no server; the page there posts it. One statement takes the link and says whom it is for:
 * of two who come at once one is late, and unknown, used and expired are the same answer.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { type Clock, DomainError } from '#libs/ledger';
import { isWhole, type Principal, type Role } from '../principal.js';
import {
  type Binding,
  hasFormOfSecret,
  newSecret,
  sha256,
  stillBound,
} from './secret-of-browser.js';
import { at, type OpenedSession, type Sessions, tokenStands } from './sessions.js';

export const LINK_MS = 15 * 60_000;
/** The page that takes the code; the dashboard has it. */
export const SIGN_IN_PATH = '/sign-in';

export const LINK_ROLES = ['admin', 'creator', 'member', 'auditor'] as const;
export type LinkRole = (typeof LINK_ROLES)[number];

export interface LinkFor {
  readonly role: LinkRole;
  readonly creatorId?: string | undefined;
  readonly memberId?: string | undefined;
}

export interface MadeLink {
  readonly id: string;
  /** Nobody can be told it again. */
  readonly code: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

export interface SignInLinksParts {
  readonly db: Database;
  /** The real one. */
  readonly clock: Clock;
  readonly binding: Binding;
  readonly sessions: Sessions;
}

interface LinkRow {
  readonly id: string;
  readonly role: Role;
  readonly creator_id: string | null;
  readonly member_id: string | null;
  readonly made_by: string;
  readonly token_id: string | null;
  readonly proof: Buffer | null;
}

export class SignInLinks {
  constructor(private readonly parts: SignInLinksParts) {}

  /** A link that ends with what its maker was let in by. Throws `scope_invalid`. */
  async make(link: LinkFor, maker: Principal): Promise<MadeLink> {
    const { db, clock, binding } = this.parts;
    const { role, creatorId, memberId } = link;
    requireWhole(link);
    const now = clock.now();
    const code = newSecret();
    const digest = sha256(code);
    const id = randomBytes(9).toString('base64url');
    const expiresAt = now + LINK_MS;
    await db
      .insertInto('sign_in_links')
      .values({
        id,
        sha256: digest,
        role,
        creator_id: creatorId ?? null,
        member_id: memberId ?? null,
        made_at: new Date(now),
        made_by: maker.actor,
        token_id: maker.tokenId ?? null,
        proof: isBound(maker) ? (binding(digest) ?? null) : null,
        expires_at: new Date(expiresAt),
      })
      .execute();
    return { id, code, expiresAt };
  }

  /** Opens a session, once. Undefined: it opens nothing, and why is not said. */
  async use(code: string): Promise<OpenedSession | undefined> {
    const { db, clock, binding, sessions } = this.parts;
    if (!hasFormOfSecret(code)) return undefined;
    const digest = sha256(code);
    const now = clock.now();
    return db.transaction().execute(async (tx) => {
      const { rows } = await sql<LinkRow>`
        update sign_in_links l set used_at = ${at(now)}
        where l.sha256 = ${digest} and l.used_at is null and l.expires_at > ${at(now)}
          and exists (
            select from (select l.token_id as id) s left join tokens t on t.id = s.id
            where ${tokenStands(now)})
        returning l.id, l.role, l.creator_id, l.member_id, l.made_by, l.token_id, l.proof`.execute(
        tx,
      );
      const [link] = rows;
      if (link === undefined || !stillBound(binding, digest, link.proof)) return undefined;
      const grant = {
        role: link.role,
        creatorId: link.creator_id ?? undefined,
        memberId: link.member_id ?? undefined,
        tokenId: link.token_id ?? undefined,
        bound: link.proof !== null,
        actor: `${link.made_by}/link:${link.id}`,
      };
      return sessions.open(grant, tx);
    });
  }
}

/** A session that was opened with the configured token, or by a link of one that was. */
export const isBound = ({ by, tokenId, role }: Principal): boolean =>
  role === 'admin' && tokenId === undefined && by !== 'jwt';

/** Throws `scope_invalid`. */
function requireWhole({ role, creatorId, memberId }: LinkFor): void {
  const ids = {
    ...(creatorId === undefined ? {} : { creatorId }),
    ...(memberId === undefined ? {} : { memberId }),
  };
  if (isWhole({ role, ...ids, by: 'token', actor: '' })) return;
  throw new DomainError(
    'scope_invalid',
    'A creator needs creatorId (biz_…), a member creatorId and memberId (user_…); ' +
      'an auditor may have a creatorId; an admin has neither.',
  );
}
