/** Captures errors as `CODE message`, so that specs can compare them. */

interface Coded {
  code?: string;
}

/** `CODE message`; fails if nothing is thrown. */
export function thrown(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return describeThrown(error);
  }
  throw new TypeError('nothing was thrown');
}

/** The same of a promise. */
export async function rejected(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    return describeThrown(error);
  }
  throw new TypeError('nothing was thrown');
}

function describeThrown(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${(error as Coded).code ?? error.name} ${error.message}`;
}
