import { canonicalJson, type Json } from '#libs/event-store';

/**
 * What a text column that holds JSON is filled with: the canonical form (RFC 8785), because the order
 * of an event's members depends on who hands it over: the store's table, another store, or the memory
 * of the process that appended it. A row may depend on what the event says and on nothing else.
 */
export const jsonText = (value: object): string => canonicalJson(value as Json);
