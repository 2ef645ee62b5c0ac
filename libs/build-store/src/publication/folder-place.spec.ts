import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderPlace } from './folder-place.js';
import { describePublication } from './publication.fixture.js';

describePublication('a folder', async () => {
  return new FolderPlace(join(await mkdtemp(join(tmpdir(), 'pinpack-published-')), 'not', 'there yet'));
});
