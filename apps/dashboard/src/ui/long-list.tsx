/** A list of the server of any length: read on as one scrolls, or why there is nothing of it. */
import type { ReactNode } from 'react';
import { LongTable } from './long-table.js';
import { Answer, type Asked, Loading } from './states.js';
import type { Column } from './table.js';

interface Page<Row> {
  readonly items: readonly Row[];
  readonly timeZone: string;
}

interface LongListProps<Row> {
  readonly label: string;
  readonly read: Asked<{ readonly pages: readonly Page<Row>[] }> & {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  /** Instants are those of the zone that the answer says. */
  readonly columnsOf: (timeZone: string) => readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  /** What stands in for no row at all. */
  readonly empty: ReactNode;
}

const LINES = 10;
const LINE_PX = 28;

export function LongList<Row>({ label, read, columnsOf, rowKey, empty }: LongListProps<Row>) {
  return (
    <Answer of={read} loading={<Loading lines={LINES} height={LINE_PX} />}>
      {({ pages }) => {
        const rows = pages.flatMap(({ items }) => items);
        const [first] = pages;
        if (first === undefined || rows.length === 0) return empty;
        return (
          <LongTable
            label={label}
            columns={columnsOf(first.timeZone)}
            rows={rows}
            rowKey={rowKey}
            hasMore={read.hasNextPage}
            onMore={() => {
              // What failed is asked again by a person: by itself it would be asked without end.
              if (!read.isFetchingNextPage && read.error === null) void read.fetchNextPage();
            }}
          />
        );
      }}
    </Answer>
  );
}
