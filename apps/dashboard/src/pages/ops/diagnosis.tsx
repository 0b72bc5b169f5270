/** A month of a creator beside a recount from the log, and the checks that concern them. */
import { Grid, Stack, Text } from '@mantine/core';
import { useSearch } from '@tanstack/react-router';
import type { Schemas } from '../../api/client.js';
import { useDiagnosis } from '../../api/ops-reads.js';
import { useCreators } from '../../api/reads.js';
import { Why } from '../../ui/figure.js';
import { countText, moneyText } from '../../ui/figures.js';
import { monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { FigureTable } from '../../ui/table.js';
import { NamedRow } from './named-row.js';
import classes from './ops.module.css';
import { Mark, Ops } from './parts.js';

type Found = Schemas['DiagnosisDto'];
type Recounted = Schemas['RecountedDto'];

export function DiagnosisPage() {
  const { creator, month } = useSearch({ strict: false });
  return (
    <Ops title="Diagnosis" beside="a month beside a recount from the log">
      {creator === undefined ? <Whose /> : <Diagnosed creator={creator} month={month} />}
    </Ops>
  );
}

function Whose() {
  return (
    <Panel title="Whose month?">
      <Answer of={useCreators()}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No creator yet" />
          ) : (
            <ul className={classes.list}>
              {items.map(({ creatorId }) => (
                <li key={creatorId} className={classes.item}>
                  <PageLink to="/ops/diagnosis" search={{ creator: creatorId }} data-row>
                    {creatorId}
                  </PageLink>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}

function Diagnosed(of: { readonly creator: string; readonly month: string | undefined }) {
  const read = useDiagnosis(of.creator, of.month);
  return (
    <Answer of={read} loading={<Loading lines={10} />}>
      {(found) => (
        <Stack gap="md">
          <Verdict of={found} />
          <Grid gap="md">
            <Grid.Col span={{ base: 12, lg: 6 }}>
              <Payments of={found} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, lg: 6 }}>
              <Top of={found} />
            </Grid.Col>
          </Grid>
        </Stack>
      )}
    </Answer>
  );
}

function Verdict({ of: { creatorId, month, consistent, findings, checks, asOf } }: { of: Found }) {
  const failing = checks.filter(({ holds }) => !holds);
  return (
    <Panel title={`${creatorId}, ${monthText(month)}`}>
      {consistent ? (
        <Mark tone="good">Every figure is what the log says</Mark>
      ) : (
        <Mark tone="bad">{findings === 1 ? '1 finding' : `${countText(findings)} findings`}</Mark>
      )}
      <Text size="sm" c="dimmed" mt={4}>
        {checks.length} checks of this creator’s rows, as of #{countText(asOf.position)}.
      </Text>
      {failing.length > 0 && (
        <ul className={classes.list}>
          {failing.map(({ name, violations }) => (
            <li key={name} className={classes.item}>
              <PageLink to="/ops/checks/$check" params={{ check: name }}>
                {name}
              </PageLink>
              <span>{violations === 1 ? '1 row' : `${countText(violations)} rows`}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What is shown, and what it must be where that is something else. */
function Both({ of, text }: { readonly of: Recounted; readonly text: (n: number) => string }) {
  if (of.field === of.recount) return <span className="num">{text(of.field)}</span>;
  return (
    <span className="num">
      <span className={classes.was}>{text(of.field)}</span> {text(of.recount)}
      <span className="spoken">: the first is shown, the second is what the log says</span>
    </span>
  );
}

function Payments({ of: { payments } }: { readonly of: Found }) {
  return (
    <Panel title="Payments" flush>
      {payments.length === 0 ? (
        <Empty title="Nobody paid in this month" />
      ) : (
        <FigureTable
          label="Payments, recounted"
          rows={payments}
          rowKey={({ kind, currency }) => `${kind} ${currency}`}
          columns={[
            { id: 'kind', head: 'Kind', isTitle: true, cell: ({ kind }) => kind },
            { id: 'currency', head: 'Currency', cell: ({ currency }) => currency.toUpperCase() },
            {
              id: 'payments',
              head: 'Payments',
              isFigure: true,
              cell: (row) => <Both of={row.payments} text={countText} />,
            },
            {
              id: 'sale',
              head: 'Sales',
              isFigure: true,
              cell: ({ saleMinor, currency }) => (
                <Both of={saleMinor} text={(minor) => moneyText(minor, currency)} />
              ),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Top({ of: { top, creatorId: creator, month } }: { readonly of: Found }) {
  return (
    <Panel title="Top referrers" flush>
      {top.length === 0 ? (
        <Empty title="Nobody has referred anybody" />
      ) : (
        <FigureTable
          label="Top referrers, recounted"
          rows={top}
          rowKey={({ memberId }) => memberId}
          columns={[
            {
              id: 'member',
              head: 'Member',
              isTitle: true,
              cell: ({ memberId }) => <NamedRow of={{ creatorId: creator, memberId }} isRow />,
            },
            {
              id: 'total',
              head: 'Total',
              isFigure: true,
              cell: (row) => <Both of={row.totalReferrals} text={countText} />,
            },
            {
              id: 'month',
              head: 'This month',
              isFigure: true,
              cell: (row) => (
                <Why
                  asks={{ creator, member: row.memberId, figure: 'monthlyReferrals', month }}
                  of={`referrals of ${row.memberId}`}
                >
                  <Both of={row.monthlyReferrals} text={countText} />
                </Why>
              ),
            },
            {
              id: 'earned',
              head: 'Earned',
              isFigure: true,
              cell: ({ monthlyEarningsMinor }) =>
                monthlyEarningsMinor.map(({ currency, ...both }) => (
                  <div key={currency}>
                    <Both of={both} text={(minor) => moneyText(minor, currency)} />
                  </div>
                )),
            },
          ]}
        />
      )}
    </Panel>
  );
}
