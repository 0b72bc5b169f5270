import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  DELIVERY_DESK,
  ExcludeDeliveriesHandler,
  RedriveDeliveriesHandler,
} from '#libs/application';
import { Desk, type DeskParts } from '#libs/ingestion';
import { DELIVERIES_READS, DeliveriesController } from './controllers/deliveries.controller.js';

@Module({})
class DeliveriesModule {}

/** Deliveries for operators: one of `ApiParts.modules`. */
export function deliveriesModule(parts: DeskParts): DynamicModule {
  return {
    module: DeliveriesModule,
    imports: [CqrsModule.forRoot()],
    controllers: [DeliveriesController],
    providers: [
      { provide: DELIVERIES_READS, useValue: parts },
      { provide: DELIVERY_DESK, useValue: new Desk(parts) },
      RedriveDeliveriesHandler,
      ExcludeDeliveriesHandler,
    ],
  };
}
