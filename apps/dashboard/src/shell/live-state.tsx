/** How fresh the figures are, in a word and a colour, and the position that all of them contain. */
import { type Live, useLive } from '../api/live.js';
import { useShownPosition } from '../api/positions.js';
import { useReadiness } from '../api/reads.js';
import { countText } from '../ui/figures.js';
import { clockText } from '../ui/instants.js';
import classes from './shell.module.css';

interface Freshness {
  readonly state: 'connecting' | 'live' | 'behind' | 'lost';
  readonly word: string;
  readonly title: string;
}

export function LiveState() {
  const live = useLive();
  const { data } = useReadiness();
  const { state, word, title } = freshnessOf(live, data?.components.projections.lagPositions ?? 0);
  const position = useShownPosition() ?? live.position;
  return (
    <span className={classes.live} title={title}>
      <span className={classes.dot} data-state={state} aria-hidden="true" />
      <span role="status">{word}</span>
      {position !== undefined && (
        <span className="num" data-testid="position">
          as of #{countText(position)}
        </span>
      )}
    </span>
  );
}

function freshnessOf({ connection, lostAt }: Live, lag: number): Freshness {
  const since = lostAt === undefined ? '' : ` since ${clockText(lostAt)}`;
  if (connection === 'lost')
    return {
      state: 'lost',
      word: 'not live',
      title: `The connection is lost${since}: figures may be older. It is tried again.`,
    };
  if (lag > 0)
    return {
      state: 'behind',
      word: `catching up, ${countText(lag)} behind`,
      title: 'The read models are behind the log: figures are correct as of their position.',
    };
  if (connection === 'connecting')
    return { state: 'connecting', word: 'connecting', title: 'The live feed is being opened.' };
  return { state: 'live', word: 'live', title: 'Figures change here as soon as they change.' };
}
