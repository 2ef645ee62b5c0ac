import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Places, type PlaceLimits } from './places.js';

const NEVER = new AbortController().signal;
const LONG: PlaceLimits = { total: 4, perIdentity: 3, queueMs: 60_000 };

/** Takes all places that are free for an identity. */
async function fill(places: Places, identity: string, isUpload = false): Promise<(() => void)[]> {
  const releases = [];
  for (;;) {
    const waits = new AbortController();
    const taken = places.take(identity, isUpload, waits.signal);
    waits.abort();
    const release = await taken;
    if (release === undefined) return releases;
    releases.push(release);
  }
}

describe('places', () => {
  it('are limited for each identity and in all', async () => {
    const places = new Places(LONG);
    expect(await fill(places, 'a')).toHaveLength(3);
    expect(await fill(places, 'b')).toHaveLength(1);
    expect(await fill(places, 'c')).toHaveLength(0);
  });

  it('are taken by uploads up to the half', async () => {
    const places = new Places({ total: 8, perIdentity: 6, queueMs: 0 });
    expect(await fill(places, 'a', true)).toHaveLength(3);
    expect(await fill(places, 'b', true)).toHaveLength(1);
    expect(await fill(places, 'a')).toHaveLength(3);
    expect(await fill(places, 'b')).toHaveLength(1);
  });

  it('can be taken by an upload if there is only one', async () => {
    const places = new Places({ total: 1, perIdentity: 1, queueMs: 0 });
    expect(await fill(places, 'a', true)).toHaveLength(1);
  });

  it('go to the identity that has the fewest, and to its oldest request', async () => {
    const places = new Places(LONG);
    const [first] = await fill(places, 'a');
    await fill(places, 'b');
    const order: string[] = [];
    const ask = async (identity: string, name: string): Promise<(() => void) | undefined> => {
      const release = await places.take(identity, false, NEVER);
      order.push(name);
      return release;
    };
    const asked = [ask('a', 'a1'), ask('b', 'b1'), ask('c', 'c1'), ask('c', 'c2')];
    first?.();
    (await asked[2])?.();
    (await asked[3])?.();
    (await asked[1])?.();
    await asked[0];
    expect(order).toEqual(['c1', 'c2', 'b1', 'a1']);
  });

  it('are released once, however often they are given back', async () => {
    const places = new Places({ total: 2, perIdentity: 2, queueMs: 0 });
    const [first, second] = await fill(places, 'a');
    first?.();
    first?.();
    expect(await fill(places, 'a')).toHaveLength(1);
    second?.();
  });

  it('are refused after the deadline, without one, and when the client goes away', async () => {
    const [now, soon] = [new Places({ ...LONG, queueMs: 0 }), new Places({ ...LONG, queueMs: 20 })];
    for (const places of [now, soon]) {
      await fill(places, 'a');
      expect(await places.take('a', false, NEVER)).toBeUndefined();
    }
    const places = new Places(LONG);
    const [first] = await fill(places, 'a');
    const gone = new AbortController();
    const asked = places.take('a', false, gone.signal);
    gone.abort();
    expect(await asked).toBeUndefined();
    // Its place is not given to a client that is gone.
    first?.();
    expect(await fill(places, 'a')).toHaveLength(1);
  });

  it('have a bounded queue for each identity', async () => {
    const places = new Places(LONG);
    await fill(places, 'a');
    const gone = new AbortController();
    setMaxListeners(0, gone.signal);
    const asked = Array.from({ length: 1100 }, () => places.take('a', false, gone.signal));
    expect(await asked.at(-1)).toBeUndefined();
    expect(await fill(places, 'b')).toHaveLength(1);
    gone.abort();
    await Promise.all(asked);
  });
});
