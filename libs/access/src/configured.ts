/** The secrets of the configuration: the admin's token and the cron's. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authenticator } from './authenticate.js';
import type { Principal } from './principal.js';

export interface ConfiguredSecrets {
  /** Absent or empty: nobody can show it. */
  readonly adminToken?: string | undefined;
  readonly cronSecret?: string | undefined;
}

const ADMIN: Principal = { role: 'admin', by: 'configured', actor: 'admin' };
const CRON: Principal = { role: 'cron', by: 'configured', actor: 'cron' };

/**
 * Compares SHA-256 digests in constant time, always with both: neither the length nor a prefix of a
 * secret shows in the time it takes, nor which of the two was nearly right.
 */
export function configuredSecrets({ adminToken, cronSecret }: ConfiguredSecrets): Authenticator {
  const admin = digestOf(adminToken);
  const cron = digestOf(cronSecret);
  return async ({ bearer }) => {
    if (bearer === undefined) return undefined;
    const given = sha256(bearer);
    const isAdmin = timingSafeEqual(given, admin.digest) && admin.isSet;
    const isCron = timingSafeEqual(given, cron.digest) && cron.isSet;
    if (isAdmin) return ADMIN;
    return isCron ? CRON : undefined;
  };
}

const digestOf = (secret = ''): { digest: Buffer; isSet: boolean } => ({
  digest: sha256(secret),
  isSet: secret !== '',
});

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
