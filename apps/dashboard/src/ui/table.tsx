/** A table of figures. On a phone each row becomes a card, and stays a row for who cannot see it. */
import { memo, type ReactNode } from 'react';
import classes from './table.module.css';

export interface Column<Row> {
  readonly id: string;
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** Figures stand to the right. */
  readonly isFigure?: boolean;
  /** What the row is about: the head of its card. */
  readonly isTitle?: boolean;
  /** Not on a phone. */
  readonly isExtra?: boolean;
}

export interface FigureTableProps<Row> {
  /** Says what the table is, for who cannot see its heading. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly foot?: ReactNode;
}

/** Of a table of which only a part is drawn. */
interface PartProps {
  readonly rowRef?: (row: HTMLElement | null) => void;
  readonly firstIndex?: number;
  /** Of all rows, the head included; -1: not known yet. Said where not all of them are drawn. */
  readonly rowCount?: number;
  readonly before?: ReactNode;
  readonly after?: ReactNode;
}

/* The roles are said, because a table that is displayed as blocks loses them. */
export function FigureTable<Row>(props: FigureTableProps<Row> & PartProps) {
  const { label, columns, rows, rowKey, foot } = props;
  const { rowRef, firstIndex = 0, rowCount, before, after } = props;
  // From 1, and the head is the first.
  const indexOf = (n: number): number | undefined => (rowCount === undefined ? undefined : n + 1);
  return (
    <>
      <table className={classes.table} role="table" aria-label={label} aria-rowcount={rowCount}>
        <thead className={classes.head} role="rowgroup">
          <tr role="row" aria-rowindex={indexOf(0)}>
            {columns.map((column) => (
              <th
                key={column.id}
                role="columnheader"
                scope="col"
                data-figure={column.isFigure}
                data-extra={column.isExtra}
              >
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {before}
          {rows.map((row, n) => (
            <FigureRow
              key={rowKey(row)}
              row={row}
              columns={columns}
              rowRef={rowRef}
              index={firstIndex + n}
              ariaIndex={indexOf(firstIndex + n + 1)}
            />
          ))}
          {after}
        </tbody>
      </table>
      {foot !== undefined && <div className={classes.foot}>{foot}</div>}
    </>
  );
}

interface FigureRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly rowRef: ((row: HTMLElement | null) => void) | undefined;
  readonly index: number;
  readonly ariaIndex: number | undefined;
}

function PlainRow<Row>({ row, columns, rowRef, index, ariaIndex }: FigureRowProps<Row>) {
  return (
    <tr
      role="row"
      className={classes.row}
      ref={rowRef}
      data-index={index}
      aria-rowindex={ariaIndex}
    >
      {columns.map((column) => (
        <td
          key={column.id}
          role="cell"
          data-label={column.head}
          data-figure={column.isFigure}
          data-title={column.isTitle}
          data-extra={column.isExtra}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** A row that stays is not drawn again while one scrolls: only those that come are. */
const FigureRow = memo(PlainRow) as typeof PlainRow;
