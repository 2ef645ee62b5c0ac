/** Random version texts: valid ones in every spelling that PEP 440 allows, and near misses. */
import type { Random } from '@pinpack/testing';

const NUMBERS = ['0', '1', '2', '3', '9', '10', '11', '007', '20240131'];

/** A valid version in any spelling. Small numbers, so that many of them are close to one another. */
export function drawVersion(random: Random): string {
  const { pick, maybe } = random;
  const number = (): string => pick(NUMBERS);
  const separator = (): string => pick(['', '.', '-', '_']);
  const release = [number(), ...(random.below(3) > 0 ? ['.', number()] : []), ...(random.below(3) > 0 ? ['.0'] : [])];
  const kind = pick(['a', 'alpha', 'b', 'beta', 'c', 'rc', 'pre', 'preview', 'RC', 'Alpha']);
  const post = `${separator()}${pick(['post', 'rev', 'r', 'Post'])}${separator()}${maybe(number())}`;
  return [
    maybe(maybe(maybe('v'))),
    maybe(maybe(maybe('1!'))),
    ...release,
    maybe(`${separator()}${kind}${separator()}${maybe(number())}`),
    maybe(pick([post, post, `-${number()}`])),
    maybe(`${separator()}${pick(['dev', 'DEV'])}${separator()}${maybe(number())}`),
    maybe(
      maybe(`+${pick(['local', 'ubuntu', 'Abc', '1', '10', '007'])}${maybe(`${pick('._-'.split(''))}${number()}`)}`),
    ),
  ].join('');
}

/** A version with a random change, which usually makes it invalid. */
export function drawBrokenVersion(random: Random): string {
  const version = drawVersion(random);
  const at = random.below(version.length + 1);
  const inserted = random.pick(['', '.', '..', '!', '+', '*', 'x', ' ', '-', 'dev', 'é']);
  return version.slice(0, at) + inserted + version.slice(at + random.below(2));
}
