// A missing object is a normal result and not an error.
import { isMissing } from './response-error.js';

/** Turns the error "no such object" into undefined. */
export async function undefinedIfMissing<T>(response: Promise<T>): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
