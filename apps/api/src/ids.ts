/** Ids in addresses: what cannot be one is refused before anything is asked. */
import type { PipeTransform } from '@nestjs/common';
import { isCreatorId, isMembershipId, isUserId } from '#libs/ledger';
import { Problem } from './problem.js';

/** `:creator`. Throws 400 `id_malformed`. */
export class CreatorIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (isCreatorId(id)) return id;
    throw malformed('a creator is biz_ and letters, digits or _');
  }
}

/** `:member`. Throws 400 `id_malformed`. */
export class MemberIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (isUserId(id)) return id;
    throw malformed('a member is user_ and letters, digits or _');
  }
}

/** `:membership`. Throws 400 `id_malformed`. */
export class MembershipIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (isMembershipId(id)) return id;
    throw malformed('a membership is mem_ and letters, digits or _');
  }
}

const malformed = (rule: string): Problem =>
  new Problem(400, 'id_malformed', `The address names nobody: ${rule}.`);
