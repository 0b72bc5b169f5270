import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  COMMAND_PARTS,
  type CommandParts,
  ErasePersonalDataHandler,
  PERSONAL_DATA,
  type PersonalData,
} from '#libs/application';
import { PersonalDataController } from './controllers/personal-data.controller.js';

export interface PersonalDataParts {
  readonly commands: CommandParts;
  readonly personal: PersonalData;
}

@Module({})
class PersonalDataModule {}

/** Erasing people: one of `ApiParts.modules`. */
export function personalDataModule({ commands, personal }: PersonalDataParts): DynamicModule {
  return {
    module: PersonalDataModule,
    imports: [CqrsModule.forRoot()],
    controllers: [PersonalDataController],
    providers: [
      { provide: COMMAND_PARTS, useValue: commands },
      { provide: PERSONAL_DATA, useValue: personal },
      ErasePersonalDataHandler,
    ],
  };
}
