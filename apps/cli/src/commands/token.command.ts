/** `flywheel token create|list|revoke` */
import { pathOf } from '../api-client.js';
import type { Expiry } from '../arguments.js';
import { instant } from '../format.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import { factsOf, tableOf } from '../table.js';

export interface TokenCreateOptions {
  readonly role: string;
  readonly member?: string;
  readonly label?: string;
  readonly expires?: Expiry;
}

interface Token {
  readonly id: string;
  readonly role: string;
  readonly creatorId: string | null;
  readonly memberId: string | null;
  readonly label: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
}

const TOKENS = pathOf('api', 'admin', 'tokens');

export async function createToken(
  invocation: Invocation,
  { role, member, label, expires }: TokenCreateOptions,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, `a token of ${role}`);
  const made = await client.post<Token & { readonly token: string }>(TOKENS, {
    role,
    label,
    creatorId: globals.creator,
    memberId: member,
    expiresAt: expires === undefined ? undefined : momentOf(expires),
  });
  const { token, ...about } = made;
  // Alone on stdout, so that it can go into a file without being seen.
  terminal.answer('flywheel.token-create/1', made, () => token);
  if (terminal.json) return;
  terminal.note(
    factsOf({ colors: terminal.noteColors }, [
      ['token', `${about.id}, of ${whoseOf(about)}`],
      [
        'expires',
        about.expiresAt === null ? 'never' : instant(about.expiresAt, globals.tz ?? 'UTC'),
      ],
      ['shown', 'now, and never again: put it where only its owner can read it'],
    ]),
  );
}

/** Of this machine's clock: a few seconds more or less are nothing to a token. */
const momentOf = (expires: Expiry): string =>
  'at' in expires ? expires.at : new Date(Date.now() + expires.afterMs).toISOString();

export async function listTokens(
  invocation: Invocation,
  { all = false, limit }: { readonly all?: boolean; readonly limit: number },
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation);
  const now = Date.now();
  const items: Token[] = [];
  for (let cursor: string | undefined, more = true; more && items.length < limit; ) {
    const page: { items: readonly Token[]; nextCursor: string | null } = await client.get(TOKENS, {
      limit,
      cursor,
    });
    items.push(...page.items.filter((token) => all || stateOf(token, now) === 'open'));
    cursor = page.nextCursor ?? undefined;
    more = cursor !== undefined;
  }
  const shown = items.slice(0, limit);
  const zone = globals.tz ?? 'UTC';
  terminal.answer('flywheel.token-list/1', { items: shown }, () =>
    shown.length === 0 ? 'There are none.' : tokenTable(invocation, shown, now, zone),
  );
}

function tokenTable({ terminal }: Invocation, tokens: readonly Token[], now: number, zone: string) {
  const titles = ['token', 'whose', 'label', 'made', 'by', 'last used', 'expires', 'state'];
  return tableOf(
    terminal,
    titles.map((title) => ({ title })),
    tokens.map((token) => [
      token.id,
      whoseOf(token),
      token.label ?? '',
      instant(token.createdAt, zone),
      token.createdBy,
      instant(token.lastUsedAt, zone),
      token.expiresAt === null ? 'never' : instant(token.expiresAt, zone),
      token.revokedBy === null ? stateOf(token, now) : `revoked by ${token.revokedBy}`,
    ]),
  );
}

export async function revokeToken(invocation: Invocation, id: string): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, `token ${id}`);
  const token = await client.delete<Token>(`${TOKENS}/${encodeURIComponent(id)}`);
  terminal.answer(
    'flywheel.token-revoke/1',
    token,
    () =>
      `Token ${id} (${whoseOf(token)}) is revoked since ${instant(token.revokedAt, globals.tz ?? 'UTC')}.`,
  );
}

function stateOf({ revokedAt, expiresAt }: Token, now: number): 'open' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= now ? 'expired' : 'open';
}

/** `member user_y of biz_x` */
function whoseOf({
  role,
  creatorId,
  memberId,
}: Pick<Token, 'role' | 'creatorId' | 'memberId'>): string {
  if (memberId !== null) return `${role} ${memberId} of ${creatorId}`;
  return creatorId === null ? role : `${role} ${creatorId}`;
}
