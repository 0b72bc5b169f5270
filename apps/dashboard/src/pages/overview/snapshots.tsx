/** The last months that were sealed, and what has been learned of them since. */
import { Text } from '@mantine/core';
import type { Schemas } from '../../api/client.js';
import { useMonths } from '../../api/reads.js';
import { Count, Money, Why } from '../../ui/figure.js';
import { LockIcon } from '../../ui/icons.js';
import { shortMonthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import classes from './lists.module.css';

type Listed = Schemas['ListedMonthDto'];
type Sealed = Schemas['SealedVersionDto'];
const SHOWN = 4;

export function Snapshots({ creator }: { readonly creator: string }) {
  const read = useMonths(creator);
  return (
    <Panel
      title="Snapshots"
      aside={
        <PageLink to="/c/$creator/months" params={{ creator }} size="sm" inherit={false}>
          All months
        </PageLink>
      }
    >
      <Answer of={read} loading={<Loading lines={SHOWN} />}>
        {({ items }) => {
          const sealed = items.filter(hasSeal).slice(0, SHOWN);
          if (sealed.length === 0)
            return (
              <Empty title="No month is closed yet">
                A month is sealed when its grace is over, and never changes after that.
              </Empty>
            );
          return (
            <ul className={classes.list}>
              {sealed.map((one) => (
                <Snapshot key={one.month} creator={creator} listed={one} />
              ))}
            </ul>
          );
        }}
      </Answer>
    </Panel>
  );
}

type WithSeal = Listed & { readonly asClosed: Sealed };
const hasSeal = (one: Listed): one is WithSeal => one.asClosed !== null;

function Snapshot({ creator, listed }: { readonly creator: string; readonly listed: WithSeal }) {
  const { month, asClosed, pending } = listed;
  const { totals, digest, version } = asClosed;
  const referrals = totals.creator.reduce((sum, row) => sum + row.referrals, 0);
  const asks = (figure: string, currency?: string) => ({
    ...{ creator, figure, month, currency },
    ...{ state: 'closed' as const, version: String(version) },
  });
  // Any figure of it: a refund or a share that was taken back is news too.
  const hasPending = pending.some((row) =>
    Object.values(row).some((value) => typeof value === 'number' && value !== 0),
  );
  return (
    <li className={classes.item}>
      <span className={classes.sealed}>
        <LockIcon size={14} />
        <PageLink to="." search={{ month }}>
          {shortMonthText(month)}
        </PageLink>
      </span>
      <span className={classes.figures}>
        <span>
          <Why asks={asks('referrals')} of={`referrals of ${month}, as closed`}>
            <Count n={referrals} />
          </Why>{' '}
          referrals
        </span>
        {totals.referrers.map(({ currency, earningsMinor }) => (
          <Why
            key={currency}
            asks={asks('earningsMinor', currency)}
            of={`earnings of ${month}, as closed`}
          >
            <Money
              minor={earningsMinor}
              currency={currency}
              withCode={totals.referrers.length > 1}
            />
          </Why>
        ))}
        <Text span size="xs" c="dimmed" className="mono" title={`SHA-256 ${digest}`}>
          {digest.slice(0, 8)}
        </Text>
        <Text span size="xs" c="dimmed">
          {hasPending ? 'more was learned since' : 'no drift'}
        </Text>
      </span>
    </li>
  );
}
