/** One check: what holds, what contradicts it, and what is done about that. */
import { Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { type KnownCheck, useChecks } from '../../api/ops-reads.js';
import { isOperator, useMe } from '../../api/session.js';
import { Count, Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty } from '../../ui/states.js';
import { CheckMark, CounterExamples } from './check-state.js';
import { Facts, Ops, ZONE } from './parts.js';
import { useRunChecks } from './run-checks.js';
import { durationText } from './values.js';

export function CheckPage() {
  const { check: name = '' } = useParams({ strict: false });
  const read = useChecks();
  const { button, said } = useRunChecks(name);
  return (
    <Ops title={name} beside="a check">
      <Answer of={read}>
        {({ items }) => {
          const check = items.find((one) => one.name === name);
          if (check === undefined)
            return (
              <Empty title="There is no such check">
                <PageLink to="/ops/checks">All checks</PageLink>
              </Empty>
            );
          return (
            <Stack gap="md">
              <Panel title="What must hold" aside={button}>
                {said}
                <Text mb="sm">{check.why}</Text>
                <Facts of={factsOf(check)} />
              </Panel>
              {check.holds === false && <Found check={check} />}
            </Stack>
          );
        }}
      </Answer>
    </Ops>
  );
}

const factsOf = (check: KnownCheck) =>
  [
    ['State', <CheckMark key="state" check={check} />],
    [
      'Last run',
      check.ranAt && (
        <>
          <Instant iso={check.ranAt} timeZone={ZONE} as="time" /> UTC, took{' '}
          {durationText(check.durationMs ?? 0)}
        </>
      ),
    ],
    ['Up to event', check.position !== null && <Count key="position" n={check.position} />],
    [
      'Read model',
      check.table && (
        <PageLink to="/ops/projections/$projection" params={{ projection: check.table }}>
          {check.table}
        </PageLink>
      ),
    ],
  ] as const;

function Found({ check }: { readonly check: KnownCheck }) {
  const { first, violations } = check;
  const all = violations ?? first.length;
  return (
    <>
      <Panel
        title={
          all > first.length
            ? `The first ${countText(first.length)} of ${countText(all)} counter-examples`
            : 'Counter-examples'
        }
        flush
      >
        <CounterExamples check={check} />
      </Panel>
      <Panel title="What to do">
        <ToDo check={check} />
      </Panel>
    </>
  );
}

function ToDo({ check: { remedy, severity } }: { readonly check: KnownCheck }) {
  const mayOrder = isOperator(useMe());
  if (remedy === 'replay')
    return (
      <Text>
        The figures say something else than the log. A replay makes them from the log again and
        shows what differs before anything is switched.{' '}
        {mayOrder ? (
          <PageLink to="/ops/runs" underline="always">
            Repair by a replay…
          </PageLink>
        ) : (
          'An admin may order one.'
        )}{' '}
        Should the check fail after that too, the log itself says what it contradicts.
      </Text>
    );
  if (remedy === 'deliveries')
    return (
      <Text>
        Somebody decides about these deliveries.{' '}
        <PageLink to="/ops/quarantine" underline="always">
          To the quarantine
        </PageLink>
      </Text>
    );
  return (
    <Text>
      {severity === 'warning'
        ? 'Nothing is wrong: it is legal, and somebody should know of it.'
        : 'The log itself is not as it was written. No replay mends that: compare it with a backup, and find out who may change its tables.'}
    </Text>
  );
}
