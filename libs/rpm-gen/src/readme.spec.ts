import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';
import { expect, it } from 'vitest';

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(README)?.[1] ?? expect.fail(`no block of ${language}`);
}

describeWith(['rpm'], "README's example", () => {
  it('prints what README shows, and writes a package that rpm verifies', () => {
    const at = temporaryFolder();
    mkdirSync(join(at, 'node_modules/@pinpack'), { recursive: true });
    symlinkSync(join(import.meta.dirname, '..'), join(at, 'node_modules/@pinpack/rpm-gen'));
    writeFileSync(join(at, 'example.mjs'), block('js'));
    expect(run(process.execPath, ['example.mjs'], { cwd: at })).toBe(block('text'));
    expect(run('rpm', ['-K', 'example-1.0-1.noarch.rpm'], { cwd: at })).toContain('digests OK');
  });
});
