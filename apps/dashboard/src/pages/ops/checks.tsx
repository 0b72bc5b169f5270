/** What must always hold: each check as a sentence, and whether it does. */
import { SegmentedControl, Stack } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type KnownCheck, useChecks } from '../../api/ops-reads.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import { CheckMark, Explained, isFailing } from './check-state.js';
import { NamedRow } from './named-row.js';
import classes from './ops.module.css';
import { Ops, ZONE } from './parts.js';
import { RepairHint } from './repair-hint.js';
import { useRunChecks } from './run-checks.js';
import { durationText } from './values.js';

const ALL = 'all';

export function ChecksPage() {
  const { show } = useSearch({ strict: false });
  const navigate = useNavigate();
  const read = useChecks();
  const { button, said } = useRunChecks();
  return (
    <Ops title="Checks" beside="what must always hold" aside={button}>
      {said}
      <Stack gap="md">
        <RepairHint checks={read.data?.items ?? []} />
        <Panel
          title={read.data === undefined ? 'Checks' : titleOf(read.data.items)}
          flush
          aside={
            <SegmentedControl
              size="xs"
              aria-label="Which"
              value={show ?? ALL}
              data={[
                { value: ALL, label: 'All' },
                { value: 'failing', label: 'Not holding' },
              ]}
              onChange={(value) =>
                void navigate({
                  to: '/ops/checks',
                  search: value === 'failing' ? { show: 'failing' } : {},
                  replace: true,
                })
              }
            />
          }
        >
          <Answer of={read} loading={<Loading lines={10} height={28} />}>
            {({ items }) => {
              const shown =
                show === 'failing' ? items.filter(({ holds }) => holds === false) : items;
              if (shown.length === 0)
                return <Empty title="Everything holds">No row contradicts any check.</Empty>;
              return (
                <FigureTable
                  label="Checks"
                  rows={shown}
                  rowKey={({ name }) => name}
                  columns={COLUMNS}
                />
              );
            }}
          </Answer>
        </Panel>
      </Stack>
    </Ops>
  );
}

function titleOf(items: readonly KnownCheck[]): string {
  const failing = items.filter(isFailing).length;
  const holding = items.filter(({ holds }) => holds === true).length;
  if (failing === 0) return `${countText(holding)} of ${countText(items.length)} hold`;
  return failing === 1 ? '1 check fails' : `${countText(failing)} checks fail`;
}

const COLUMNS: readonly Column<KnownCheck>[] = [
  {
    id: 'name',
    head: 'What holds',
    isTitle: true,
    cell: ({ name, why }) => (
      <>
        <PageLink to="/ops/checks/$check" params={{ check: name }} data-row>
          {name}
        </PageLink>
        <div className={classes.why}>{why}</div>
      </>
    ),
  },
  { id: 'state', head: 'State', cell: (check) => <CheckMark check={check} /> },
  {
    id: 'first',
    head: 'First counter-example',
    cell: ({ first }) =>
      first[0] === undefined ? (
        ''
      ) : (
        <span className={classes.sides}>
          <NamedRow of={first[0].key} />
          <Explained path={first[0].explain} />
        </span>
      ),
  },
  {
    id: 'ran',
    head: 'Last run',
    isFigure: true,
    isExtra: true,
    cell: ({ ranAt, durationMs }) =>
      ranAt === null ? (
        ''
      ) : (
        <span title={`took ${durationText(durationMs ?? 0)}`}>
          <Instant iso={ranAt} timeZone={ZONE} as="time" />
        </span>
      ),
  },
];
