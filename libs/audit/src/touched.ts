/** Which figures some events touched, by creator; what many events touch is told once. */

import { aboutOf, aboutOfStream } from './about.js';
import type { ReadEvent } from './browse.js';
import { changesOf } from './changes.js';

/** Members of one creator who are named; of more it is said that there are more. */
export const MAX_NAMED_MEMBERS = 500;

interface Moved {
  readonly months: Set<string>;
  readonly fields: Set<string>;
}
interface OfCreator extends Moved {
  /** What of each was moved; whoever may see one member is told of that alone. */
  readonly members: Map<string, Moved>;
  isCut: boolean;
}

export interface TouchedCreator {
  readonly creatorId: string;
  /** Those whose figures or facts changed. */
  readonly members: readonly string[];
  readonly months: readonly string[];
  /** As `GET /api/audit/history` calls them. */
  readonly fields: readonly string[];
  /** There are more members than these. */
  readonly isCut: boolean;
}

/** A sum of touches; adding the same again changes nothing. */
export class Touched {
  private readonly creators = new Map<string, OfCreator>();
  /** Nobody can say what: all may have changed. */
  everything = false;

  get isNothing(): boolean {
    return !this.everything && this.creators.size === 0;
  }

  add({ recorded, event }: ReadEvent): void {
    const { creatorId, memberId } =
      event === undefined ? aboutOfStream(recorded.stream) : aboutOf(event);
    if (creatorId === null) {
      // Not of one creator (read models that were replaced), or of an unknown kind.
      this.everything = true;
      return;
    }
    const touched = this.of(creatorId);
    if (memberId !== null) memberOf(touched, memberId);
    if (event === undefined) return;
    for (const change of changesOf(event)) {
      addMove(touched, change);
      if (change.memberId !== null) addMove(memberOf(touched, change.memberId), change);
    }
  }

  merge(other: Touched): void {
    this.everything ||= other.everything;
    for (const [creatorId, { members, months, fields, isCut }] of other.creators) {
      const touched = this.of(creatorId);
      for (const [member, moved] of members) mergeMoved(memberOf(touched, member), moved);
      mergeMoved(touched, { months, fields });
      touched.isCut ||= isCut;
    }
  }

  /** By id; of one creator, of one member, where they are named. */
  list({ creatorId, memberId }: Whose = {}): TouchedCreator[] {
    return [...this.creators]
      .filter(([id]) => creatorId === undefined || id === creatorId)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([id, touched]) =>
        memberId === undefined
          ? [{ creatorId: id, ...listed([...touched.members.keys()], touched, touched.isCut) }]
          : ofMember(id, touched, memberId),
      );
  }

  private of(creatorId: string): OfCreator {
    const known = this.creators.get(creatorId);
    if (known !== undefined) return known;
    const made = { members: new Map<string, Moved>(), ...nothingMoved(), isCut: false };
    this.creators.set(creatorId, made);
    return made;
  }
}

/** Undefined: of all. */
export interface Whose {
  readonly creatorId?: string | undefined;
  readonly memberId?: string | undefined;
}

const nothingMoved = (): Moved => ({ months: new Set<string>(), fields: new Set<string>() });

/** Of a member beyond those who are named nothing is kept, but that there are more. */
function memberOf(touched: OfCreator, memberId: string): Moved {
  const known = touched.members.get(memberId);
  if (known !== undefined) return known;
  const made = nothingMoved();
  if (touched.members.size < MAX_NAMED_MEMBERS) touched.members.set(memberId, made);
  else touched.isCut = true;
  return made;
}

function addMove(moved: Moved, { month, field }: { month: string | null; field: string }): void {
  if (month !== null) moved.months.add(month);
  moved.fields.add(field);
}

function mergeMoved(into: Moved, { months, fields }: Moved): void {
  for (const month of months) into.months.add(month);
  for (const field of fields) into.fields.add(field);
}

const listed = (members: readonly string[], { months, fields }: Moved, isCut: boolean) => ({
  members: [...members].sort(),
  months: [...months].sort(),
  fields: [...fields].sort(),
  isCut,
});

/** Where not all are named it may be about them too: that is said, and nothing of the others. */
function ofMember(creatorId: string, touched: OfCreator, memberId: string): TouchedCreator[] {
  const moved = touched.members.get(memberId);
  if (moved !== undefined) return [{ creatorId, ...listed([memberId], moved, false) }];
  return touched.isCut ? [{ creatorId, ...listed([], nothingMoved(), true) }] : [];
}
