// A list of objects as it's sent: one JSON object in a line (NDJSON), so that neither side holds the whole.
import { StoreError } from '../store-error.js';
import type { ObjectFacts } from './backend.js';

const LONGEST_LINE = 4096;

export function formatObjectLine({ path, size, modified }: ObjectFacts): string {
  return `${JSON.stringify({ path, size, modified: modified.toISOString() })}\n`;
}

/**
 * @param subject - for messages
 * @throws StoreError `STORE_ANSWER_INVALID` for a line that is none; what the body throws passes as it is
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
  const { path, size, modified } = parseJson(line, subject);
  const time = new Date(String(modified));
  if (typeof path !== 'string' || !Number.isSafeInteger(size) || Number.isNaN(time.getTime()))
    throw invalid(subject, line);
  return { path, size: Number(size), modified: time };
}

function parseJson(line: string, subject: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    throw invalid(subject, line);
  }
}

function invalid(subject: string, line: string): StoreError {
  return new StoreError('STORE_ANSWER_INVALID', subject, `a line of the list is none: ${line.slice(0, 80)}`);
}
