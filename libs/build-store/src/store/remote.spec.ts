import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { temporaryFolder } from '@pinpack/testing';
import { expect, it } from 'vitest';
import { FolderBackend } from '../backends/folder-backend.js';
import type { ObjectContent } from '../backends/backend.js';
import { StoreError } from '../store-error.js';
import { Breaker, BREAKER_OPTIONS } from './breaker.js';
import { EntryStore } from './entry-store.js';
import { Remote } from './remote.js';
import { MemoryJournal } from './run-journal.js';

/** Counts the bodies that are sent, like a server that gets them. */
class CountingBackend extends FolderBackend {
  sent = 0;
  /** Uploads of content that fail before the others. */
  failures = 0;

  override async create(path: string, content: ObjectContent): Promise<'created' | 'exists'> {
    if (!path.includes('/sha256/')) return super.create(path, content);
    if (this.failures-- > 0) throw new StoreError('STORE_UNREACHABLE', path, 'a fault');
    this.sent++;
    return super.create(path, content);
  }
}

it.each([0, 1])(
  'sends content once that two entries have, uploaded at the same time; %i uploads fail',
  async (failures) => {
    const folder = temporaryFolder();
    const backend = new CountingBackend(join(folder, 'store'));
    backend.failures = failures;
    const journal = new MemoryJournal();
    const remote = new Remote(new EntryStore(backend), new Breaker(journal, BREAKER_OPTIONS), journal);
    const file = join(folder, 'a.rpm');
    await writeFile(file, 'the content');
    const content = { sha256: sha256Of('the content'), size: 11 };
    const upload = (kind: 'nx' | 'rpm') => {
      const record = remote.recordOf({ kind, key: 'key', fileName: '', attachments: {}, ...content });
      return remote.upload({ record }, file, new AbortController().signal);
    };
    const outcomes = await Promise.all([upload('rpm'), upload('nx')]);
    expect(outcomes).toEqual([failures === 0 ? 'created' : undefined, 'created']);
    expect(backend.sent).toBe(1);
    expect((await remote.find('nx', 'key'))?.sha256).toBe(content.sha256);
  },
);
