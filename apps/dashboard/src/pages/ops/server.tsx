/** Whether each part of the server is well, as its probe says. */
import { useReadiness } from '../../api/reads.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Loading } from '../../ui/states.js';
import classes from './ops.module.css';
import { Mark } from './parts.js';

const NAMES: Readonly<Record<string, string>> = {
  database: 'Database',
  projections: 'Figures',
  intake: 'Intake of deliveries',
  migrations: 'Migrations',
  log: 'Guard of the log',
  checks: 'Checks',
  months: 'Closing of months',
};

export function Server() {
  return (
    <Panel title="Server">
      <Answer of={useReadiness()} loading={<Loading lines={4} />}>
        {({ components }) => (
          <ul className={classes.list}>
            {Object.entries(components).map(([name, { status, detail }]) => (
              <li key={name} className={classes.item}>
                <span>{NAMES[name] ?? name}</span>
                <span className={classes.sides}>
                  {detail}
                  <Mark tone={status === 'ok' ? 'good' : 'bad'}>
                    {status === 'ok' ? 'well' : 'failing'}
                  </Mark>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Panel>
  );
}
