/** A member's account for a month, as a bookkeeper would print it. */
import { Group, Text } from '@mantine/core';
import type { Schemas } from '../../api/client.js';
import { apiPath } from '../../api/path.js';
import { type OfMember, useStatement } from '../../api/reads.js';
import { CsvLink } from '../../ui/csv-link.js';
import { Instant, Money, Why } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { monthText } from '../../ui/months.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';

type Statement = Schemas['StatementDto'];
type Line = Statement['items'][number];

export function Statement({ of }: { readonly of: OfMember & { readonly month: string } }) {
  const { creator, member, month } = of;
  const read = useStatement(of);
  return (
    <Panel
      title={monthText(month)}
      flush
      aside={
        <CsvLink
          path={apiPath('creators', creator, 'members', member, 'statement')}
          query={{ month }}
          label={`the statement of ${monthText(month)}`}
        />
      }
    >
      <Answer of={read} loading={<Loading lines={8} height={28} />}>
        {({ items, totals, timeZone, nextCursor }) => (
          <>
            <Totals of={of} totals={totals} />
            {items.length === 0 ? (
              <Empty title="Nothing came or went in this month" />
            ) : (
              <FigureTable
                label={`Statement of ${monthText(month)}`}
                columns={columnsOf(of, timeZone)}
                rows={items}
                rowKey={(line) => line.reversalId ?? line.paymentId}
                foot={
                  nextCursor === null
                    ? undefined
                    : `The first ${countText(items.length)} lines; the CSV has all.`
                }
              />
            )}
          </>
        )}
      </Answer>
    </Panel>
  );
}

const TOTALS = [
  ['openingMinor', 'Opening'],
  ['earnedMinor', 'Earned'],
  ['reversedMinor', 'Taken back'],
  ['closingMinor', 'Closing'],
] as const;

function Totals({
  of: { creator, member, month },
  totals,
}: {
  readonly of: OfMember;
  readonly totals: Statement['totals'];
}) {
  return totals.map((total) => (
    <Group key={total.currency} gap="xl" px="1.125rem" py="sm" wrap="wrap">
      {TOTALS.map(([figure, name]) => (
        <div key={figure}>
          <Text size="xs" c="dimmed">
            {name}
          </Text>
          <Why
            asks={{ creator, member, figure, month, currency: total.currency }}
            of={`${name.toLowerCase()}, ${total.currency}`}
          >
            <Money
              minor={figure === 'reversedMinor' ? -total[figure] : total[figure]}
              currency={total.currency}
              withCode={totals.length > 1}
            />
          </Why>
        </div>
      ))}
    </Group>
  ));
}

function columnsOf({ creator, member }: OfMember, timeZone: string): readonly Column<Line>[] {
  const figure = (id: 'saleMinor' | 'amountMinor' | 'balanceMinor', head: string) => ({
    id,
    head,
    isFigure: true,
    cell: (line: Line) => (
      <Why
        asks={{ creator, member, figure: id, source: line.reversalId ?? line.paymentId }}
        of={`${head.toLowerCase()} of ${line.reversalId ?? line.paymentId}`}
      >
        <Money minor={line[id]} currency={line.currency} />
      </Why>
    ),
  });
  return [
    {
      id: 'at',
      head: 'When',
      cell: ({ at }) => <Instant iso={at} timeZone={timeZone} as="time" />,
    },
    {
      id: 'what',
      head: 'What',
      isTitle: true,
      cell: ({ kind, paymentId, reversalId }) => (
        <span className="break">
          {kind} <span className="mono">{reversalId ?? paymentId}</span>
        </span>
      ),
    },
    figure('saleMinor', 'Sale'),
    figure('amountMinor', 'Amount'),
    figure('balanceMinor', 'Balance'),
  ];
}
