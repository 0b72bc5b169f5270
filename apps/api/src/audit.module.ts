import { type DynamicModule, Module } from '@nestjs/common';
import { ReadSide } from '#libs/application';
import { Browser, Exports, LiveFeed, type Progress } from '#libs/audit';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { AUDIT_READS, AuditController, type AuditReads } from './controllers/audit.controller.js';
import { AuditHistoryController } from './controllers/audit-history.controller.js';
import { LiveController } from './controllers/live.controller.js';

export interface AuditParts {
  readonly db: Database;
  readonly store: EventStore;
  /** How far the read models are; what they contain is told live. */
  readonly watch: Progress;
  readonly reads: ReadSide;
}

@Module({})
class AuditModule {}

/** The audit trail: one of `ApiParts.modules`. */
export function auditModule({ db, store, watch, reads }: AuditParts): DynamicModule {
  const browser = new Browser(db);
  const { vault, names } = reads;
  const audit: AuditReads = { db, store, vault, names, browser, exports: new Exports(browser) };
  return {
    module: AuditModule,
    controllers: [AuditController, AuditHistoryController, LiveController],
    providers: [
      { provide: AUDIT_READS, useValue: audit },
      { provide: ReadSide, useValue: reads },
      { provide: LiveFeed, useValue: new LiveFeed({ browser, watch }) },
    ],
  };
}
