/**
 * The shape of a projection's table, worked out once: its columns in the order in which they are
 * folded, written and created. The declaration is refused here when no table could hold it.
 */
import { type Columns, type ColumnType, type Projection, snake } from './projection.js';

export interface Column {
  /** In rows. */
  readonly property: string;
  /** In SQL. */
  readonly name: string;
  readonly type: ColumnType;
}

export interface Shape {
  readonly name: string;
  readonly kind: 'sums' | 'latest' | 'lines';
  /** Columns of the primary key; none for lines, whose key is (position, n). */
  readonly key: readonly Column[];
  /** The other columns: summed, replaced or appended. */
  readonly values: readonly Column[];
  readonly recomputed?: {
    readonly property: string;
    readonly name: string;
    readonly sql: string;
  };
  readonly indexes: readonly { readonly columns: readonly string[]; readonly where?: string }[];
}

const IDENTIFIER = /^[a-z][a-z0-9_]{0,50}$/;

/** Throws a plain Error when the declaration makes no table: that is a mistake in the code. */
export function shapeOf<E>(projection: Projection<E>): Shape {
  const key = projection.kind === 'lines' ? [] : columnsOf(projection.key);
  const values = columnsOf(projection.kind === 'sums' ? projection.sums : projection.columns);
  const recomputed =
    projection.kind === 'sums' && projection.recomputed !== undefined
      ? {
          property: projection.recomputed.column,
          name: snake(projection.recomputed.column),
          sql: projection.recomputed.sql,
        }
      : undefined;
  const shape: Shape = {
    name: projection.name,
    kind: projection.kind,
    key,
    values,
    indexes: projection.indexes,
    ...(recomputed && { recomputed }),
  };
  refuseNonsense(shape);
  return shape;
}

/** Every column of the table, in order. */
export function columnNames(shape: Shape): string[] {
  const own = shape.kind === 'lines' ? ['position', 'n'] : [];
  const names = [...own, ...shape.key.map((c) => c.name), ...shape.values.map((c) => c.name)];
  return shape.recomputed === undefined ? names : [...names, shape.recomputed.name];
}

function columnsOf(columns: Columns): Column[] {
  return Object.entries(columns).map(([property, type]) => ({
    property,
    name: snake(property),
    type,
  }));
}

function refuseNonsense(shape: Shape): void {
  const refuse = (why: string): never => {
    throw new Error(`projection ${shape.name}: ${why}`);
  };
  const names = columnNames(shape);
  for (const name of [shape.name, ...names])
    if (!IDENTIFIER.test(name)) refuse(`${name} is not a snake_case identifier`);
  if (new Set(names).size !== names.length) refuse('two columns have the same name');
  if (shape.kind !== 'lines' && shape.key.length === 0) refuse('has no key');
  if (shape.key.some((column) => column.type === 'optional'))
    refuse('a key column cannot be null: use text and an empty string');
}
