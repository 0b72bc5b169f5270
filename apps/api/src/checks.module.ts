import { type DynamicModule, Module } from '@nestjs/common';
import { ReadSide } from '#libs/application';
import { CheckRunner } from '#libs/checks';
import { ChecksController } from './controllers/checks.controller.js';

export interface ChecksParts {
  readonly reads: ReadSide;
  readonly runner: CheckRunner;
}

@Module({})
class ChecksModule {}

/** The checks over HTTP: one of `ApiParts.modules`. */
export const checksModule = ({ reads, runner }: ChecksParts): DynamicModule => ({
  module: ChecksModule,
  controllers: [ChecksController],
  providers: [
    { provide: ReadSide, useValue: reads },
    { provide: CheckRunner, useValue: runner },
  ],
});
