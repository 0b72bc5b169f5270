/** One member: what they did this month and in all, whom they referred, and their account. */
import { Code, CopyButton, Group, Tabs, Text, UnstyledButton } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type OfMember, useMember } from '../../api/reads.js';
import { useCalendar } from '../../shell/place.js';
import { Instant, Why } from '../../ui/figure.js';
import { CopyIcon } from '../../ui/icons.js';
import { MemberName } from '../../ui/member-name.js';
import { monthText } from '../../ui/months.js';
import { PageTitle } from '../../ui/page-title.js';
import { Failed, Loading } from '../../ui/states.js';
import { Tier } from '../../ui/tier.js';
import { Referrals } from './referrals.js';
import { Statement } from './statement.js';
import { Summary } from './summary.js';

const route = getRouteApi('/house/c/$creator/members/$member');

export function MemberPage() {
  const { creator, member } = route.useParams();
  const { month: asked, tab = 'referrals', status } = route.useSearch();
  const navigate = route.useNavigate();
  const { currentMonth } = useCalendar({ creator, month: asked, member });
  const month = asked ?? currentMonth;
  const read = useMember({ creator, member, month: undefined });
  if (read.error !== null && read.data === undefined)
    return (
      <>
        <PageTitle title="Member" />
        <Failed error={read.error} onRetry={read.refetch} />
      </>
    );
  if (read.data === undefined || month === undefined)
    return (
      <>
        <PageTitle title="Member" />
        <Loading lines={6} height={40} />
      </>
    );
  const of: OfMember & { month: string } = { creator, member, month };
  return (
    <>
      <Head creator={creator} found={read.data} />
      <Summary of={of} currentMonth={currentMonth ?? month} />
      <Tabs
        mt="md"
        value={tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: (old) => ({ ...old, tab: value === 'statement' ? 'statement' : undefined }),
            replace: true,
          })
        }
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="referrals">Referrals</Tabs.Tab>
          <Tabs.Tab value="statement">Statement of {monthText(month)}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="referrals">
          <Referrals of={of} status={status} />
        </Tabs.Panel>
        <Tabs.Panel value="statement">
          <Statement of={of} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

type Found = NonNullable<ReturnType<typeof useMember>['data']>;

function Head({ creator, found }: { readonly creator: string; readonly found: Found }) {
  const { memberId, name, referralCode, referrer, signedUpAt, timeZone } = found;
  return (
    <>
      <PageTitle
        title={name}
        beside={
          <Why asks={{ creator, member: memberId, figure: 'tier' }} of={`tier of ${name}`}>
            <Tier name={found.tier} isPinned={found.tierPin !== null} />
          </Why>
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
        {found.tierPin !== null && ` · tier pinned: ${found.tierPin.reason}`}
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
