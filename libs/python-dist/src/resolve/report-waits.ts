// Reports what a long lock waits for: requests to an index, or uv.

const INTERVAL_MS = 10_000;

/** Work that has not ended. `since` is by `Date.now()`. */
export interface Pending {
  about: string;
  since: number;
}

interface Waiting {
  index: { readonly pending: readonly Pending[] };
  uv: { readonly pending: readonly Pending[] };
  progress: (message: string) => void;
}

/** Does the work, and reports every ten seconds what has taken as long. @param intervalMs - specs shorten it */
export async function reportWaits<Result>(
  { index, uv, progress }: Waiting,
  work: () => Promise<Result>,
  intervalMs = INTERVAL_MS,
): Promise<Result> {
  const timer = setInterval(() => {
    const long = ({ since }: Pending): boolean => Date.now() - since >= intervalMs;
    // uv waits for the index, whose requests are the more precise answer.
    const [requests, programs] = [index.pending.filter(long), uv.pending.filter(long)];
    const line = formatWaits(requests.length > 0 ? requests : programs, Date.now());
    if (line !== undefined) progress(line);
  }, intervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** `waiting for https://index.example/simple/numpy/ (12 s), and for 3 more`; undefined if there are none */
function formatWaits([first, ...others]: readonly Pending[], now: number): string | undefined {
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : `, and for ${others.length} more`;
  return `waiting for ${first.about} (${Math.round((now - first.since) / 1000)} s)${more}`;
}
