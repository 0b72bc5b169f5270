/**
 * Whose data a principal may see, said once. Everything that reads for somebody takes a `Scope`, and
 * `narrowed` is the only place where what was asked for meets what is allowed. What is not one's own
 * is missing: it is refused in the words of what does not exist, before anybody looks whether it does.
 */
import { DomainError } from '#libs/ledger';
import type { Principal } from './principal.js';

/** Absent: of all. */
export interface Scope {
  readonly creatorId?: string | undefined;
  readonly memberId?: string | undefined;
}

/** Throws RangeError for whoever showed nothing: nobody reads for them. */
export function scopeOf({ role, creatorId, memberId }: Principal): Scope {
  if (role === 'anonymous') throw new RangeError('nobody reads for whoever is nobody');
  return {
    ...(creatorId === undefined ? {} : { creatorId }),
    ...(memberId === undefined ? {} : { memberId }),
  };
}

/**
 * What was asked for, within what is allowed: whoever names nobody is given their own. Throws
 * `creator_not_found`, `member_not_found` for others, as for those whom nobody knows.
 */
export function narrowed(scope: Scope, asked: Scope): Scope {
  const { creatorId = scope.creatorId, memberId = scope.memberId } = asked;
  if (scope.creatorId !== undefined && creatorId !== scope.creatorId)
    throw new DomainError('creator_not_found', `no creator ${creatorId} is known`);
  if (scope.memberId !== undefined && memberId !== scope.memberId)
    throw new DomainError('member_not_found', `no member ${memberId} is known`);
  return {
    ...(creatorId === undefined ? {} : { creatorId }),
    ...(memberId === undefined ? {} : { memberId }),
  };
}
