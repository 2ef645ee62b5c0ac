// Reports pins that their index has yanked (PEP 592): an exact pin still selects them.
import { escapeControlCharacters } from '@pinpack/common/control-characters';
import type { IndexClient } from '../index/index-client.js';
import type { WheelFile } from '../names/distribution-file.js';

interface Pin {
  name: string;
  version: string;
  wheel?: WheelFile;
  sdist?: WheelFile;
}

/** One line for each yanked pin, with the reason of the index. */
export async function findYanked(index: IndexClient, pins: readonly Pin[]): Promise<string[]> {
  const lines = pins.map(async ({ name, version, wheel, sdist }) => {
    const fileName = (wheel ?? sdist)?.name;
    const file = (await index.files(name)).find((each) => each.name === fileName);
    if (file?.yanked !== true) return [];
    const reason = file.yankedReason === undefined ? 'without a reason' : escapeControlCharacters(file.yankedReason);
    return [`${name} ${version} was yanked from the index: ${reason}`];
  });
  return (await Promise.all(lines)).flat();
}
