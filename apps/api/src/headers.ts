/** Header checks on what really came over the wire: Node joins or drops repeated headers silently. */

/** How often a header was sent; `name` in lower case, `raw` as Node's rawHeaders. */
export function countHeader(raw: readonly string[], name: string): number {
  let count = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const sent = raw[i];
    if (sent?.length === name.length && sent.toLowerCase() === name) count += 1;
  }
  return count;
}

/** The first of `names` (lower case, at most 31) that was sent more than once. Allocates nothing but the names. */
export function repeatedHeader(
  raw: readonly string[],
  names: ReadonlyMap<string, number>,
): string | undefined {
  let seen = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const bit = names.get(name);
    if (bit === undefined) continue;
    if ((seen & bit) !== 0) return name;
    seen |= bit;
  }
  return undefined;
}

/** Names as `repeatedHeader` wants them: each with a bit of its own. */
export const headerSet = (...names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, i) => [name, 1 << i]));
