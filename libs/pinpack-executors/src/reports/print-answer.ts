// Prints the answer of a question: text, JSON alone, or JSON in a file.
import { resolve } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';

export interface AnswerOptions {
  json?: boolean;
  /** A file for the JSON, relative to the workspace's root. */
  output?: string;
}

export interface Answer {
  value: unknown;
  text: string;
}

export async function printAnswer(
  root: string,
  { json, output }: AnswerOptions,
  { value, text }: Answer,
): Promise<void> {
  const formatted = JSON.stringify(value, null, 2);
  if (output !== undefined) await writeFileAtomically(resolve(root, output), [Buffer.from(`${formatted}\n`)]);
  console.log(json === true ? formatted : text);
}
