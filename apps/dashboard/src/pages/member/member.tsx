/** One member: what they did this month and in all, whom they referred, and their account. */
import { Code, CopyButton, Group, Tabs, Text, UnstyledButton } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type OfMember, useMember, useMemberStats } from '../../api/reads.js';
import { useMe } from '../../api/session.js';
import { mayBeAhead, useCalendar } from '../../shell/place.js';
import { Instant, Why } from '../../ui/figure.js';
import { CopyIcon } from '../../ui/icons.js';
import { MemberName } from '../../ui/member-name.js';
import { monthText } from '../../ui/months.js';
import { NotBegun } from '../../ui/not-begun.js';
import { PageTitle } from '../../ui/page-title.js';
import { Failed, Loading } from '../../ui/states.js';
import { Tier } from '../../ui/tier.js';
import { Commissions } from './commissions.js';
import { History } from './history.js';
import { Referrals } from './referrals.js';
import { Statement } from './statement.js';
import { Summary } from './summary.js';

const route = getRouteApi('/house/c/$creator/members/$member');
/** But the first, which is that of an address without any. */
const TABS = ['commissions', 'statement', 'history'] as const;

export function MemberPage() {
  const { creator, member } = route.useParams();
  // Who else gets what of a sale is not told to members.
  const maySeeShares = useMe()?.role !== 'member';
  const { month: asked, tab = 'referrals', status, of: field } = route.useSearch();
  const navigate = route.useNavigate();
  const { currentMonth } = useCalendar({ creator });
  const month = asked ?? currentMonth;
  const read = useMember({ creator, member, month: undefined });
  if (read.error !== null && read.data === undefined)
    return (
      <>
        <PageTitle title="Member" />
        <Failed error={read.error} onRetry={read.refetch} />
      </>
    );
  const isUnsure = month !== undefined && mayBeAhead(month, currentMonth);
  if (read.data === undefined || month === undefined || (isUnsure && currentMonth === undefined))
    return (
      <>
        <PageTitle title="Member" />
        <Loading lines={6} height={40} />
      </>
    );
  if (isUnsure && currentMonth !== undefined)
    return (
      <>
        <PageTitle title={read.data.name} />
        <NotBegun month={month} currentMonth={currentMonth} />
      </>
    );
  const of: OfMember & { month: string } = { creator, member, month };
  return (
    <>
      <Head of={of} found={read.data} />
      <Summary of={of} currentMonth={currentMonth ?? month} />
      <Tabs
        mt="md"
        value={tab === 'commissions' && !maySeeShares ? 'referrals' : tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: (old) => ({ ...old, tab: TABS.find((one) => one === value) }),
            replace: true,
          })
        }
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="referrals">Referrals</Tabs.Tab>
          {maySeeShares && (
            <Tabs.Tab value="commissions">Commissions of {monthText(month)}</Tabs.Tab>
          )}
          <Tabs.Tab value="statement">Statement of {monthText(month)}</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="referrals">
          <Referrals of={of} status={status} />
        </Tabs.Panel>
        {maySeeShares && (
          <Tabs.Panel value="commissions">
            <Commissions of={of} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="statement">
          <Statement of={of} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History of={of} field={field} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

type Found = NonNullable<ReturnType<typeof useMember>['data']>;

interface HeadProps {
  readonly of: OfMember & { readonly month: string };
  readonly found: Found;
}

/** Tier and pin are those at the end of the month that is looked at. */
function Head({ of, found }: HeadProps) {
  const { creator, month } = of;
  const { memberId, name, referralCode, referrer, signedUpAt, timeZone } = found;
  const read = useMemberStats(of);
  const stats = read.isPlaceholderData ? undefined : read.data;
  return (
    <>
      <PageTitle
        title={name}
        beside={
          stats && (
            <Why asks={{ creator, member: memberId, figure: 'tier', month }} of={`tier of ${name}`}>
              <Tier name={stats.tier} isPinned={stats.tierPin !== null} />
            </Why>
          )
        }
        aside={<ReferralCode code={referralCode} />}
      />
      <Text size="sm" c="dimmed" mt={-8} mb="md" className="break">
        {signedUpAt !== null && (
          <>
            Signed up <Instant iso={signedUpAt} timeZone={timeZone} />,{' '}
          </>
        )}
        {referrer === null ? (
          'referred by nobody'
        ) : (
          <>
            referred by{' '}
            <MemberName creator={creator} memberId={referrer.memberId} name={referrer.name} />
          </>
        )}
        {' · '}
        <span className="mono">{memberId}</span>
        {stats?.tierPin && ` · tier pinned: ${stats.tierPin.reason}`}
      </Text>
    </>
  );
}

function ReferralCode({ code }: { readonly code: string }) {
  return (
    <CopyButton value={code}>
      {({ copied, copy }) => (
        <UnstyledButton onClick={copy}>
          <Group gap={6}>
            <Text span size="sm" c="dimmed">
              {copied ? 'Copied' : 'Referral code'}
            </Text>
            <Code fz="sm">{code}</Code>
            <CopyIcon size={14} />
            <span className="spoken">, copy</span>
          </Group>
        </UnstyledButton>
      )}
    </CopyButton>
  );
}
