/** How the ledger is now: how far the figures are behind, what fails, what does not count, what runs. */
import { Grid, Stack } from '@mantine/core';
import { useChecks, useDeliveries, useProjections, useReplays } from '../../api/ops-reads.js';
import { isAtWork } from '../../api/replay-feed.js';
import { isOperator, useMe } from '../../api/session.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { Big, Kpi, Kpis, Small } from '../../ui/kpi.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { CheckMark, Explained, isFailing, isToLookAt } from './check-state.js';
import classes from './ops.module.css';
import { Mark, Ops, ZONE } from './parts.js';
import { ReadModels } from './read-models.js';
import { RepairHint } from './repair-hint.js';
import { useRunChecks } from './run-checks.js';
import { RunState } from './run-state.js';
import { Server } from './server.js';

const SHOWN = 5;

export function OperationsPage() {
  const mayOrder = isOperator(useMe());
  return (
    <Ops title="Operations" beside="times in UTC">
      <Stack gap="md">
        <Now />
        <RepairHint checks={useChecks().data?.items ?? []} />
        <Grid gap="md">
          <Grid.Col span={{ base: 12, md: 6 }}>
            <Stack gap="md">
              <NotHolding />
              <LastReplays />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 6 }}>
            <Unresolved />
          </Grid.Col>
        </Grid>
        <Panel
          title="Read models"
          flush
          aside={
            mayOrder && (
              <PageLink to="/ops/runs" fz="sm">
                Rebuild (dry run)…
              </PageLink>
            )
          }
        >
          <ReadModels />
        </Panel>
        <Server />
      </Stack>
    </Ops>
  );
}

const waiting = <Loading lines={2} height={24} />;

function Now() {
  return (
    <Kpis>
      <Kpi name="Behind the log">
        <Answer of={useProjections()} loading={waiting}>
          {({ head, pendingDeliveries, projections }) => {
            const lag = Math.max(0, ...projections.map((one) => one.lag));
            return (
              <>
                <Big>{lag === 1 ? '1 event' : `${countText(lag)} events`}</Big>
                <Small>
                  log at #{countText(head)}, {countText(pendingDeliveries)} deliveries pending
                </Small>
              </>
            );
          }}
        </Answer>
      </Kpi>
      <Kpi name="Checks">
        <Answer of={useChecks()} loading={waiting}>
          {({ items }) => {
            const failing = items.filter(isFailing).length;
            const holding = items.filter(({ holds }) => holds === true).length;
            const looked = items.filter(isToLookAt).length;
            const ranAt =
              items
                .map((one) => one.ranAt ?? '')
                .sort()
                .at(-1) ?? '';
            return (
              <>
                <Big>
                  {failing > 0 ? (
                    <PageLink to="/ops/checks" search={{ show: 'failing' }}>
                      {failing === 1 ? '1 fails' : `${failing} fail`}
                    </PageLink>
                  ) : (
                    <PageLink to="/ops/checks">
                      {holding} of {items.length} hold
                    </PageLink>
                  )}
                </Big>
                <Small>
                  {failing === 0 && looked > 0 && `${looked} to look at · `}
                  {ranAt === '' ? (
                    'never run'
                  ) : (
                    <>
                      last run <Instant iso={ranAt} timeZone={ZONE} as="time" />
                    </>
                  )}
                </Small>
              </>
            );
          }}
        </Answer>
      </Kpi>
      <Kpi name="Quarantine">
        <Answer of={useDeliveries({ status: 'unresolved' })} loading={waiting}>
          {({ pages }) => {
            const { parked = 0, quarantined = 0 } = pages[0]?.counts ?? {};
            return (
              <>
                <Big>
                  <PageLink to="/ops/quarantine">{countText(parked + quarantined)}</PageLink>
                </Big>
                <Small>
                  {countText(parked)} parked, {countText(quarantined)} quarantined
                </Small>
              </>
            );
          }}
        </Answer>
      </Kpi>
      <Kpi name="Replays">
        <Answer of={useReplays()} loading={waiting}>
          {({ pages }) => {
            const [last] = pages[0]?.items ?? [];
            if (last === undefined) return <Big>None yet</Big>;
            return (
              <>
                <Big>
                  {isAtWork(last) || last.state === 'ready' ? (
                    <PageLink to="/ops/runs/$run" params={{ run: last.id }}>
                      Replay {last.id}
                    </PageLink>
                  ) : (
                    'Nothing runs'
                  )}
                </Big>
                <Small>
                  {isAtWork(last) || last.state === 'ready' ? (
                    <RunState of={last} />
                  ) : (
                    `the last was replay ${last.id}`
                  )}
                </Small>
              </>
            );
          }}
        </Answer>
      </Kpi>
    </Kpis>
  );
}

