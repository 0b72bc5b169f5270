/**
 * Who calls, and whose data that lets them see. Whatever opens the door (a configured secret, a
 * token, a session, a signed statement of somebody else) ends in one of these; what it may do is
 * the routes' table (apps/api/src/access.ts), whose it may see is `scopeOf` and `narrowed` (scope.ts).
 */
import { isCreatorId, isUserId } from '#libs/ledger';

export const ROLES = ['admin', 'creator', 'member', 'auditor', 'cron', 'anonymous'] as const;
export type Role = (typeof ROLES)[number];

/** What said so: a secret of the configuration, a token that we made, a session, another's signature. */
export type Proof = 'configured' | 'token' | 'session' | 'jwt';

export interface Principal {
  readonly role: Role;
  /** A creator's, a member's; an auditor's where they may see only one. Absent: no creator binds them. */
  readonly creatorId?: string;
  /** A member's: `user_…`. Without creatorId (Whop's user token) in every community that a path names. */
  readonly memberId?: string;
  readonly by: Proof;
  readonly tokenId?: string;
  /** What events and orders record: `admin`, `cron`, `token:<id>`. Ids only, never a name. */
  readonly actor: string;
  /** Unix milliseconds; absent: until somebody ends it. */
  readonly expiresAt?: number;
}

/** Whoever shows nothing. */
export const ANONYMOUS: Principal = { role: 'anonymous', by: 'configured', actor: 'anonymous' };

/** Whether the ids of a principal are those that its role needs, and well formed. */
export function isWhole({ role, creatorId, memberId, by }: Principal): boolean {
  const isCreator = creatorId !== undefined && isCreatorId(creatorId);
  const isMember = memberId !== undefined && isUserId(memberId);
  const none = creatorId === undefined && memberId === undefined;
  if (role === 'creator') return isCreator && memberId === undefined;
  if (role === 'member')
    return isMember && (isCreator || (by === 'jwt' && creatorId === undefined));
  if (role === 'auditor') return none || (isCreator && memberId === undefined);
  return none;
}
