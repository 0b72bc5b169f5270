/**
 * Cuts what was read into batches that are folded and written as a whole. A batch ends with what
 * has come, at a bound of rows held in memory, or before an event that cannot be projected: what
 * stands before it is written first, and only then the failure is told.
 */
import type { RecordedEvent } from '#libs/event-store';
import { type Folded, Folder, ProjectionFailed } from './fold.js';
import type { Projection } from './projection.js';
import type { Shape } from './shape.js';

/** Events per read and at most per batch. */
export const BATCH_EVENTS = 10_000;
/** Folded rows after which a batch ends, whatever was read: bounds memory and statements. */
export const BATCH_ROWS = 200_000;

export interface Projecting<E> {
  readonly register: readonly Projection<E>[];
  /** A stored event as the projections know it. */
  readonly decode: (event: RecordedEvent) => E;
}

export class Batches<E> {
  private folder: Folder<E>;
  readonly shapes: readonly Shape[];

  constructor(
    private readonly projecting: Projecting<E>,
    private readonly maxRows = BATCH_ROWS,
  ) {
    this.folder = new Folder(projecting.register);
    this.shapes = this.folder.shapes;
  }

  /** Whether the rows held are so many that they should be taken now. */
  get full(): boolean {
    return this.folder.rows >= this.maxRows;
  }

  take(): Folded {
    return this.folder.take();
  }

  /** Adds events, from an index on, until all are added or it is full; returns the index behind the last. */
  fill(events: readonly RecordedEvent[], start: number): number {
    for (let i = start; i < events.length; i++) {
      if (i > start && i % ROWS_CHECKED_EVERY === 0 && this.full) return i;
      this.add(events[i] as RecordedEvent);
    }
    return events.length;
  }

  /** One batch from `start` on and the index behind it. Throws only if the event at `start` is at fault. */
  fold(events: readonly RecordedEvent[], start: number): { folded: Folded; end: number } {
    const end = this.foldable(events, start);
    return { folded: this.take(), end };
  }

  private foldable(events: readonly RecordedEvent[], start: number): number {
    try {
      return this.fill(events, start);
    } catch (error) {
      // Half an event may be in the folder.
      this.folder = new Folder(this.projecting.register);
      if (!(error instanceof ProjectionFailed)) throw error;
      const failing = events.findIndex((event) => event.position === error.position);
      if (failing <= start) throw error;
      return this.fill(events.slice(0, failing), start);
    }
  }

  private add(recorded: RecordedEvent): void {
    let event: E;
    try {
      event = this.projecting.decode(recorded);
    } catch (error) {
      throw new ProjectionFailed(recorded.position, 'decode', error);
    }
    this.folder.add(event, recorded.position);
  }
}

/** An event makes at most some hundreds of rows, so the bound need not be looked at for each. */
const ROWS_CHECKED_EVERY = 100;
