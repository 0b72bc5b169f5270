/** One read model: how far it is, what its check says, and the replays that rebuilt it. */
import { Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useChecks, useProjections, useReplays } from '../../api/ops-reads.js';
import { isOperator, useMe } from '../../api/session.js';
import { Count } from '../../ui/figure.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty } from '../../ui/states.js';
import { CheckMark, CounterExamples } from './check-state.js';
import classes from './ops.module.css';
import { Facts, Ops } from './parts.js';
import { Lag } from './read-models.js';
import { useRunChecks } from './run-checks.js';
import { RunState } from './run-state.js';

export function ProjectionPage() {
  const { projection = '' } = useParams({ strict: false });
  const read = useProjections();
  const mayOrder = isOperator(useMe());
  return (
    <Ops title={projection} beside="a read model">
      <Answer of={read}>
        {({ projections, head }) => {
          const found = projections.find(({ name }) => name === projection);
          if (found === undefined)
            return <Empty title="There is no such read model">The page before lists them.</Empty>;
          return (
            <Stack gap="md">
              <Panel
                title="Now"
                aside={
                  mayOrder && (
                    <PageLink to="/ops/runs" search={{ rebuild: projection }} fz="sm">
                      Rebuild (dry run)…
                    </PageLink>
                  )
                }
              >
                <Facts
                  of={[
                    ['State', <Lag key="lag" lag={found.lag} />],
                    ['Position', <Count key="position" n={found.position} />],
                    ['The log', <Count key="head" n={head} />],
                    ['Version', String(found.version)],
                    [
                      'Tables in',
                      <span key="schema" className="mono">
                        {found.schema}
                      </span>,
                    ],
                  ]}
                />
              </Panel>
              <ItsCheck projection={projection} />
              <ItsReplays projection={projection} />
            </Stack>
          );
        }}
      </Answer>
    </Ops>
  );
}

function ItsCheck({ projection }: { readonly projection: string }) {
  const read = useChecks();
  const check = read.data?.items.find(({ table }) => table === projection);
  const { button, said } = useRunChecks(check?.name);
  return (
    <Panel title="Its check" aside={check && button}>
      {said}
      <Answer of={read}>
        {() =>
          check === undefined ? (
            <Empty title="No check compares it with the log" />
          ) : (
            <>
              <Text size="sm" c="dimmed">
                {check.why}
              </Text>
              <p>
                <CheckMark check={check} />
              </p>
              {check.first.length > 0 && <CounterExamples check={check} />}
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

function ItsReplays({ projection }: { readonly projection: string }) {
  return (
    <Panel title="Replays of it">
      <Answer of={useReplays()}>
        {({ pages }) => {
          const its = pages
            .flatMap(({ items }) => items)
            .filter(({ projections }) => projections?.includes(projection) ?? true);
          if (its.length === 0) return <Empty title="None of the last replays rebuilt it" />;
          return (
            <ul className={classes.list}>
              {its.map((one) => (
                <li key={one.id} className={classes.item}>
                  <PageLink to="/ops/runs/$run" params={{ run: one.id }}>
                    Replay {one.id}
                  </PageLink>
                  <RunState of={one} />
                </li>
              ))}
            </ul>
          );
        }}
      </Answer>
    </Panel>
  );
}
