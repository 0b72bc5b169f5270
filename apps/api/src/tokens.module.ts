import { type DynamicModule, Module } from '@nestjs/common';
import { TOKEN_PARTS, type TokenParts, TokensController } from './controllers/tokens.controller.js';

@Module({})
class TokensModule {}

/** Tokens over HTTP: one of `ApiParts.modules`. */
export const tokensModule = (parts: TokenParts): DynamicModule => ({
  module: TokensModule,
  controllers: [TokensController],
  providers: [{ provide: TOKEN_PARTS, useValue: parts }],
});
