/** Random PEP 440 versions and specifiers, close to one another so that they meet at their bounds. */
import type { Random } from '@pinpack/testing';

const NUMBERS = [0, 0, 1, 1, 2, 3, 9, 10, 11];
/** No segment mixes letters and digits: see docs/decisions/0003-versions.md. */
const LOCALS = [
  'cpu',
  'cu',
  'abc',
  'ubuntu.1',
  'cpu.2',
  'cpu.10',
  '1',
  '2',
  '10',
  '1.cpu',
  '20240131',
  'post.1',
  'dev',
];

export function drawVersion(random: Random): string {
  return `${drawPublicVersion(random)}${random.rarely(4, () => `+${random.pick(LOCALS)}`)}`;
}

export function drawPublicVersion(random: Random): string {
  const number = (): number => random.pick(NUMBERS);
  return [
    random.rarely(12, () => `${random.pick([1, 2, 2024])}!`),
    drawRelease(random),
    random.rarely(3, () => `${random.pick(['a', 'b', 'rc'])}${number()}`),
    random.rarely(3, () => `.post${number()}`),
    random.rarely(4, () => `.dev${number()}`),
  ].join('');
}

function drawRelease(random: Random): string {
  const length = random.pick([1, 2, 2, 3, 3, 3, 4, 5]);
  return Array.from({ length }, (_, index) => (index === 0 ? random.pick([0, 1, 1, 2]) : random.pick(NUMBERS))).join(
    '.',
  );
}

/** One specifier of any operator but `===`, which rpm cannot distinguish from `==`. */
export function drawSpecifier(random: Random): string {
  const operator = random.pick(['>=', '<=', '>', '<', '~=', '==', '!=', '==*', '!=*']);
  if (operator.endsWith('*')) return `${operator.slice(0, -1)}${drawRelease(random)}.*`;
  if (operator === '~=') return `~=${drawRelease(random)}.${drawPublicVersion(random).replace(/^\d+!/, '')}`;
  return `${operator}${operator === '==' || operator === '!=' ? drawVersion(random) : drawPublicVersion(random)}`;
}

/** A version that a specifier's bound is made of: itself, or with something before, behind or left out. */
export function drawNeighbour(random: Random, specifier: string): string {
  const bound = specifier.replace(/^[<>=!~]+/, '').replace(/\.\*$/, '');
  const [publicVersion = ''] = bound.split('+');
  const [release = ''] = /^(?:\d+!)?\d+(?:\.\d+)*/.exec(bound) ?? [];
  return random.pick([
    bound,
    publicVersion,
    release,
    `${release}.0`,
    `${release}.1`,
    `${release}.0.0.1`,
    `${publicVersion}+cpu`,
    `${publicVersion}+zzz.3`,
    `${release}+cpu`,
    `${release}rc1`,
    `${release}rc1.post2`,
    `${release}a0.dev1+cpu`,
    `${release}.dev0`,
    `${release}.post1`,
    `${release}.post1.dev2`,
    `${release}.post2+cpu`,
    ...(publicVersion.includes('dev') ? [] : [`${publicVersion}.dev0`]),
    ...(/post|dev/.test(publicVersion) ? [] : [`${publicVersion}.post0`, `${publicVersion}.post3+cpu`]),
  ]);
}
