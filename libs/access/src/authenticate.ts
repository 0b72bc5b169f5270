/** From what a request shows to who it is: a chain of authenticators, the first that knows it answers. */
import { ANONYMOUS, isWhole, type Principal } from './principal.js';

/** What a request shows, each undefined where it shows none. None is looked at before it is checked. */
export interface Credentials {
  /** Of `authorization: Bearer …`. */
  readonly bearer?: string | undefined;
  /** The value of the session's cookie. */
  readonly cookie?: string | undefined;
  /** Of `x-whop-user-token`. */
  readonly whopUserToken?: string | undefined;
  /** Asked again of a caller who was let in and is still being answered: no new use of anything. */
  readonly again?: boolean;
}

/** Undefined: these credentials are not of mine. Throws only where it could not look. */
export type Authenticator = (credentials: Credentials) => Promise<Principal | undefined>;

/** Whether anything was shown at all: whoever shows something that nobody knows is refused, not anonymous. */
export const showsAnything = ({ bearer, cookie, whopUserToken }: Credentials): boolean =>
  bearer !== undefined || cookie !== undefined || whopUserToken !== undefined;

/**
 * Asks each in turn. Nothing shown: anonymous. Undefined: something was shown that none of them
 * knows (401). A principal whose ids do not fit its role is a mistake of ours and opens nothing.
 */
export function firstThatKnows(authenticators: readonly Authenticator[]): Authenticator {
  return async (credentials) => {
    if (!showsAnything(credentials)) return ANONYMOUS;
    for (const authenticate of authenticators) {
      const principal = await authenticate(credentials);
      if (principal !== undefined) return isWhole(principal) ? principal : undefined;
    }
    return undefined;
  };
}
