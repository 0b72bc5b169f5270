/** What a tier and a rank are made of beside the total: thresholds, pins, and who stands around. */
import { readSealedNeighbours, readStandings } from '#libs/checks';
import type { RecordedEvent } from '#libs/event-store';
import { creatorStream, type Instant, memberStream, pinAt, tierOf } from '#libs/ledger';
import { profilesOf } from '#projections';
import { named } from '../framed.js';
import type { FixedReads } from '../read-side.js';
import type { AskedCell } from './asked-cell.js';
import type { RankExplained, SealExplained, SetBy, TierExplained } from './explanation.js';

const NEIGHBOURS = 3;

/** By the settings and pins in the log, at the end of the month or now. */
export function tierNow({ settings, period, member }: AskedCell, total: bigint): string {
  const pin = pinAt(member?.pins ?? [], period.at);
  return pin?.tier ?? tierOf(settings.tiersAt(period.at), total);
}

/** Which thresholds were in force, and who pinned another tier. A sealed one is as at its seal. */
export function tierExplained(about: AskedCell): TierExplained {
  const { settings, member, version, period } = about;
  const sealedAt = version?.seal.effectiveAt ?? period.at;
  const at = Math.min(period.at, sealedAt);
  const pin = pinAt(member?.pins ?? [], at);
  const pinned = pin && inForceBy(about, 'TierPinned', pin.since);
  return {
    tiers: settings.tiersAt(at).map(({ name, from }) => ({ name, from })),
    setBy: inForceBy(about, 'TiersSet', at),
    pin: pin === undefined || pinned == null ? null : { ...pin, setBy: pinned },
  };
}

/** The last of a type that takes effect by then; of one instant the last recorded stands. */
function inForceBy(
  { events, cell }: AskedCell,
  type: 'TiersSet' | 'TierPinned',
  at: Instant,
): SetBy | null {
  const stream =
    type === 'TiersSet'
      ? creatorStream(cell.creatorId)
      : memberStream(cell.creatorId, cell.memberId ?? '');
  let found: RecordedEvent | undefined;
  for (const event of events) {
    if (event.type !== type || event.stream !== stream || event.effectiveAt > at) continue;
    if (found === undefined || event.effectiveAt >= found.effectiveAt) found = event;
  }
  return found === undefined ? null : setBy(found);
}

export const setBy = ({ position, id, type, effectiveAt }: RecordedEvent): SetBy => ({
  position,
  eventId: id,
  type,
  effectiveAt,
});

/** From the log, or from the pages of a sealed version. */
export async function rankExplained(
  fixed: FixedReads,
  { cell, reading, version }: AskedCell,
  seal: SealExplained | undefined,
): Promise<{ readonly rank: number | null; readonly explained: RankExplained }> {
  const { creatorId, month, memberId = '' } = cell;
  const nameOf = fixed.reads.nameIn(creatorId);
  if (version === undefined || seal === undefined) {
    const asked = { month, memberId, neighbours: NEIGHBOURS };
    const { ranked, around } = await readStandings(fixed.db, reading, asked);
    const rank = around.find((one) => one.memberId === memberId)?.rank ?? null;
    return {
      rank,
      explained: {
        ranked,
        around: around.map(({ rank, totalReferrals, reachedAt, memberId, name }) => ({
          rank,
          totalReferrals,
          reachedAt,
          ...named({ member_id: memberId, name }, nameOf),
        })),
      },
    };
  }
  const rank = typeof seal.stated === 'number' ? seal.stated : null;
  const lines =
    rank === null ? [] : await readSealedNeighbours(fixed.db, seal.snapshot, rank, NEIGHBOURS);
  const memberIds = lines.map((line) => line.memberId);
  const names = await profilesOf(fixed, { creatorId, memberIds });
  return {
    rank,
    explained: {
      ranked: null,
      around: lines.map(({ memberId, rank, totalReferrals, reachedAt }) => ({
        ...named({ member_id: memberId, name: names.get(memberId) ?? null }, nameOf),
        rank: rank ?? 0,
        totalReferrals,
        reachedAt,
      })),
    },
  };
}
