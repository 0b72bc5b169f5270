import { randomBytes } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { type BatchParts, Imports, loadKeys, whopImportProvider } from '#libs/ingestion';
import type { Clock, Defaults } from '#libs/ledger';
import type { Vault } from '#libs/vault';
import { IMPORT_PARTS, ImportsController } from './controllers/imports.controller.js';

export interface ImportsParts {
  readonly database: Database;
  readonly store: EventStore;
  readonly defaults: Defaults;
  readonly vault: Vault;
  /** Never frozen: lines are received at it. */
  readonly realClock: Clock;
}

@Module({})
class ImportsModule {}

/** History through the inbox, an admin's order: one of `ApiParts.modules`. */
export function importsModule({
  database,
  store,
  defaults,
  realClock,
  vault,
}: ImportsParts): DynamicModule {
  let deciding: Promise<BatchParts> | undefined;
  const parts = {
    realClock,
    imports: new Imports(database, vault),
    // The keys of the ledger are read when a dry run first needs them.
    deciding: async () => {
      deciding ??= loadKeys(database, vault, randomBytes(32)).then((keys) => ({
        db: database,
        store,
        keys,
        vault,
        defaults,
        providers: [whopImportProvider()],
      }));
      deciding.catch(() => {
        deciding = undefined;
      });
      return deciding;
    },
  };
  return {
    module: ImportsModule,
    controllers: [ImportsController],
    providers: [{ provide: IMPORT_PARTS, useValue: parts }],
  };
}
