import { describe, expect, test } from 'vitest';
import { MOST_LAYERS, planLayers, type LayerMember } from './plan-layers.js';

function members(count: number): LayerMember[] {
  return Array.from({ length: count }, (_, at) => ({
    name: `set-wheel-p${String(at).padStart(3, '0')}`,
    size: 1000 * 2 ** (at % 20),
  }));
}

function names(all: readonly LayerMember[], last = ''): Map<string, string[]> {
  return new Map(planLayers(all, last).map((group) => [group.name, group.members.map(({ name }) => name)]));
}

describe('planLayers', () => {
  test('gives each a layer of its own, the last at the end', () => {
    const [first, own, third] = members(3);
    const all = [third, own, first].filter((each) => each !== undefined);
    expect([...names(all, own?.name).keys()]).toEqual([first?.name, third?.name, own?.name]);
  });

  test('groups the small ones where there would be too many, and loses none', () => {
    const all = members(250);
    const layers = names(all, 'set-wheel-p000');
    expect(layers.size).toBeLessThanOrEqual(MOST_LAYERS);
    expect([...layers.values()].flat().sort()).toEqual(all.map(({ name }) => name));
    // The largest, and the application's own library however small it is.
    expect(layers.get('set-wheel-p019')).toHaveLength(1);
    expect([...layers.keys()].at(-1)).toBe('set-wheel-p000');
  });

  test('is the same in whatever order they come', () => {
    const all = members(250);
    expect([...names([...all].reverse())]).toEqual([...names(all)]);
  });

  test('an upgrade that grows a pin a little changes the place of none', () => {
    const all = members(250);
    const grown = all.map((member, at) => (at === 7 ? { ...member, size: member.size + 10 } : member));
    expect(names(grown)).toEqual(names(all));
  });

  test('a small pin that comes changes one group', () => {
    const all = members(250);
    const before = names(all);
    const after = names([...all, { name: 'set-wheel-tiny', size: 1 }]);
    const changed = [...after].filter(([name, each]) => before.get(name)?.join() !== each.join());
    expect(changed).toHaveLength(1);
  });
});
