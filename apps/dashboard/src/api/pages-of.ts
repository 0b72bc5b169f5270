/** The interface says where something is explained by an address of its own: the page that shows it. */

const EXPLAIN = /^\/api\/creators\/([^/?]+)(?:\/members\/([^/?]+))?\/explain\?(.+)$/;

/** Undefined: no page shows it. */
export function pageOf(path: string): string | undefined {
  const [, creator, member, asked] = EXPLAIN.exec(path) ?? [];
  if (creator !== undefined) {
    const query = new URLSearchParams({ creator: decodeURIComponent(creator) });
    if (member !== undefined) query.set('member', decodeURIComponent(member));
    for (const [name, value] of new URLSearchParams(asked)) query.set(name, value);
    return `/explain?${query}`;
  }
  const [, kind, id] =
    /^\/api\/(audit\/events|audit\/streams|admin\/deliveries)\/([^/?]+)$/.exec(path) ?? [];
  if (kind === 'audit/events') return `/events/${id}`;
  if (kind === 'audit/streams')
    return `/events?${new URLSearchParams({ stream: decodeURIComponent(id ?? '') })}`;
  return kind === undefined ? undefined : `/ops/quarantine/${id}`;
}
