/**
 * From the shape in which an event was stored to today's. Stored events are never rewritten; whoever
 * decodes an event passes it through `upcast` first.
 *
 * The version of an event's shape is `v` in its metadata; absence means 1. The register names, for
 * each type whose shape has changed, the steps 1→2, 2→3, …: today's version is one more than there
 * are steps. A step is pure and total on everything ever stored in the version before. A version
 * that is newer than the register (an older build reading a newer log) is refused, not guessed.
 */
import type { JsonObject, NewEvent, RecordedEvent } from './event-store.js';

/** Data of one version to data of the next. */
export type UpcastStep = (data: JsonObject, event: RecordedEvent) => JsonObject;
/** Event type to its steps, oldest first. */
export type UpcastSteps = Readonly<Record<string, readonly UpcastStep[]>>;

export interface Upcasters {
  /** The event in today's shape; the same object when it has it already. */
  upcast(event: RecordedEvent): RecordedEvent;
  /** A new event marked with today's version of its type, as it must be appended. */
  stamped(event: NewEvent): NewEvent;
}

/** The event has a version that this build does not know. */
export class UnknownEventVersion extends Error {
  readonly code = 'unknown_event_version';
  constructor(
    readonly type: string,
    readonly version: unknown,
    readonly known: number,
  ) {
    super(`${type} of version ${String(version)}: this build knows 1 to ${known}`);
  }
}

const FIRST = 1;

export function upcastersOf(register: UpcastSteps): Upcasters {
  const steps = new Map(Object.entries(register));
  const today = (type: string) => FIRST + (steps.get(type)?.length ?? 0);
  return {
    upcast: (event) => {
      const known = today(event.type);
      const version = event.metadata.v ?? FIRST;
      if (version === known) return event;
      if (!isVersion(version) || version > known)
        throw new UnknownEventVersion(event.type, version, known);
      const missing = steps.get(event.type)?.slice(version - FIRST) ?? [];
      const data = missing.reduce((older, step) => step(older, event), event.data);
      return { ...event, data, metadata: { ...event.metadata, v: known } };
    },
    stamped: (event) => {
      const known = today(event.type);
      return known === FIRST ? event : { ...event, metadata: { ...event.metadata, v: known } };
    },
  };
}

const isVersion = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= FIRST;
