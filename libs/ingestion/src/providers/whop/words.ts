/** Reads ids, names and claim words out of a payload. Whatever is not usable text is as if absent. */

import { DomainError, normalCode } from '#libs/ledger';
import type { ClaimWords, Person } from '../../provider.js';
import { type Json, objectOf } from './body.js';

export type IdPrefix = 'biz_' | 'user_' | 'mem_' | 'pay_' | 'rf_' | 'dspt_';

const LONGEST_ID = 64;
const LONGEST_WORD = 200;
const LONGEST_EMAIL = 320;
const ID = /^[a-z]+_[A-Za-z0-9_]+$/;
const BILLING_REASON = /^[a-z_]{1,40}$/;

/**
 * The first of the candidates that is an id of this kind. Another kind's id is no id of this one
 * (`mber_…` is nobody); one of this kind that could not be an id makes no sense.
 * @throws DomainError `id_malformed`
 */
export function idOf(prefix: IdPrefix, ...candidates: unknown[]): string | undefined {
  for (const candidate of candidates) {
    if (typeof candidate !== 'string' || !candidate.startsWith(prefix)) continue;
    if (candidate.length <= LONGEST_ID && ID.test(candidate)) return candidate;
    throw new DomainError('id_malformed', `an id ${prefix}… is too long or has other signs in it`);
  }
  return undefined;
}

/** The creator, wherever a generation puts it: in the data, else in the envelope. */
export function creatorIdOf(envelope: Json, data: Json): string | undefined {
  return idOf(
    'biz_',
    data.company_id,
    data.account_id,
    objectOf(data.company)?.id,
    data.company,
    data.page_id,
    envelope.company_id,
    envelope.account_id,
    envelope.company,
  );
}

/** Who is told of. `membershipId`: of a membership event, its own id. */
export function personOf(envelope: Json, data: Json, membershipId?: string): Person {
  const user = objectOf(data.user);
  return present<Person>({
    creatorId: creatorIdOf(envelope, data),
    userId: idOf('user_', user?.id, data.user, data.user_id),
    membershipId:
      membershipId ??
      idOf('mem_', objectOf(data.membership)?.id, data.membership, data.membership_id),
    name: wordOf(user?.name),
    username: wordOf(user?.username)?.toLowerCase(),
    email: wordOf(user?.email, LONGEST_EMAIL) ?? wordOf(data.customer_email, LONGEST_EMAIL),
  });
}

/** Never the metadata of a plan or product: those are everybody's. */
export function claimsOf(data: Json): ClaimWords {
  return present<ClaimWords>({
    metadataCode: codeOf(objectOf(data.metadata)?.referral_code),
    membershipMetadataCode: codeOf(objectOf(data.membership_metadata)?.referral_code),
    affiliateCode:
      wordOf(data.affiliate_code) ?? wordOf(objectOf(data.checkout_configuration)?.affiliate_code),
    affiliateUsername: wordOf(data.affiliate_username)?.toLowerCase(),
  });
}

export function billingReasonOf(value: unknown): string | undefined {
  return typeof value === 'string' && BILLING_REASON.test(value) ? value : undefined;
}

/** The object without the fields that are undefined: absent is absent. */
export function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  const result: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) result[key] = fields[key];
  return result as T;
}

/** Metadata is typed by hand: a code of digits only may come as a number. */
function codeOf(value: unknown): string | undefined {
  const word = wordOf(typeof value === 'number' ? String(value) : value);
  return word === undefined ? undefined : normalCode(word);
}

function wordOf(value: unknown, longest = LONGEST_WORD): string | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.trim();
  return word === '' || word.length > longest ? undefined : word;
}
