/** The types of the HTTP interface for the dashboard, made from the router itself: no database is asked. */
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { createApi } from '../../apps/api/src/create-api.js';
import { openApiOf } from '../../apps/api/src/openapi.js';
import { inMemoryParts } from '../../apps/api/test/in-memory-parts.js';

export const SCHEMA_FILE = 'apps/dashboard/src/api/schema.d.ts';

export async function schemaText(): Promise<string> {
  const app = await createApi(inMemoryParts());
  try {
    const document = openApiOf(app, '0');
    // As JSON it is plain: what generates the types looks at prototypes.
    const plain = JSON.parse(JSON.stringify(document)) as string;
    return `${COMMENT_HEADER}${astToString(await openapiTS(plain))}`;
  } finally {
    await app.close();
  }
}
