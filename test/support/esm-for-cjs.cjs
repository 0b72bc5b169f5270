'use strict';
// Some CommonJS dependencies (fastify's light-my-request, @fastify/static, ...) require() packages that are ESM only.
// Node >= 20.19 does that natively, Jest's own loader only on Node >= 24.9. So: when a file of node_modules is loaded
// by require() and is ESM, Jest gets a CommonJS copy. The packages are named in jest.config.js: add one where Jest says "Must use import to load ES Module". Delete this on Node >= 24.9.
const { createHash } = require('node:crypto');
const swc = require('@swc/core');
const ESM = /^\s*(?:import\b(?!\s*\()|export\b)/m;
const SALT = `${swc.version}:1`;
module.exports = {
  canInstrument: false,
  getCacheKey: (src, file, o) =>
    createHash('sha1').update(SALT).update(file).update(String(o.supportsStaticESM)).update(src).digest('hex'),
  process(src, filename, { supportsStaticESM }) {
    if (supportsStaticESM || !ESM.test(src)) return { code: src };
    return swc.transformSync(src, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: 'inline',
      module: { type: 'commonjs' },
      jsc: { target: 'es2023', parser: { syntax: 'ecmascript' } },
    });
  },
};
