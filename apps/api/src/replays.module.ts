import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  DiscardReplayHandler,
  OrderReplayHandler,
  PromoteReplayHandler,
  REPLAY_PARTS,
  ReplayFeed,
  type ReplayOrderParts,
} from '#libs/application';
import { ReplaysController } from './controllers/replays.controller.js';

export interface ReplaysParts extends ReplayOrderParts {
  /** Of the same database: progress is heard on a connection of its own. */
  readonly url: string;
}

@Module({})
class ReplaysModule {}

/** Repair by replay over HTTP: one of `ApiParts.modules`. */
export const replaysModule = ({ url, ...parts }: ReplaysParts): DynamicModule => ({
  module: ReplaysModule,
  imports: [CqrsModule.forRoot()],
  controllers: [ReplaysController],
  providers: [
    { provide: REPLAY_PARTS, useValue: parts },
    { provide: ReplayFeed, useValue: new ReplayFeed(url) },
    OrderReplayHandler,
    PromoteReplayHandler,
    DiscardReplayHandler,
  ],
});
