/** Parses JSON of other programs and of cache files. Nothing is used before a schema has accepted it. */
import type { z } from 'zod';

/** The value, or undefined if the text is not JSON or the schema rejects it. */
export function parseJson<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
