/** What is not counted, and why: the half that people actually come for. */
import { Text } from '@mantine/core';
import type { Explanation } from '../../api/reads.js';
import { countText } from '../../ui/figures.js';
import { MemberName } from '../../ui/member-name.js';
import { Panel } from '../../ui/panel.js';
import { Empty } from '../../ui/states.js';
import classes from './explain.module.css';
import { codeName } from './names.js';

const SHOWN = 5;

export function NotCounted({ found }: { readonly found: Explanation }) {
  const { notCounted, notCountedBy } = found;
  const all = notCountedBy.reduce((sum, { facts }) => sum + facts, 0);
  return (
    <Panel title={`Not counted, and why (${countText(all)})`}>
      {all === 0 && <Empty title="Nothing was left out" />}
      {notCountedBy.map(({ code, facts }) => {
        // Of each reason the answer has the first facts alone, and says how many there are.
        const shown = notCounted.filter((fact) => fact.code === code).slice(0, SHOWN);
        return (
          <section key={code} className={classes.reason}>
            <Text size="sm" fw={600}>
              {countText(facts)} {codeName(code)}
            </Text>
            <ul className={classes.aside}>
              {shown.map((fact) => (
                <li key={`${fact.kind} ${fact.sourceId} ${fact.member.memberId}`}>
                  <MemberName
                    creator={found.subject.creatorId}
                    memberId={fact.member.memberId}
                    name={fact.member.name}
                  />
                  <Text size="sm" c="dimmed" className="break">
                    {fact.why}
                  </Text>
                </li>
              ))}
            </ul>
            {facts > shown.length && (
              <Text size="xs" c="dimmed">
                {shown.length > 0 && 'and '}
                {countText(facts - shown.length)} more
              </Text>
            )}
          </section>
        );
      })}
    </Panel>
  );
}
