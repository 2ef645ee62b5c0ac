// What a server's refusals, and its silence, mean to who asked.
import type { Dispatcher } from 'undici';
import { StoreError, type StoreErrorCode } from '../store-error.js';

const MESSAGE_BYTES = 4096;
const TOKEN = 'Set PINPACK_STORE_TOKEN to a token that holds';

/** @param isOurs - whether the answer says that it's a pinpack-store server's */
export async function errorOfAnswer(
  subject: string,
  { statusCode, body }: Dispatcher.ResponseData,
  isOurs: boolean,
): Promise<StoreError> {
  const { code, message } = isOurs ? await readRefusal(body) : { code: '', message: '' };
  if (!isOurs) await body.dump({ limit: MESSAGE_BYTES }).catch(() => undefined);
  const told = message === '' ? '' : `: ${message}`;
  if (statusCode >= 500 || statusCode === 429) {
    return new StoreError('STORE_UNREACHABLE', subject, `the server answered ${statusCode}${told}`);
  }
  if (!isOurs) {
    const found = `something answered ${statusCode} that is no pinpack-store server`;
    return new StoreError(
      'STORE_ANSWER_INVALID',
      subject,
      `${found}\n  See whether the store's URL has the right host and path`,
    );
  }
  if (statusCode === 401)
    return new StoreError('STORE_FORBIDDEN', subject, `the server refused the token${told}\n  ${TOKEN}`);
  if (statusCode === 403) return new StoreError('STORE_FORBIDDEN', subject, `the server refused it${told}`);
  const kind: StoreErrorCode = code === 'digest' ? 'STORE_CONTENT_DIFFERS' : 'STORE_ANSWER_INVALID';
  return new StoreError(kind, subject, `the server answered ${statusCode}${told}`);
}

/** StoreErrors as they are; whatever else can happen between two machines is a store that isn't reached. */
export function unreachable(subject: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code } = error as { code?: unknown };
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return new StoreError('STORE_CONTENT_DIFFERS', subject, 'the content has another size than it was said to have', {
      cause: error,
    });
  }
  const reason = error instanceof Error && error.message !== '' ? error.message : String(code);
  return new StoreError('STORE_UNREACHABLE', subject, reason, { cause: error });
}

async function readRefusal(body: Dispatcher.ResponseData['body']): Promise<{ code: string; message: string }> {
  try {
    let text = '';
    for await (const piece of body.setEncoding('utf8') as AsyncIterable<string>) {
      text += piece;
      if (text.length > MESSAGE_BYTES) break;
    }
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown };
    return { code: textOf(code), message: textOf(message) };
  } catch {
    return { code: '', message: '' };
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
