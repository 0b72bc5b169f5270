/**
 * A table of any length: only the rows in sight are drawn, and more are read before the end comes
 * into sight. The page itself scrolls, so that it is one page to a reader and to the keyboard.
 */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { FigureTable, type FigureTableProps } from './table.js';
import classes from './table.module.css';

interface LongTableProps<Row> extends FigureTableProps<Row> {
  readonly hasMore: boolean;
  readonly onMore: () => void;
}

const ROW_PX = 42;
const CARD_PX = 150;
const PHONE = '(max-width: 47.99em)';
/** Drawn beyond what is in sight. */
const OVERSCAN = 12;
/** Rows before the end at which more are asked for. */
const AHEAD = 30;

export function LongTable<Row>({ rows, hasMore, onMore, ...table }: LongTableProps<Row>) {
  const top = useRef<HTMLDivElement>(null);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (window.matchMedia(PHONE).matches ? CARD_PX : ROW_PX),
    overscan: OVERSCAN,
    scrollMargin: top.current?.offsetTop ?? 0,
  });
  const shown = virtual.getVirtualItems();
  const [first, last] = [shown[0], shown.at(-1)];
  const end = last?.index ?? 0;
  useEffect(() => {
    if (hasMore && end >= rows.length - AHEAD) onMore();
  }, [hasMore, end, rows.length, onMore]);
  const before = first === undefined ? 0 : first.start - virtual.options.scrollMargin;
  const after =
    last === undefined ? 0 : virtual.getTotalSize() - (last.end - virtual.options.scrollMargin);
  return (
    <div ref={top}>
      <FigureTable
        {...table}
        rows={rows.slice(first?.index ?? 0, end + 1)}
        rowRef={virtual.measureElement}
        firstIndex={first?.index ?? 0}
        rowCount={hasMore ? -1 : rows.length + 1}
        before={<Space height={before} />}
        after={<Space height={after} />}
      />
    </div>
  );
}

/** What is not drawn takes its room. */
const Space = ({ height }: { readonly height: number }) =>
  height <= 0 ? null : (
    <tr className={classes.space}>
      <td style={{ height }} />
    </tr>
  );
