/** The newest conversions, whatever month is looked at. */
import { Text } from '@mantine/core';
import { apiPath } from '../../api/path.js';
import { useRecentReferrals } from '../../api/reads.js';
import { CsvLink } from '../../ui/csv-link.js';
import { Instant } from '../../ui/figure.js';
import { MemberName } from '../../ui/member-name.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import classes from './lists.module.css';

const SHOWN = 8;

export function RecentReferrals({ creator }: { readonly creator: string }) {
  const read = useRecentReferrals(creator, SHOWN);
  return (
    <Panel
      title="Recent referrals"
      aside={<CsvLink path={apiPath('creators', creator, 'referrals')} label="all referrals" />}
    >
      <Answer of={read} loading={<Loading lines={SHOWN} />}>
        {({ items, timeZone }) =>
          items.length === 0 ? (
            <Empty title="No referral yet" />
          ) : (
            <ul className={classes.list}>
              {items.map(({ member, referrer, convertedAt }) => (
                <li key={`${member.memberId} ${convertedAt}`} className={classes.item}>
                  <span className={classes.what}>
                    <MemberName creator={creator} {...member} />
                    <Text span c="dimmed" size="sm">
                      {' '}
                      by <MemberName creator={creator} {...referrer} />
                    </Text>
                  </span>
                  <Text span size="sm" c="dimmed" className={classes.when}>
                    Converted <Instant iso={convertedAt} timeZone={timeZone} />
                  </Text>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}
