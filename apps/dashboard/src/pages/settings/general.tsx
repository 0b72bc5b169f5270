/** A creator's settings but for tiers: what is in force, since when, what follows, and how to change it. */
import { Button, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useMe } from '../../api/session.js';
import { type SettingsInForce, useSettings } from '../../api/settings-reads.js';
import { Instant } from '../../ui/figure.js';
import { ClockIcon } from '../../ui/icons.js';
import { monthText } from '../../ui/months.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Loading } from '../../ui/states.js';
import { ChangeForm } from './change-form.js';
import { mayOrder } from './sections.js';
import classes from './settings.module.css';
import { GENERAL, type GeneralSetting, SETTINGS, valueText } from './values.js';

const route = getRouteApi('/house/settings/$section');

export function General({ creator }: { readonly creator: string }) {
  const read = useSettings(creator);
  const { change } = route.useSearch();
  const navigate = route.useNavigate();
  const isAdmin = mayOrder(useMe());
  const open = (setting: GeneralSetting | undefined): void =>
    void navigate({ search: (old) => ({ ...old, change: setting }), replace: true });
  return (
    <Panel
      title="In force"
      aside={
        !isAdmin && (
          <Text size="sm" c="dimmed">
            Only an admin changes these
          </Text>
        )
      }
    >
      <Text size="sm" c="dimmed">
        Every setting is dated: it applies from its day on, and nothing that is dated before it
        changes.
      </Text>
      <Answer of={read} loading={<Loading lines={6} height={32} />}>
        {({ settings, timeZone }) =>
          GENERAL.map((setting) => (
            <section
              key={setting}
              className={classes.setting}
              aria-labelledby={`setting-${setting}`}
            >
              <h3 id={`setting-${setting}`} className={classes.name}>
                {SETTINGS[setting].name}
              </h3>
              <div className={classes.body}>
                <InForce of={settings} setting={setting} timeZone={timeZone} />
                <Text size="sm" c="dimmed">
                  {SETTINGS[setting].decides}
                </Text>
              </div>
              {isAdmin && change !== setting ? (
                <Button size="xs" variant="default" onClick={() => open(setting)}>
                  Change…<span className="spoken"> {SETTINGS[setting].name}</span>
                </Button>
              ) : (
                <span />
              )}
              {isAdmin && change === setting && (
                <ChangeForm
                  creator={creator}
                  setting={setting}
                  settings={settings}
                  timeZone={timeZone}
                  onClose={() => open(undefined)}
                />
              )}
            </section>
          ))
        }
      </Answer>
    </Panel>
  );
}

interface InForceProps {
  readonly of: SettingsInForce;
  readonly setting: keyof SettingsInForce;
  readonly timeZone: string;
}

export function InForce({ of, setting, timeZone }: InForceProps) {
  const { inForce, since, toCome } = of[setting];
  return (
    <>
      <div className={classes.value}>
        {valueText(setting, inForce)}{' '}
        <Text span size="sm" c="dimmed">
          {since === 'beginning' ? (
            'since the beginning'
          ) : (
            <>
              since <Instant iso={since} timeZone={timeZone} as="time" />
            </>
          )}
        </Text>
      </div>
      {toCome.length > 0 && (
        <ul className={classes.coming}>
          {toCome.map((one) => (
            <li key={one.from}>
              <ClockIcon size={13} /> {valueText(setting, one.value)}{' '}
              <Text span size="sm" c="dimmed">
                from{' '}
                {'fromMonth' in one ? (
                  monthText(one.fromMonth)
                ) : (
                  <Instant iso={one.from} timeZone={timeZone} as="time" />
                )}
              </Text>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
