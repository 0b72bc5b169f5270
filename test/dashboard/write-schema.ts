/** `npm run dashboard:api`: writes the types that the dashboard reads the interface by. */
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { SCHEMA_FILE, schemaText } from './schema.js';

writeFileSync(SCHEMA_FILE, await schemaText());
