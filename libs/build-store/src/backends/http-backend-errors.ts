// Converts error responses and connection errors of a pinpack-store server to StoreErrors.
import { parseJson } from '@pinpack/common/json';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { StoreError, type StoreErrorCode } from '../store-error.js';

const MESSAGE_BYTES = 4096;
const TOKEN = 'Set PINPACK_STORE_TOKEN to a valid token';
const REFUSAL = z.object({ code: z.string().catch(''), message: z.string().catch('') });
const NO_REFUSAL = { code: '', message: '' };

/** @param isOurs - whether the response has the header of a pinpack-store server */
export async function errorOfAnswer(
  subject: string,
  { statusCode, body }: Dispatcher.ResponseData,
  isOurs: boolean,
): Promise<StoreError> {
  const { code, message } = isOurs ? await readRefusal(body) : NO_REFUSAL;
  if (!isOurs) await body.dump({ limit: MESSAGE_BYTES }).catch(() => undefined);
  const reason = message === '' ? '' : `: ${message}`;
  if (statusCode >= 500 || statusCode === 429) {
    return new StoreError('STORE_UNREACHABLE', subject, `the server answered ${statusCode}${reason}`);
  }
  if (!isOurs) {
    const found = `the response, with status ${statusCode}, is not from a pinpack-store server`;
    return new StoreError('STORE_ANSWER_INVALID', subject, `${found}\n  Check host and path of the store's URL`);
  }
  if (statusCode === 401)
    return new StoreError('STORE_FORBIDDEN', subject, `the server refused the token${reason}\n  ${TOKEN}`);
  if (statusCode === 403) return new StoreError('STORE_FORBIDDEN', subject, `the server refused the request${reason}`);
  const kind: StoreErrorCode = code === 'digest' ? 'STORE_CONTENT_DIFFERS' : 'STORE_ANSWER_INVALID';
  return new StoreError(kind, subject, `the server answered ${statusCode}${reason}`);
}

/** Returns a StoreError as it is. Any other error counts as an unreachable store. */
export function unreachable(subject: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code } = error as { code?: unknown };
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return new StoreError('STORE_CONTENT_DIFFERS', subject, 'the content does not have the announced size', {
      cause: error,
    });
  }
  const description = error instanceof Error && error.message !== '' ? error.message : String(code);
  return new StoreError('STORE_UNREACHABLE', subject, description, { cause: error });
}

async function readRefusal(body: Dispatcher.ResponseData['body']): Promise<z.output<typeof REFUSAL>> {
  try {
    let text = '';
    for await (const piece of body.setEncoding('utf8') as AsyncIterable<string>) {
      text += piece;
      if (text.length > MESSAGE_BYTES) break;
    }
    return parseJson(text, REFUSAL) ?? NO_REFUSAL;
  } catch {
    // The body broke off. The status still identifies the error.
    return NO_REFUSAL;
  }
}
