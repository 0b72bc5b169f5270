import { type DynamicModule, Module } from '@nestjs/common';
import { SessionController, SIGN_IN, type SignIn } from './controllers/session.controller.js';

@Module({})
class SessionModule {}

/** Signing in: one of `ApiParts.modules`. */
export const sessionModule = (signIn: SignIn): DynamicModule => ({
  module: SessionModule,
  controllers: [SessionController],
  providers: [{ provide: SIGN_IN, useValue: signIn }],
});
