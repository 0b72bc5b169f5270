/** A member's month in four numbers. */
import { type OfMember, useMemberGrowth, useMemberStats } from '../../api/reads.js';
import { Count, Money, Why } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { Big, Kpi, Kpis, Small } from '../../ui/kpi.js';
import { MonthBars } from '../../ui/month-bars.js';
import { monthsBetween, monthText } from '../../ui/months.js';
import { Answer, Loading } from '../../ui/states.js';

interface SummaryProps {
  readonly of: OfMember & { readonly month: string };
  readonly currentMonth: string;
}

const BARS = 12;
const waiting = <Loading lines={2} height={24} />;

export function Summary({ of, currentMonth }: SummaryProps) {
  const { creator, member, month } = of;
  const stats = useMemberStats(of);
  const behind = Math.max(0, monthsBetween(month, currentMonth));
  const growth = useMemberGrowth(of, Math.min(240, behind + BARS));
  const asks = (figure: string) => ({ creator, member, figure, month });
  return (
    <Kpis>
      <Kpi name="Referrals this month">
        <Answer of={stats} loading={waiting}>
          {({ monthlyReferrals, reversedReferrals, asClosed }) => (
            <>
              <Big>
                <Why asks={asks('monthlyReferrals')} of={`referrals of ${monthText(month)}`}>
                  <Count n={monthlyReferrals} />
                </Why>
              </Big>
              <Small>
                {asClosed !== undefined && asClosed.monthlyReferrals !== monthlyReferrals && (
                  <>{countText(asClosed.monthlyReferrals)} as closed · </>
                )}
                {reversedReferrals === 0 ? (
                  'none reversed'
                ) : (
                  <>
                    <Why asks={asks('reversedReferrals')} of="reversed referrals">
                      <Count n={reversedReferrals} />
                    </Why>{' '}
                    reversed
                  </>
                )}
              </Small>
            </>
          )}
        </Answer>
      </Kpi>
      <Kpi name="Earned this month">
        <Answer of={stats} loading={waiting}>
          {({ monthlyEarningsMinor, totalEarningsMinor, currency, otherCurrencies, asClosed }) => (
            <>
              <Big>
                <Why
                  asks={{ ...asks('monthlyEarningsMinor'), currency }}
                  of={`earned in ${monthText(month)}`}
                >
                  <Money minor={monthlyEarningsMinor} currency={currency} />
                </Why>
              </Big>
              <Small>
                {asClosed !== undefined &&
                  asClosed.monthlyEarningsMinor !== monthlyEarningsMinor && (
                    <>
                      <Money minor={asClosed.monthlyEarningsMinor} currency={currency} /> as closed
                      ·{' '}
                    </>
                  )}
                <Why asks={{ ...asks('totalEarningsMinor'), currency }} of="earned in all">
                  <Money minor={totalEarningsMinor} currency={currency} />
                </Why>{' '}
                in all
                {otherCurrencies.length > 0 &&
                  `, also in ${otherCurrencies.join(', ').toUpperCase()}`}
              </Small>
            </>
          )}
        </Answer>
      </Kpi>
      <Kpi name="Total referrals">
        <Answer of={stats} loading={waiting}>
          {({ totalReferrals, rank }) => (
            <>
              <Big>
                <Why asks={asks('totalReferrals')} of="total referrals">
                  <Count n={totalReferrals} />
                </Why>
              </Big>
              <Small>
                {rank === null ? (
                  'no rank without a referral'
                ) : (
                  <Why asks={asks('rank')} of="rank">
                    rank {countText(rank)}
                  </Why>
                )}
              </Small>
            </>
          )}
        </Answer>
      </Kpi>
      <Kpi name="Referrals by month">
        <Answer of={growth} loading={waiting}>
          {({ items }) => {
            const at = items.findIndex((one) => one.month === month);
            return <MonthBars months={items.slice(Math.max(0, at - BARS + 1), at + 1)} />;
          }}
        </Answer>
      </Kpi>
    </Kpis>
  );
}
