/** The four numbers of a month: referrals, earnings, growth, who referred. Each says why. */
import { type OfMonth, useCreator, useEarnings, useGrowth } from '../../api/reads.js';
import { Count, Money, Why } from '../../ui/figure.js';
import { changeText, signedText } from '../../ui/figures.js';
import { Big, Kpi, Kpis, Small } from '../../ui/kpi.js';
import classes from '../../ui/kpi.module.css';
import { MonthBars } from '../../ui/month-bars.js';
import {
  addMonths,
  monthNameText,
  monthsBetween,
  monthText,
  shortDayText,
} from '../../ui/months.js';
import { Answer, Loading } from '../../ui/states.js';

interface Month extends OfMonth {
  readonly creator: string;
  readonly month: string;
}

export function MonthKpis({
  creator,
  month,
  currentMonth,
}: Month & { readonly currentMonth: string }) {
  const of = { creator, month };
  return (
    <Kpis>
      <Referrals {...of} />
      <Earnings {...of} />
      <Growth {...of} currentMonth={currentMonth} />
      <Referring {...of} />
    </Kpis>
  );
}

const waiting = <Loading lines={2} height={24} />;

function Referrals({ creator, month }: Month) {
  const read = useCreator({ creator, month });
  const of = `referrals of ${monthText(month)}`;
  return (
    <Kpi name="Referrals this month">
      <Answer of={read} loading={waiting}>
        {({ referrals, totalReferrals, asClosed }) => (
          <>
            <Big>
              <Why asks={{ creator, figure: 'referrals', month }} of={of}>
                <Count n={referrals} />
              </Why>
            </Big>
            <Small>
              {asClosed !== undefined && asClosed.referrals !== referrals && (
                <>
                  <Why asks={{ creator, figure: 'referrals', month, state: 'closed' }} of={of}>
                    <Count n={asClosed.referrals} />
                  </Why>{' '}
                  as closed ·{' '}
                </>
              )}
              total{' '}
              <Why asks={{ creator, figure: 'totalReferrals', month }} of="all referrals">
                <Count n={totalReferrals} />
              </Why>
            </Small>
          </>
        )}
      </Answer>
    </Kpi>
  );
}

function Earnings({ creator, month }: Month) {
  const read = useEarnings(creator, { from: month, to: month, by: 'month' });
  return (
    <Kpi name="Earnings this month">
      <Answer of={read} loading={waiting}>
        {({ items, currency, otherCurrencies }) => {
          const {
            earningsMinor = 0,
            earnedMinor = 0,
            reversedMinor = 0,
            asClosed,
          } = items[0] ?? {};
          const asks = (figure: string) => ({ creator, figure, month, currency });
          return (
            <>
              <Big>
                <Why asks={asks('earningsMinor')} of={`earnings of ${monthText(month)}`}>
                  <Money
                    minor={earningsMinor}
                    currency={currency}
                    withCode={otherCurrencies.length > 0}
                  />
                </Why>
              </Big>
              <Small>
                {asClosed !== undefined && asClosed.earningsMinor !== earningsMinor && (
                  <>
                    <Why
                      asks={{ ...asks('earningsMinor'), state: 'closed' }}
                      of={`earnings of ${monthText(month)}, as closed`}
                    >
                      <Money minor={asClosed.earningsMinor} currency={currency} />
                    </Why>{' '}
                    as closed ·{' '}
                  </>
                )}
                {reversedMinor === 0 ? (
                  'nothing taken back'
                ) : (
                  <>
                    <Why asks={asks('earnedMinor')} of="earned before refunds">
                      <Money minor={earnedMinor} currency={currency} />
                    </Why>{' '}
                    earned, refunds{' '}
                    <Why asks={asks('reversedMinor')} of="taken back by refunds">
                      <Money minor={-reversedMinor} currency={currency} />
                    </Why>
                  </>
                )}
                {otherCurrencies.length > 0 &&
                  ` · also in ${otherCurrencies.join(', ').toUpperCase()}`}
              </Small>
            </>
          );
        }}
      </Answer>
    </Kpi>
  );
}

const BARS = 6;

function Growth({ creator, month, currentMonth }: Month & { readonly currentMonth: string }) {
  // The months end with the current one: as many more as it lies behind.
  const behind = Math.max(0, monthsBetween(month, currentMonth));
  const read = useGrowth(creator, Math.min(240, behind + BARS + 1));
  return (
    <Kpi name="Growth">
      <Answer of={read} loading={waiting}>
        {({ items, soFar, sameDaysBefore }) => {
          const at = items.findIndex((one) => one.month === month);
          // The months of another question do not contain this one.
          if (at < 0) return read.isPlaceholderData ? waiting : <Small>not known</Small>;
          const isSoFar = month === soFar.month;
          return (
            <div className={classes.split}>
              {isSoFar ? (
                <Compared
                  creator={creator}
                  now={soFar.referrals}
                  was={sameDaysBefore.referrals}
                  before={sameDaysBefore.month}
                  throughDay={sameDaysBefore.throughDay}
                />
              ) : (
                <Compared
                  creator={creator}
                  now={items[at]?.referrals ?? 0}
                  was={items[at - 1]?.referrals ?? 0}
                  before={addMonths(month, -1)}
                />
              )}
              <MonthBars months={items.slice(Math.max(0, at - BARS + 1), at + 1)} />
            </div>
          );
        }}
      </Answer>
    </Kpi>
  );
}

interface ComparedProps {
  readonly creator: string;
  readonly now: number;
  readonly was: number;
  /** What it is compared with: a month, or of a month that runs as many days. */
  readonly before: string;
  readonly throughDay?: string;
}

/** A month that runs is measured against the same days of the one before. */
function Compared({ creator, now, was, before, throughDay }: ComparedProps) {
  const days = throughDay === undefined ? monthNameText(before) : firstDays(throughDay);
  return (
    <div>
      <Big>
        <span className="num">{signedText(now - was)}</span>
        <span className={classes.change}>{changeText(now, was)}</span>
      </Big>
      <Small>
        {throughDay !== undefined && 'vs '}
        {days}:{' '}
        <Why
          asks={{ creator, figure: 'referrals', month: before, throughDay }}
          of={`referrals of ${monthText(before)}${throughDay === undefined ? '' : `, ${days}`}`}
        >
          <Count n={was} />
        </Why>
      </Small>
    </div>
  );
}

/** Sep 1 to 26; Sep 1 */
function firstDays(throughDay: string): string {
  const nth = Number(throughDay.slice(-2));
  return `${shortDayText(`${throughDay.slice(0, 7)}-01`)}${nth === 1 ? '' : ` to ${nth}`}`;
}

function Referring({ creator, month }: Month) {
  const read = useCreator({ creator, month });
  return (
    <Kpi name="Members referring">
      <Answer of={read} loading={waiting}>
        {({ referrers, members }) => (
          <>
            <Big>
              <Count n={referrers} />
            </Big>
            <Small>
              of{' '}
              <Why asks={{ creator, figure: 'members', month }} of="members">
                <Count n={members} />
              </Why>{' '}
              members
            </Small>
          </>
        )}
      </Answer>
    </Kpi>
  );
}
