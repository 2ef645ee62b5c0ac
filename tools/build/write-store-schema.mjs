// Generates libs/build-store/schemas/store-server.schema.json from the zod schema of the configuration: npm run build, then run this script.
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { jsonSchemaOfConfig } from '../../libs/build-store/dist/server/config-schema.js';

const file = new URL('../../libs/build-store/schemas/store-server.schema.json', import.meta.url);
const options = await resolveConfig(file);
await writeFile(file, await format(JSON.stringify(jsonSchemaOfConfig()), { ...options, parser: 'json' }));
