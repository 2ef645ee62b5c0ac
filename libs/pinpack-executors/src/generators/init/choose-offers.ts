// Chooses the files that become reqsets: by `--reqsets`, or by an answer on a terminal. Never waits elsewhere.
import { createInterface } from 'node:readline/promises';
import { normalize } from 'node:path';
import { PinpackError } from '../../pinpack-error.js';
import type { Offer } from './find-offers.js';

/** @param flag - `all`, `none`, or files separated by commas */
export async function chooseOffers(offers: readonly Offer[], flag: string | undefined): Promise<Offer[]> {
  if (flag !== undefined) return byFlag(offers, flag);
  if (offers.length === 0 || !canAsk()) return [];
  return ask(offers);
}

function byFlag(offers: readonly Offer[], flag: string): Offer[] {
  if (flag === 'none' || flag === '') return [];
  if (flag === 'all') return [...offers];
  const files = flag.split(',').map((file) => normalize(file.trim()));
  const unknown = files.filter((file) => !offers.some((offer) => offer.file === file));
  if (unknown.length > 0) {
    const known = offers.map(({ file }) => file).join(', ') || 'none';
    throw new PinpackError('PINPACK_OPTIONS_INVALID', `generator pinpack:init --reqsets=${flag}`, [
      `no new requirements in ${unknown.join(', ')}`,
      `expected all, none, or some of the files that were found: ${known}`,
      'For another file, or another name: npx nx g pinpack:reqset <name> --from <file>',
    ]);
  }
  return offers.filter(({ file }) => files.includes(file));
}

/** Nx takes `--no-interactive` and `--dry-run` away before it calls a generator. */
function canAsk(): boolean {
  const isSilenced = process.argv.some((word) => /^--(?:no-interactive|interactive=false|dry-?run)$/i.test(word));
  return process.stdin.isTTY && process.stdout.isTTY && (process.env.CI ?? '') === '' && !isSilenced;
}

async function ask(offers: readonly Offer[]): Promise<Offer[]> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Control+D: the rest is answered with no.
  const closed = new Promise<string>((resolve) =>
    terminal.once('close', () => {
      resolve('n');
    }),
  );
  const chosen: Offer[] = [];
  try {
    for (const offer of offers) {
      const question = `Create reqset ${offer.name} from ${offer.file}? [Y/n] `;
      const answer = await Promise.race([terminal.question(question), closed]);
      if (/^(?:y|yes|)$/i.test(answer.trim())) chosen.push(offer);
    }
  } finally {
    terminal.close();
  }
  return chosen;
}