function NotHolding() {
  const read = useChecks();
  const { button, said } = useRunChecks();
  return (
    <Panel title="Checks" aside={button}>
      {said}
      <Answer of={read} loading={<Loading lines={3} />}>
        {({ items }) => {
          const shown = [...items.filter(isFailing), ...items.filter(isToLookAt)];
          if (shown.length === 0)
            return <Empty title="Everything holds">All {items.length} checks, at every row.</Empty>;
          return (
            <ul className={classes.list}>
              {shown.map((check) => (
                <li key={check.name} className={classes.item}>
                  <PageLink to="/ops/checks/$check" params={{ check: check.name }}>
                    {check.name}
                  </PageLink>
                  <span className={classes.sides}>
                    <CheckMark check={check} />
                    <Explained path={check.first[0]?.explain ?? null} />
                  </span>
                </li>
              ))}
            </ul>
          );
        }}
      </Answer>
    </Panel>
  );
}

function Unresolved() {
  const read = useDeliveries({ status: 'unresolved' });
  const mayOpen = isOperator(useMe());
  return (
    <Panel
      title="Quarantine"
      aside={
        <PageLink to="/ops/quarantine" fz="sm">
          All of it
        </PageLink>
      }
    >
      <Answer of={read} loading={<Loading lines={2} />}>
        {({ pages }) => {
          const shown = (pages[0]?.items ?? []).slice(0, SHOWN);
          if (shown.length === 0)
            return <Empty title="Nothing waits">Every delivery counts, or is known not to.</Empty>;
          return (
            <ul className={classes.list}>
              {shown.map(({ id, status, type, detail, code }) => (
                <li key={id} className={classes.item}>
                  {mayOpen ? (
                    <PageLink to="/ops/quarantine/$delivery" params={{ delivery: String(id) }}>
                      {countText(id)}
                    </PageLink>
                  ) : (
                    <span className="num">{countText(id)}</span>
                  )}
                  <span className={`break ${classes.grow}`}>
                    {type}: {detail ?? code}
                  </span>
                  <Mark tone="warn">{status}</Mark>
                </li>
              ))}
            </ul>
          );
        }}
      </Answer>
    </Panel>
  );
}

function LastReplays() {
  return (
    <Panel
      title="Replays"
      aside={
        <PageLink to="/ops/runs" fz="sm">
          All of them
        </PageLink>
      }
    >
      <Answer of={useReplays()} loading={<Loading lines={2} />}>
        {({ pages }) => {
          const shown = (pages[0]?.items ?? []).slice(0, SHOWN);
          if (shown.length === 0)
            return (
              <Empty title="None was ordered yet">
                A replay builds read models from the log again, beside those that serve.
              </Empty>
            );
          return (
            <ul className={classes.list}>
              {shown.map((one) => (
                <li key={one.id} className={classes.item}>
                  <PageLink to="/ops/runs/$run" params={{ run: one.id }}>
                    Replay {one.id}
                  </PageLink>
                  <span className={`break ${classes.grow}`}>
                    {one.promotion?.reason ?? one.reason ?? ''}
                  </span>
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
