import { type DynamicModule, Module } from '@nestjs/common';
import { Browser, Exports } from '#libs/audit';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { AUDIT_READS, AuditController, type AuditReads } from './controllers/audit.controller.js';

export interface AuditParts {
  readonly db: Database;
  readonly store: EventStore;
}

@Module({})
class AuditModule {}

/** The audit trail: one of `ApiParts.modules`. */
export function auditModule({ db, store }: AuditParts): DynamicModule {
  const browser = new Browser(db);
  const reads: AuditReads = { db, store, browser, exports: new Exports(browser) };
  return {
    module: AuditModule,
    controllers: [AuditController],
    providers: [{ provide: AUDIT_READS, useValue: reads }],
  };
}
