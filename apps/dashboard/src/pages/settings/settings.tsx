/** Settings: of a creator (general, tiers), and of the ledger (webhooks, tokens, people, about). */
import { Text } from '@mantine/core';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import { useCreators } from '../../api/reads.js';
import { useMe } from '../../api/session.js';
import { PageLink } from '../../ui/page-link.js';
import { PageTitle } from '../../ui/page-title.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { About } from './about.js';
import { General } from './general.js';
import { People } from './people.js';
import { isOfCreator, SECTION_NAMES, type Section, sectionsFor } from './sections.js';
import classes from './settings.module.css';
import { Tiers } from './tiers.js';
import { Tokens } from './tokens.js';
import { Webhooks } from './webhooks.js';

const route = getRouteApi('/house/settings/$section');

export function SettingsPage() {
  const { section } = route.useParams();
  const { creator: asked } = route.useSearch();
  const me = useMe();
  if (me === undefined) return <Loading lines={4} />;
  const creator = asked ?? me.creatorId ?? undefined;
  const sections = sectionsFor(me);
  const known = sections.find((one) => one === section);
  return (
    <>
      <PageTitle
        title={known === undefined ? 'Settings' : `Settings: ${SECTION_NAMES[known]}`}
        beside={known !== undefined && (isOfCreator(known) ? creator : 'of the whole ledger')}
      />
      {sections.length > 0 && <Sections all={sections} shown={known} creator={creator} />}
      {known === undefined ? (
        <NotYours role={me.role} />
      ) : (
        <Body section={known} creator={creator} />
      )}
    </>
  );
}

interface SectionsProps {
  readonly all: readonly Section[];
  readonly shown: Section | undefined;
  readonly creator: string | undefined;
}

const Sections = ({ all, shown, creator }: SectionsProps) => (
  <nav className={classes.sections} aria-label="Settings">
    {all.map((one) => (
      <PageLink
        key={one}
        to="/settings/$section"
        params={{ section: one }}
        search={creator === undefined ? {} : { creator }}
        underline="never"
        className={classes.section}
        {...(one === shown && { 'aria-current': 'page' as const })}
      >
        {SECTION_NAMES[one]}
      </PageLink>
    ))}
  </nav>
);

interface BodyProps {
  readonly section: Section;
  readonly creator: string | undefined;
}

function Body({ section, creator }: BodyProps) {
  if (section === 'webhooks') return <Webhooks creator={creator} />;
  if (section === 'tokens') return <Tokens creator={creator} />;
  if (section === 'people') return <People creator={creator} />;
  if (section === 'about') return <About />;
  if (creator === undefined) return <WhichCreator section={section} />;
  // Of another creator nothing that was typed is meant.
  return section === 'tiers' ? (
    <Tiers key={creator} creator={creator} />
  ) : (
    <General key={creator} creator={creator} />
  );
}

function WhichCreator({ section }: { readonly section: Section }) {
  const read = useCreators();
  const only = read.data?.items.length === 1 ? read.data.items[0] : undefined;
  if (only !== undefined)
    return (
      <Navigate
        to="/settings/$section"
        params={{ section }}
        search={{ creator: only.creatorId }}
        replace
      />
    );
  return (
    <Panel title="Whose?">
      <Answer of={read}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No creator yet">Setting a creator’s settings makes them known.</Empty>
          ) : (
            <ul className={classes.changes}>
              {items.map(({ creatorId }) => (
                <li key={creatorId}>
                  <PageLink
                    to="/settings/$section"
                    params={{ section }}
                    search={{ creator: creatorId }}
                    data-row
                  >
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

const NotYours = ({ role }: { readonly role: string }) => (
  <Empty title="Nothing to set here">
    <Text span inherit>
      These settings are not for {role === 'member' ? 'members' : `the role ${role}`}, or the
      address leads nowhere.
    </Text>
  </Empty>
);
