import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutDependencies } from './dependency-layout.js';

describe('the layout of the dependency picture', () => {
  test('places each pin right of what requires it, and the pins of a cycle in one column', () => {
    // a → b → c → b, c → d, e → d
    const { positions, cycles } = layoutDependencies([[1], [2], [1, 3], [], [3]]);
    expect(cycles).toEqual([[1, 2]]);
    expect(positions.map(([x]) => x)).toEqual([0, 250, 250, 500, 0]);
    expect(new Set(positions.map(String)).size).toBe(5);
  });

  test('finds the cycles that reachability defines, also a pin that requires itself', () => {
    const graphs = fc.integer({ min: 1, max: 9 }).chain((size) =>
      fc.array(fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 4 }), {
        minLength: size,
        maxLength: size,
      }),
    );
    fc.assert(
      fc.property(graphs, (edges) => {
        const reaches = (start: number): Set<number> => {
          const found = new Set(edges[start]);
          for (const node of found) for (const target of edges[node] ?? []) found.add(target);
          return found;
        };
        const from = edges.map((_, node) => reaches(node));
        const expected = edges.flatMap((_, node) => {
          const members = edges.flatMap((__, other) =>
            from[node]?.has(other) && from[other]?.has(node) ? [other] : [],
          );
          return members.length > 0 && Math.min(...members) === node ? [members] : [];
        });
        const byFirst = (a: number[], b: number[]): number => (a[0] ?? 0) - (b[0] ?? 0);
        expect(layoutDependencies(edges).cycles.sort(byFirst)).toEqual(expected.sort(byFirst));
      }),
    );
  });

  test('handles a chain of 5,000 pins, and splits long columns', () => {
    const chain = Array.from({ length: 5000 }, (_, at) => (at < 4999 ? [at + 1] : []));
    expect(layoutDependencies(chain).positions[4999]).toEqual([4999 * 250, 0]);
    const { positions } = layoutDependencies(Array.from({ length: 2000 }, () => []));
    const width = Math.max(...positions.map(([x]) => x));
    const height = Math.max(...positions.map(([, y]) => y)) * 2;
    expect(width / height).toBeGreaterThan(1);
    expect(width / height).toBeLessThan(2.5);
  });
});
