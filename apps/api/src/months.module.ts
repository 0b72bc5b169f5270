import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  CloseMonthHandler,
  MONTH_PARTS,
  type MonthParts,
  ReadSide,
  RestateMonthHandler,
} from '#libs/application';
import { BlockedMonths, type CheckRunner, CreatorFindings } from '#libs/checks';
import { CRON_PARTS, type CronParts } from './api-parts.js';
import { CronController } from './controllers/cron.controller.js';
import { MonthsController } from './controllers/months.controller.js';

export interface MonthsParts {
  readonly reads: ReadSide;
  readonly runner: CheckRunner;
  /** Default of `findings`: what the checks find. */
  readonly months: Omit<MonthParts, 'findings'> & Partial<Pick<MonthParts, 'findings'>>;
}

@Module({})
class MonthsModule {}

/** Months of creators: what is sealed of them, closing and restating: one of `ApiParts.modules`. */
export function monthsModule({ reads, runner, months: given }: MonthsParts): DynamicModule {
  const { database } = given;
  const findings = new CreatorFindings({ db: database, runner });
  const months: MonthParts = { findings, ...given };
  const cron: CronParts = {
    due: { months, reads, blocked: new BlockedMonths(database) },
    runner,
  };
  return {
    module: MonthsModule,
    imports: [CqrsModule.forRoot()],
    controllers: [MonthsController, CronController],
    providers: [
      { provide: ReadSide, useValue: reads },
      { provide: MONTH_PARTS, useValue: months },
      { provide: CRON_PARTS, useValue: cron },
      CloseMonthHandler,
      RestateMonthHandler,
    ],
  };
}
