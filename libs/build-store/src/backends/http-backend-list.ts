// Lists of objects on the wire: one JSON object per line (NDJSON), so that both sides can stream.
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import { StoreError } from '../store-error.js';
import type { ObjectFacts } from './backend.js';

const LONGEST_LINE = 4096;
const LINE = z.object({ path: z.string(), size: z.int(), modified: z.coerce.date() });

export function formatObjectLine({ path, size, modified }: ObjectFacts): string {
  return `${JSON.stringify({ path, size, modified: modified.toISOString() })}\n`;
}

/**
 * @param subject - for messages
 * @throws StoreError `STORE_ANSWER_INVALID` for an invalid line; errors of the body as they are
 */
export async function* parseObjectLines(body: AsyncIterable<Uint8Array>, subject: string): AsyncGenerator<ObjectFacts> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield parseLine(line, subject);
    if (rest.length > LONGEST_LINE) throw invalid(subject, rest);
  }
  if (rest !== '') throw invalid(subject, rest);
}

function parseLine(line: string, subject: string): ObjectFacts {
  const facts = parseJson(line, LINE);
  if (facts === undefined) throw invalid(subject, line);
  return facts;
}

function invalid(subject: string, line: string): StoreError {
  return new StoreError('STORE_ANSWER_INVALID', subject, `the list has an invalid line: ${line.slice(0, 80)}`);
}
