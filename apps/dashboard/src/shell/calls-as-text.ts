/** A question of a page as what one types: curl, and the command that asks the same. */

/** A word of a shell that means nothing but itself. */
const PLAIN = /^[\w.,:@%+/=-]+$/;
const word = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The token stands in a variable, as `flywheel status -o env` names it: no line shows it. */
export const curlOf = (origin: string, address: string): string =>
  `curl -H "Authorization: Bearer $FLYWHEEL_ADMIN_TOKEN" ${word(`${origin}${address}`)}`;

/** Names of a query that say how an answer is taken apart, not what it is about. */
const OF_PAGING: readonly string[] = ['cursor', 'limit', 'count'];

interface Asks {
  /** With parts of the address in braces, or of the query after a colon. */
  readonly command: string;
  /** By what the query calls it: the option, where it is called otherwise. */
  readonly options?: Readonly<Record<string, string>>;
}

const same = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, name]));

const EXPLAINED = {
  ...same('month', 'day', 'currency', 'state', 'version', 'origin', 'source', 'limit'),
  throughDay: 'through-day',
};
const RANGE = same('from', 'to', 'currency');
const OF = '/api/creators/{creator}';
const MEMBER = `${OF}/members/{member}`;

/** What has no command is asked by curl alone. */
export const COMMANDS: Readonly<Record<string, Asks>> = {
  [`${OF}/top-referrers`]: { command: 'top', options: same('month', 'limit', 'currency') },
  [`${OF}/referrals`]: { command: 'referrals', options: same('limit') },
  [`${OF}/payments`]: {
    command: 'payments',
    options: same('month', 'member', 'referrer', 'kind', 'currency', 'limit'),
  },
  [`${OF}/revenue`]: { command: 'revenue', options: RANGE },
  [`${OF}/growth`]: { command: 'growth', options: same('months') },
  [`${OF}/members`]: {
    command: 'members',
    options: { ...same('tier', 'sort', 'limit'), q: 'search' },
  },
  [MEMBER]: { command: 'member show {member}' },
  [`${MEMBER}/stats`]: { command: 'member show {member}', options: same('month') },
  [`${MEMBER}/referrals`]: {
    command: 'member referrals {member}',
    options: same('status', 'limit'),
  },
  [`${MEMBER}/earnings`]: {
    command: 'member earnings {member}',
    options: { ...RANGE, ...same('by') },
  },
  [`${MEMBER}/growth`]: { command: 'member growth {member}', options: same('months') },
  [`${MEMBER}/statement`]: {
    command: 'member statement {member}',
    options: same('month', 'currency'),
  },
  [`${MEMBER}/explain`]: { command: 'explain {member} :figure', options: EXPLAINED },
  [`${OF}/explain`]: { command: 'explain {creator} :figure', options: EXPLAINED },
  [`${OF}/settings`]: { command: 'settings show' },
  [`${OF}/months`]: { command: 'months list' },
  [`${OF}/months/{month}`]: { command: 'months show {month}' },
  [`${OF}/months/{month}/snapshot`]: {
    command: 'months show {month} --csv',
    options: same('version'),
  },
  [`${OF}/months/{month}/drift`]: { command: 'months drift {month}' },
  '/api/admin/projections': { command: 'status' },
  '/api/admin/checks': { command: 'check --list' },
  '/api/admin/diagnosis/{creator}': { command: 'diagnose', options: same('month') },
  '/api/admin/deliveries/{id}': { command: 'webhooks deliveries show {id}' },
  '/api/admin/replays': { command: 'replay list', options: same('limit') },
  '/api/admin/replays/{id}': { command: 'replay show {id}' },
  '/api/admin/tokens': { command: 'token list', options: same('limit') },
  '/api/audit/events/{id}': { command: 'events show {id}' },
};

/** Undefined: no command asks this. */
export function commandOf(address: string): string | undefined {
  const { pathname, searchParams } = new URL(address, 'http://here');
  for (const [template, { command, options = {} }] of Object.entries(COMMANDS)) {
    const parts = partsOf(template, pathname);
    if (parts === undefined) continue;
    const query = new Map(searchParams);
    const words = command.split(' ').map((one) => {
      if (one.startsWith('{')) return word(parts[one.slice(1, -1)] ?? '');
      if (!one.startsWith(':')) return one;
      const value = query.get(one.slice(1));
      query.delete(one.slice(1));
      return value === undefined ? undefined : word(value);
    });
    if (words.includes(undefined)) return undefined;
    const whose = parts.creator;
    if (whose !== undefined && !words.includes(word(whose))) words.push('--creator', word(whose));
    for (const [name, value] of query) {
      const option = options[name];
      if (option !== undefined) words.push(`--${option}`, word(value));
      else if (!OF_PAGING.includes(name)) return undefined;
    }
    return `npx flywheel ${words.join(' ')}`;
  }
  return undefined;
}

/** What stands where the template has a name; undefined: it is another address. */
function partsOf(template: string, pathname: string): Record<string, string> | undefined {
  const [names, parts] = [template.split('/'), pathname.split('/')];
  if (names.length !== parts.length) return undefined;
  const found: Record<string, string> = {};
  for (const [at, name] of names.entries()) {
    const part = parts[at] ?? '';
    if (name.startsWith('{')) found[name.slice(1, -1)] = decodeURIComponent(part);
    else if (name !== part) return undefined;
  }
  return found;
}

interface Init {
  readonly params?: {
    readonly path?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, unknown>>;
  };
}

/** What a question of the typed client asks, by its key; undefined: its key does not say all of it. */
export function addressOf(key: readonly unknown[]): string | undefined {
  const [method, template, init] = key as readonly [unknown, unknown, Init | undefined];
  if (method !== 'get' || typeof template !== 'string' || key.length > 3) return undefined;
  if (!template.startsWith('/api/')) return undefined;
  const path = init?.params?.path ?? {};
  const pathname = template.replaceAll(/\{(\w+)\}/g, (hole, name: string) =>
    path[name] === undefined ? hole : encodeURIComponent(path[name]),
  );
  if (pathname.includes('{')) return undefined;
  const asked = Object.entries(init?.params?.query ?? {}).filter(
    ([, value]) => value !== undefined,
  );
  const query = new URLSearchParams(
    asked.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return query === '' ? pathname : `${pathname}?${query}`;
}
