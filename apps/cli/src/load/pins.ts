/** Orders the pins of the demo, as an admin would: through the API, once their members are known. */
import { type ApiClient, pathOf } from '../api-client.js';
import { demoPins } from '../demo/index.js';

interface TierPin {
  readonly tier: string;
  readonly since: string;
}

export interface Pinned extends TierPin {
  readonly memberId: string;
  readonly name: string;
  /** Of the order; null: it was so already. */
  readonly position: number | null;
}

/** What somebody has pinned otherwise meanwhile is left as it is. */
export async function orderPins(client: ApiClient, creator: string): Promise<Pinned[]> {
  const pinned: Pinned[] = [];
  for (const { person, tier, reason } of demoPins) {
    const { userId: memberId, name } = person;
    const member = pathOf('api', 'creators', creator, 'members', memberId);
    const { tierPin } = await client.get<{ tierPin: TierPin | null }>(member);
    const answer =
      tierPin === null
        ? await client.put<{ tierPin: TierPin; position: number | null }>(`${member}/tier-pin`, {
            tier,
            reason,
          })
        : { tierPin, position: null };
    const { position } = answer;
    pinned.push({
      memberId,
      name,
      tier: answer.tierPin.tier,
      since: answer.tierPin.since,
      position,
    });
  }
  return pinned;
}
