import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  AssignMembershipHandler,
  ChangeSettingsHandler,
  COMMAND_PARTS,
  type CommandParts,
  CorrectReferrerHandler,
  PinTierHandler,
  ReadSide,
  SetReferralCodeHandler,
} from '#libs/application';
import { CreatorsController } from './controllers/creators.controller.js';
import { ExplainController } from './controllers/explain.controller.js';
import { MemberOrdersController } from './controllers/member-orders.controller.js';
import { MembersController } from './controllers/members.controller.js';
import { MembershipsController } from './controllers/memberships.controller.js';
import { SeriesController } from './controllers/series.controller.js';
import { SettingsController } from './controllers/settings.controller.js';
import { StatementController } from './controllers/statement.controller.js';
import { TierPinController } from './controllers/tier-pin.controller.js';

export interface CreatorsParts {
  readonly reads: ReadSide;
  readonly commands: CommandParts;
}

@Module({})
class CreatorsModule {}

/** Figures of creators and members, settings, and what an admin orders of members: one of `ApiParts.modules`. */
export function creatorsModule({ reads, commands }: CreatorsParts): DynamicModule {
  return {
    module: CreatorsModule,
    imports: [CqrsModule.forRoot()],
    controllers: [
      CreatorsController,
      MembersController,
      SettingsController,
      TierPinController,
      MemberOrdersController,
      MembershipsController,
      SeriesController,
      StatementController,
      ExplainController,
    ],
    providers: [
      { provide: ReadSide, useValue: reads },
      { provide: COMMAND_PARTS, useValue: commands },
      ChangeSettingsHandler,
      PinTierHandler,
      SetReferralCodeHandler,
      CorrectReferrerHandler,
      AssignMembershipHandler,
    ],
  };
}
