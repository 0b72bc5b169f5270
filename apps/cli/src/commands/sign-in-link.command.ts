/** `flywheel token link`: an address that opens the dashboard for somebody, once. */
import type { ApiClient } from '../api-client.js';
import { instant } from '../format.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';

const SCHEMA = 'flywheel.sign-in-link/1';
const LINKS = '/api/admin/sign-in-links';

export interface SignInLinkOptions {
  readonly role: string;
  readonly member?: string;
}

export interface SignInLink {
  readonly url: string;
  readonly role: string;
  readonly creatorId: string | null;
  readonly memberId: string | null;
  readonly expiresAt: string;
}

/** The address goes to stdout alone, so that it can be copied or piped. */
export async function signInLink(
  invocation: Invocation,
  { role, member }: SignInLinkOptions,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, `a link for ${role}`);
  const link = await client.post<SignInLink>(LINKS, {
    role,
    ...(globals.creator !== undefined && { creatorId: globals.creator }),
    ...(member !== undefined && { memberId: member }),
  });
  terminal.answer(SCHEMA, link, () => link.url);
  const until = instant(link.expiresAt, globals.tz ?? 'UTC');
  terminal.note(`Signs ${whose(link)} in once, until ${until}. Whoever has it is let in.`);
}

const whose = ({ role, creatorId, memberId }: SignInLink): string =>
  [role, memberId ?? creatorId].filter((word) => word !== null).join(' ');

/** For whoever starts Flywheel: the dashboard, opened by one click. Undefined where it cannot be made. */
export const adminLink = async (client: ApiClient): Promise<string | undefined> => {
  const link = await client.post<SignInLink>(LINKS, { role: 'admin' }).catch(() => undefined);
  return link?.url;
};
