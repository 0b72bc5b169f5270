/** Why is this 3? What counts, what does not and why, and whether the read model says the same. */
import { Alert, Grid, Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type ExplainAsked, type Explanation, useExplanation } from '../../api/reads.js';
import { isOperator, useMe } from '../../api/session.js';
import { countText } from '../../ui/figures.js';
import { dayText, monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { PageTitle } from '../../ui/page-title.js';
import { Panel } from '../../ui/panel.js';
import { Failed, Loading } from '../../ui/states.js';
import { Counted } from './counted.js';
import { Explainable } from './explainable.js';
import { figureName, valueText } from './names.js';
import { NotCounted } from './not-counted.js';
import { Proof } from './proof.js';
import { Standing } from './standing.js';

const route = getRouteApi('/house/explain');

export function ExplainPage() {
  const { creator, figure, ...rest } = route.useSearch();
  if (creator === undefined)
    return <Alert color="yellow" title="Whose figure? The address names no creator." />;
  if (figure === undefined) return <Explainable creator={creator} {...rest} />;
  return <Explained asked={{ ...rest, creator, figure }} />;
}

function Explained({ asked }: { readonly asked: ExplainAsked }) {
  const read = useExplanation(asked);
  const mayOrder = isOperator(useMe());
  const found = read.data?.pages[0];
  const name = figureName(asked.figure);
  if (read.error !== null && found === undefined)
    return (
      <>
        <PageTitle title={`Why? ${name}`} />
        <Failed error={read.error} onRetry={read.refetch} />
      </>
    );
  if (found === undefined)
    return (
      <>
        <PageTitle title={`Why? ${name}`} />
        <Panel title="Reading the log">
          <Loading lines={6} />
        </Panel>
      </>
    );
  const counted = read.data?.pages.flatMap((page) => page.counted) ?? [];
  return (
    <>
      <PageTitle
        title={`Why is “${name}” ${valueText(found.total, found)}?`}
        beside={<Subject of={found} />}
      />
      {!found.agrees && (
        <Alert color="red" mb="md" title="The read model says something else" role="alert">
          {valueText(found.readModel, found)} is shown, {valueText(found.total, found)} is what the
          log says. A replay repairs it: <code>npx flywheel replay</code>
          {mayOrder && (
            <>
              , or{' '}
              <PageLink to="/ops/runs" underline="always">
                order it here
              </PageLink>
            </>
          )}
        </Alert>
      )}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="md">
            <Counted
              found={found}
              counted={counted}
              hasMore={read.hasNextPage}
              isReading={read.isFetchingNextPage}
              onMore={() => void read.fetchNextPage()}
            />
            <Standing found={found} />
            <Proof asked={asked} found={{ ...found, counted }} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <NotCounted found={found} />
        </Grid.Col>
      </Grid>
    </>
  );
}

function Subject({ of }: { readonly of: Explanation }) {
  const { subject, month, day, throughDay, state, timeZone, asOf } = of;
  const when = day !== null ? dayText(day) : month !== null ? monthText(month) : undefined;
  return (
    <Text span inherit>
      {[
        subject.name ?? subject.memberId ?? subject.creatorId,
        when,
        throughDay === null ? undefined : `up to ${dayText(throughDay)}`,
        state === 'known' ? undefined : state === 'closed' ? 'as closed' : 'pending',
        `as of #${countText(asOf.position)}`,
        timeZone,
      ]
        .filter((part) => part !== undefined)
        .join(' · ')}
    </Text>
  );
}
