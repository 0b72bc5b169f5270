import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  CloseMonthHandler,
  MONTH_PARTS,
  type MonthParts,
  ReadSide,
  RestateMonthHandler,
} from '#libs/application';
import { MonthsController } from './controllers/months.controller.js';

export interface MonthsParts {
  readonly reads: ReadSide;
  readonly months: MonthParts;
}

@Module({})
class MonthsModule {}

/** Months of creators: what is sealed of them, closing and restating: one of `ApiParts.modules`. */
export function monthsModule({ reads, months }: MonthsParts): DynamicModule {
  return {
    module: MonthsModule,
    imports: [CqrsModule.forRoot()],
    controllers: [MonthsController],
    providers: [
      { provide: ReadSide, useValue: reads },
      { provide: MONTH_PARTS, useValue: months },
      CloseMonthHandler,
      RestateMonthHandler,
    ],
  };
}
