/** What a replay found: by table, and row by row while its tables are there. */
import { NativeSelect, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type DifferenceRow, type Replay, useDifference } from '../../api/ops-reads.js';
import { Count } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { LongTable } from '../../ui/long-table.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import { Explained } from './check-state.js';
import { NamedRow } from './named-row.js';
import { deltaText, fieldName, fieldText } from './values.js';

type Found = NonNullable<Replay['difference']>;

interface DifferenceProps {
  readonly of: Replay;
  readonly difference: Found;
}

export function Difference({ of, difference }: DifferenceProps) {
  const differing = difference.tables.filter((one) => one.missing + one.extra + one.changed > 0);
  if (differing.length === 0) return null;
  return (
    <>
      <Panel title="By read model" flush>
        <FigureTable
          label="What differs, by read model"
          rows={differing}
          rowKey={({ table }) => table}
          columns={TABLES}
          foot={
            <span className="break">
              Compared at #{countText(difference.livePosition)} · this difference is{' '}
              <span className="mono">{difference.hash.slice(0, 16)}…</span>: what is switched to is
              what was seen.
            </span>
          }
        />
      </Panel>
      {of.state === 'ready' && (
        <Rows of={of} difference={difference} tables={differing.map(({ table }) => table)} />
      )}
    </>
  );
}

const TABLES: readonly Column<Found['tables'][number]>[] = [
  { id: 'table', head: 'Read model', isTitle: true, cell: ({ table }) => table },
  {
    id: 'missing',
    head: 'Missing',
    isFigure: true,
    cell: ({ missing }) => <Count n={missing} />,
  },
  { id: 'extra', head: 'Too many', isFigure: true, cell: ({ extra }) => <Count n={extra} /> },
  {
    id: 'changed',
    head: 'Other values',
    isFigure: true,
    cell: ({ changed }) => <Count n={changed} />,
  },
  {
    id: 'of',
    head: 'Of rows',
    isFigure: true,
    cell: ({ compared }) => <Count n={compared} />,
  },
  {
    id: 'fields',
    head: 'Fields',
    isExtra: true,
    cell: ({ columns }) => (
      <span className="break">{columns.map(({ column }) => fieldName(column)).join(', ')}</span>
    ),
  },
];

/** A field of a row that differs: what one looks at. */
interface Field {
  readonly row: DifferenceRow;
  readonly field: string;
  readonly isFirst: boolean;
}

/** Of a row that one side lacks, sums of zero say nothing. */
function fieldsOf(row: DifferenceRow): readonly Field[] {
  const saying = row.columns.filter(
    (field) => (row.live?.[field] ?? '0') !== (row.replayed?.[field] ?? '0'),
  );
  const shown = saying.length === 0 ? row.columns : saying;
  return shown.map((field, n) => ({ row, field, isFirst: n === 0 }));
}

function Rows({
  of: { id },
  difference,
  tables,
}: DifferenceProps & { readonly tables: readonly string[] }) {
  const { table } = useSearch({ strict: false });
  const navigate = useNavigate();
  const read = useDifference(id, { hash: difference.hash, table });
  return (
    <Panel
      title="Row by row, the largest first"
      flush
      aside={
        <NativeSelect
          size="xs"
          aria-label="Read model"
          value={table ?? ''}
          data={[{ value: '', label: 'Every read model' }, ...tables]}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            void navigate({
              to: '/ops/runs/$run',
              params: { run: id },
              search: chosen === '' ? {} : { table: chosen },
              replace: true,
            });
          }}
        />
      }
    >
      <Answer of={read} loading={<Loading lines={8} height={28} />}>
        {({ pages }) => {
          const fields = pages.flatMap(({ items }) => items).flatMap(fieldsOf);
          if (fields.length === 0) return <Empty title="No row of this read model differs" />;
          return (
            <LongTable
              label="Rows that differ"
              rows={fields}
              rowKey={({ row, field }) => `${row.n} ${field}`}
              columns={COLUMNS}
              hasMore={read.hasNextPage}
              onMore={() => {
                if (!read.isFetchingNextPage && read.error === null) void read.fetchNextPage();
              }}
            />
          );
        }}
      </Answer>
      {difference.stored < difference.rows && (
        <Text size="sm" c="dimmed" px="1.125rem" py="sm">
          The {countText(difference.stored)} largest are kept, of {countText(difference.rows)}.
        </Text>
      )}
    </Panel>
  );
}

const currencyOf = ({ key, live, replayed }: DifferenceRow): string | undefined =>
  key.currency ?? replayed?.currency ?? live?.currency ?? undefined;

const COLUMNS: readonly Column<Field>[] = [
  {
    id: 'row',
    head: 'Row',
    isTitle: true,
    cell: ({ row, isFirst }) => <NamedRow of={row.key} isRow={isFirst} />,
  },
  {
    id: 'table',
    head: 'Read model',
    cell: ({ row }) => <span className="break">{row.table}</span>,
  },
  { id: 'field', head: 'Field', cell: ({ field }) => fieldName(field) },
  {
    id: 'before',
    head: 'Before',
    isFigure: true,
    cell: ({ row, field }) => <Value of={row} side="live" field={field} />,
  },
  {
    id: 'after',
    head: 'After',
    isFigure: true,
    cell: ({ row, field }) => <Value of={row} side="replayed" field={field} />,
  },
  {
    id: 'delta',
    head: 'Difference',
    isFigure: true,
    cell: ({ row, field }) => (
      <span className="num">
        {deltaText(field, row.live?.[field], row.replayed?.[field], currencyOf(row))}
      </span>
    ),
  },
  {
    id: 'why',
    head: 'Why',
    cell: ({ row, isFirst }) => (isFirst ? <Explained path={row.explain} /> : ''),
  },
];

interface ValueProps {
  readonly of: DifferenceRow;
  readonly side: 'live' | 'replayed';
  readonly field: string;
}

function Value({ of, side, field }: ValueProps) {
  const values = of[side];
  if (values === null) return <span>no row</span>;
  return <span className="num">{fieldText(field, values[field], currencyOf(of))}</span>;
}
