import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBackend } from './backend.fixture.js';
import { FolderBackend } from './folder-backend.js';

describeBackend('a folder', async () => new FolderBackend(await mkdtemp(join(tmpdir(), 'pinpack-folder-'))));
