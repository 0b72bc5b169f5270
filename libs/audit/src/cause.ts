/** What an event says of its cause: the delivery that told it, or the command that ordered it. */
import type { JsonObject, RecordedEvent } from '#libs/event-store';

export type Cause =
  | { readonly kind: 'delivery'; readonly delivery: bigint }
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly actor: string;
      readonly reason: string | null;
    }
  /** Of neither: somebody appended it by other means. */
  | { readonly kind: 'unknown' };

export function causeOf({ metadata, data }: Pick<RecordedEvent, 'metadata' | 'data'>): Cause {
  const { delivery, command, actor } = metadata;
  if (typeof delivery === 'string' && /^\d{1,18}$/.test(delivery))
    return { kind: 'delivery', delivery: BigInt(delivery) };
  if (typeof command !== 'string' || typeof actor !== 'string') return { kind: 'unknown' };
  return { kind: 'command', command, actor, reason: textOf(metadata) ?? textOf(data) };
}

/** Some orders keep their reason with what they say (`TierPinned`), others with the order. */
const textOf = ({ reason }: JsonObject): string | null =>
  typeof reason === 'string' ? reason : null;
