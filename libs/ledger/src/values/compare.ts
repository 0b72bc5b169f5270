/**
 * Order of ids and codes: by code unit, never by locale. Ids are ASCII, so this is the order of
 * their bytes, the one of `collate "C"` in PostgreSQL.
 */
export function bytewise(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
