/**
 * Folds events into what they add to each table: one row per key for sums and latest, all rows for
 * lines. Pure, in memory, and the same for live, replay and tests.
 *
 * It is written for speed. Nothing is allocated per row but the key: values go straight into one
 * array per column, from which the statements' parameters are written. A key is its columns joined
 * with NUL: PostgreSQL text and jsonb cannot hold a NUL, so a row whose text contains one is refused
 * by the database, and it can only share a key with another such row.
 */
import { arrayLiteral, type ArrayElement as Value } from '#libs/database';
import type { Projection, Row } from './projection.js';
import { type Column, type Shape, shapeOf } from './shape.js';

/** What a batch adds to one table, by column, as array literals ready for unnest. */
export interface FoldedTable {
  readonly shape: Shape;
  /** Rows in `columns`; none: nothing is written. */
  readonly rows: number;
  readonly columns: readonly string[];
  /** The key columns of every key that was met, also where its sums cancel out. */
  readonly touched: readonly string[];
}

export interface Folded {
  readonly tables: readonly FoldedTable[];
  readonly rows: number;
  readonly events: number;
}

/** A projection (or the decoding of an event) threw: the log cannot be projected beyond this event. */
export class ProjectionFailed extends Error {
  readonly code = 'projection_failed';
  constructor(
    readonly position: bigint,
    /** Its name, or `decode`. */
    readonly projection: string,
    cause: unknown,
  ) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${projection} failed at position ${position}: ${why}`, { cause });
  }
}

interface TableFold {
  add(rows: readonly Row[], position: bigint): void;
  /** Rows held. */
  size(): number;
  /** What was added since the last call. */
  take(): FoldedTable;
}

/** Collects events for all projections of a register, until what they add is taken. */
export class Folder<E> {
  private readonly folds: readonly TableFold[];
  private events = 0;
  readonly shapes: readonly Shape[];

  constructor(private readonly register: readonly Projection<E>[]) {
    this.shapes = register.map(shapeOf);
    this.folds = this.shapes.map(tableFold);
    const names = new Set(register.map((projection) => projection.name));
    if (names.size !== register.length) throw new Error('two projections have the same name');
  }

  /** Rows held in memory: what bounds a batch beside its number of events. */
  get rows(): number {
    return this.folds.reduce((sum, fold) => sum + fold.size(), 0);
  }

  /** After an error nothing can be taken: part of the event may have been added. */
  add(event: E, position: bigint): void {
    const { register, folds } = this;
    for (let i = 0; i < register.length; i++) {
      const projection = register[i] as Projection<E>;
      try {
        const rows = projection.rows(event);
        if (rows.length > 0) (folds[i] as TableFold).add(rows, position);
      } catch (error) {
        throw new ProjectionFailed(position, projection.name, error);
      }
    }
    this.events++;
  }

  take(): Folded {
    const tables = this.folds.map((fold) => fold.take());
    const events = this.events;
    this.events = 0;
    return { tables, events, rows: tables.reduce((sum, table) => sum + table.rows, 0) };
  }
}

function tableFold(shape: Shape): TableFold {
  if (shape.kind === 'sums') return new SumsFold(shape);
  if (shape.kind === 'latest') return new LatestFold(shape);
  return new LinesFold(shape);
}

const columnsFor = (columns: readonly Column[]): Value[][] => columns.map(() => []);
const literals = (columns: readonly Column[], values: readonly Value[][]): string[] =>
  columns.map((_, c) => arrayLiteral(values[c] as Value[]));

/** Which slot of the columns a key has. */
class Slots {
  private slots = new Map<string, number>();
  private readonly properties: readonly string[];
  readonly keys: Value[][];

  constructor(private readonly key: readonly Column[]) {
    this.properties = key.map((column) => column.property);
    this.keys = columnsFor(key);
  }

  get size(): number {
    return this.slots.size;
  }

  /** The slot of a row, and of a new key the next one. */
  of(row: Row): number {
    const { properties } = this;
    let joined = String(row[properties[0] as string]);
    for (let k = 1; k < properties.length; k++)
      joined += `\u0000${String(row[properties[k] as string])}`;
    const known = this.slots.get(joined);
    if (known !== undefined) return known;
    const slot = this.slots.size;
    this.slots.set(joined, slot);
    for (let k = 0; k < properties.length; k++)
      (this.keys[k] as Value[]).push(cell(row, properties[k] as string));
    return slot;
  }

  literals(): string[] {
    return literals(this.key, this.keys);
  }
}

class SumsFold implements TableFold {
  private readonly properties: readonly string[];
  private slots: Slots;
  private sums: bigint[][];

  constructor(private readonly shape: Shape) {
    this.properties = shape.values.map((column) => column.property);
    this.slots = new Slots(shape.key);
    this.sums = shape.values.map(() => []);
  }

  size(): number {
    return this.slots.size;
  }

  add(rows: readonly Row[]): void {
    const { slots, sums, properties } = this;
    for (const row of rows) {
      const slot = slots.of(row);
      for (let s = 0; s < properties.length; s++) {
        const property = properties[s] as string;
        const value = row[property];
        if (typeof value !== 'bigint') throw new TypeError(`${property} is not a bigint`);
        const column = sums[s] as bigint[];
        if (slot === column.length) column.push(value);
        else if (value !== 0n) column[slot] = (column[slot] as bigint) + value;
      }
    }
  }

  take(): FoldedTable {
    const { shape, slots, sums } = this;
    this.slots = new Slots(shape.key);
    this.sums = shape.values.map(() => []);
    const touched = shape.recomputed === undefined ? [] : slots.literals();
    const kept = keptSlots(slots.size, sums);
    const keys = kept === undefined ? slots.keys : slots.keys.map((column) => pick(column, kept));
    const values = kept === undefined ? sums : sums.map((column) => pick(column, kept));
    const columns = [...literals(shape.key, keys), ...literals(shape.values, values)];
    return { shape, rows: kept?.length ?? slots.size, columns, touched };
  }
}

/** Slots that do not sum up to nothing; undefined: all. */
function keptSlots(size: number, sums: readonly bigint[][]): number[] | undefined {
  const zero = (slot: number): boolean => {
    for (const column of sums) if (column[slot] !== 0n) return false;
    return true;
  };
  let first = 0;
  while (first < size && !zero(first)) first++;
  if (first === size) return undefined;
  const kept: number[] = [];
  for (let slot = 0; slot < size; slot++) if (slot < first || !zero(slot)) kept.push(slot);
  return kept;
}

const pick = <V>(column: readonly V[], slots: readonly number[]): V[] =>
  slots.map((slot) => column[slot] as V);

class LatestFold implements TableFold {
  private readonly properties: readonly string[];
  private slots: Slots;
  private values: Value[][];

  constructor(private readonly shape: Shape) {
    this.properties = shape.values.map((column) => column.property);
    this.slots = new Slots(shape.key);
    this.values = columnsFor(shape.values);
  }

  size(): number {
    return this.slots.size;
  }

  add(rows: readonly Row[]): void {
    const { slots, values, properties } = this;
    for (const row of rows) {
      const slot = slots.of(row);
      for (let c = 0; c < properties.length; c++)
        (values[c] as Value[])[slot] = cell(row, properties[c] as string);
    }
  }

  take(): FoldedTable {
    const { shape, slots, values } = this;
    this.slots = new Slots(shape.key);
    this.values = columnsFor(shape.values);
    const columns = [...slots.literals(), ...literals(shape.values, values)];
    return { shape, rows: slots.size, columns, touched: [] };
  }
}

class LinesFold implements TableFold {
  private readonly properties: readonly string[];
  private positions: bigint[] = [];
  private numbers: number[] = [];
  private values: Value[][];

  constructor(private readonly shape: Shape) {
    this.properties = shape.values.map((column) => column.property);
    this.values = columnsFor(shape.values);
  }

  size(): number {
    return this.numbers.length;
  }

  add(rows: readonly Row[], position: bigint): void {
    const { values, properties } = this;
    for (let n = 0; n < rows.length; n++) {
      const row = rows[n] as Row;
      this.positions.push(position);
      this.numbers.push(n);
      for (let c = 0; c < properties.length; c++)
        (values[c] as Value[]).push(cell(row, properties[c] as string));
    }
  }

  take(): FoldedTable {
    const { shape, positions, numbers, values } = this;
    this.positions = [];
    this.numbers = [];
    this.values = columnsFor(shape.values);
    const place = [arrayLiteral(positions), arrayLiteral(numbers)];
    const columns = [...place, ...literals(shape.values, values)];
    return { shape, rows: numbers.length, columns, touched: [] };
  }
}

function cell(row: Row, property: string): Value {
  const value = row[property];
  if (value === undefined) throw new TypeError(`${property} is missing`);
  return value;
}
