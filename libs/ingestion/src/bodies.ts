/**
 * How raw bodies lie in `deliveries.body`: sealed, bound to the delivery that they are of, so that no
 * row's body can stand in for another's. Everybody who reads or writes one goes through here.
 *
 * In plain are only the deliveries that the ledger tells itself, which hold ids and keyed hashes; and
 * what an earlier release stored, until it is sealed (operating/sealing.ts).
 */
import { sql } from 'kysely';
import type { BodyForm } from '#libs/database';
import type { Vault } from '#libs/vault';
import type { Delivery } from './verdict.js';

/** What names a delivery: the same bytes of the same sender are the same delivery. */
export interface BodyPlace {
  readonly provider: string;
  readonly deliveryId: string;
  readonly sha256: Buffer;
}

/** A row's columns, as they are selected. */
export interface BodyRow {
  readonly provider: string;
  readonly delivery_id: string;
  readonly body_sha256: Buffer;
  readonly body_form: BodyForm;
  readonly body: Buffer;
}

/** The columns of a BodyRow, of `deliveries` or of another name of it. */
export const BODY_COLUMNS = [
  'provider',
  'delivery_id',
  'body_sha256',
  'body_form',
  'body',
] as const;

/** A row of a delivery, as the intake reads it. */
export interface DeliveryRow extends BodyRow {
  readonly id: string;
  /** Seconds since 1970. */
  readonly received_at: string;
}

/** The columns of a DeliveryRow. */
export const DELIVERY = sql`id, provider, delivery_id, body_sha256, body_form, body,
  floor(extract(epoch from received_at))::bigint as received_at`;

/** With its body opened. Throws as `openBody`. */
export const deliveryOf = (row: DeliveryRow, vault: Vault): Delivery => ({
  id: row.id,
  provider: row.provider,
  body: openBody(vault, row),
  receivedAt: Number(row.received_at),
  isScrubbed: row.body_form === 'scrubbed',
});

export const sealBody = (
  vault: Vault,
  place: BodyPlace,
  body: Buffer,
  form: Exclude<BodyForm, 'plain'> = 'sealed',
): Buffer => vault.seal('delivery', textOf(place, form), body);

/** Throws `data_key_wrong`, `sealed_altered`. */
export function openBody(vault: Vault, row: BodyRow): Buffer {
  if (row.body_form === 'plain') return row.body;
  return vault.open('delivery', textOf(placeOf(row), row.body_form), row.body);
}

export const placeOf = (row: Omit<BodyRow, 'body' | 'body_form'>): BodyPlace => ({
  provider: row.provider,
  deliveryId: row.delivery_id,
  sha256: row.body_sha256,
});

/** The form is part of it: scrubbed bytes are never taken for what a sender signed. */
const textOf = ({ provider, deliveryId, sha256 }: BodyPlace, form: BodyForm): string =>
  `${form}\0${provider}\0${deliveryId}\0${sha256.toString('base64')}`;
