/** Which figures some events touched, by creator; what many events touch is told once. */

import { aboutOf, aboutOfStream } from './about.js';
import type { ReadEvent } from './browse.js';
import { changesOf } from './changes.js';

/** Members of one creator who are named; of more it is said that there are more. */
export const MAX_NAMED_MEMBERS = 500;

interface OfCreator {
  readonly members: Set<string>;
  readonly months: Set<string>;
  readonly fields: Set<string>;
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
    if (memberId !== null) addMember(touched, memberId);
    if (event === undefined) return;
    for (const change of changesOf(event)) {
      if (change.memberId !== null) addMember(touched, change.memberId);
      if (change.month !== null) touched.months.add(change.month);
      touched.fields.add(change.field);
    }
  }

  merge(other: Touched): void {
    this.everything ||= other.everything;
    for (const [creatorId, { members, months, fields, isCut }] of other.creators) {
      const touched = this.of(creatorId);
      for (const member of members) addMember(touched, member);
      for (const month of months) touched.months.add(month);
      for (const field of fields) touched.fields.add(field);
      touched.isCut ||= isCut;
    }
  }

  /** By id; of one creator, where one is named. */
  list(creatorId?: string): TouchedCreator[] {
    return [...this.creators]
      .filter(([id]) => creatorId === undefined || id === creatorId)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { members, months, fields, isCut }]) => ({
        creatorId: id,
        members: [...members].sort(),
        months: [...months].sort(),
        fields: [...fields].sort(),
        isCut,
      }));
  }

  private of(creatorId: string): OfCreator {
    const known = this.creators.get(creatorId);
    if (known !== undefined) return known;
    const made = {
      members: new Set<string>(),
      months: new Set<string>(),
      fields: new Set<string>(),
      isCut: false,
    };
    this.creators.set(creatorId, made);
    return made;
  }
}

function addMember(touched: OfCreator, memberId: string): void {
  if (touched.members.size < MAX_NAMED_MEMBERS || touched.members.has(memberId))
    touched.members.add(memberId);
  else touched.isCut = true;
}
