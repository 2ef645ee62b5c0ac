// Asks the published URL for the index of wheels as pip does. Many servers of buckets have no index documents, and pip would report a missing distribution.
import { redactUrls } from '@pinpack/common/redact';

const LIMIT_MS = 5000;

/** How pip uses the publication; a note with the alternative if the URL is no index. A URL that is not reached from here is not judged. */
export async function describeIndex(label: string, url: string): Promise<string[]> {
  const index = `${url}/${label}/simple/`;
  const status = await statusOf(index);
  if (status === undefined || !/^https?:/.test(url)) return [];
  if (status === 200) return [`${label}: pip install --index-url ${redactUrls(index)} …`];
  const page = `${url}/${label}/find-links.html`;
  const isServed = (await statusOf(page)) === 200;
  return [
    `note: ${redactUrls(index)} answers ${String(status)}: the server has no index documents, so pip cannot use it as --index-url`,
    isServed
      ? `  Use: pip install --no-index --find-links ${redactUrls(page)} …`
      : `  ${redactUrls(page)} is not served either: check "publish": { "url": … } in nx.json and the rights of readers`,
  ];
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    // pip prefers the JSON page, and takes the HTML page.
    const headers = { accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.1' };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(LIMIT_MS) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}
