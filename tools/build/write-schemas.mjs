// Generates the JSON Schemas for editors from the zod schemas of the built plugin: npm run schemas.
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { reqsetJsonSchema } from '../../libs/pinpack-executors/dist/workspace/reqset-schema.js';

const file = new URL('../../libs/pinpack-executors/schemas/reqset.schema.json', import.meta.url).pathname;
const text = JSON.stringify(reqsetJsonSchema(), null, 2);
await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
