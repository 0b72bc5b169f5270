/** An address of the interface: whatever an id contains, it stays one part of it. */
export const apiPath = (...parts: readonly string[]): string =>
  `/api/${parts.map(encodeURIComponent).join('/')}`;
