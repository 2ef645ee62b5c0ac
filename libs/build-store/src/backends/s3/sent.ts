// "Not there" is an answer, and no error.
import type { Dispatcher } from 'undici';
import { isMissing } from './refusal.js';

export async function sent(answer: Promise<Dispatcher.ResponseData>): Promise<Dispatcher.ResponseData | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
