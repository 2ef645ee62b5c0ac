import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { WorkspaceFile } from './dependency-rules.js';
import { pageIssues, thrownCodes } from './error-codes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function readSources(): WorkspaceFile[] {
  return readdirSync(join(ROOT, 'libs')).flatMap((folder) =>
    readdirSync(join(ROOT, 'libs', folder, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((inside) => inside.endsWith('.ts'))
      .map((inside) => `libs/${folder}/src/${inside}`)
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
  );
}

test('docs/errors.md has one complete entry for each error code, in order', () => {
  const codes = thrownCodes(readSources());
  expect(codes.length).toBeGreaterThan(100);
  const issues = pageIssues(readFileSync(join(ROOT, 'docs/errors.md'), 'utf8'), codes);
  expect(issues, `docs/errors.md differs from the codes in libs:\n  ${issues.join('\n  ')}\n`).toEqual([]);
});

describe('thrownCodes', () => {
  const codesOf = (text: string, path = 'libs/x/src/deep/a.ts') => thrownCodes([{ path, text }]);

  test.each([
    "throw new StoreError('STORE_A', file, []);",
    "return distError(file, 'DIST_A', []);",
    "issues.push(issue('DIST_A', found));",
    "throwIssues('RPM_A', subject, issues);",
    "const one = { code: 'DIST_A', message };",
    "const code = weak ? 'OCI_A' : undefined;",
    "function f() { return ['REPO_A', message]; }",
    "checkDerivedFile(root, file, 'PINPACK_A');",
  ])('are in: %s', (text) => {
    expect(codesOf(text)).toEqual([/[A-Z]+_A/.exec(text)?.[0]]);
  });

  test.each([
    "type ErrorCode = 'DIST_A' | `DIST_B_${string}`;",
    "if (error.code === 'STORE_A') throw error;",
    "switch (code) { case 'STORE_A': }",
    "['STORE_A', 'STORE_B'].includes(error.code);",
    "const { PINPACK_A = '' } = environment; parse(PINPACK_A, 'PINPACK_A');",
    "planStore({ PINPACK_A: undefined }); fail('PINPACK_A');",
    "if (environment.PINPACK_A === 'off') fail('PINPACK_A');",
    "tags.push('REQUIRENAME', 'RPMTAG_NAME');",
    "fail('set PINPACK_A'); // DIST_A",
  ])('are not in: %s', (text) => {
    expect(codesOf(text)).toEqual([]);
  });

  test('are sorted, each once, and not those of tests', () => {
    expect(codesOf("f('RPM_B'); f('RPM_A'); f('RPM_B');")).toEqual(['RPM_A', 'RPM_B']);
    for (const path of ['libs/x/src/a.spec.ts', 'libs/x/src/a.fixture.ts', 'libs/testing/src/a.ts', 'tools/a.ts']) {
      expect(codesOf("f('RPM_A')", path)).toEqual([]);
    }
  });
});

describe('pageIssues', () => {
  const entry = (code: string) => `### ${code}\n\n- Cause: it is damaged.\n- Remedy: Build it again.\n`;
  const page = (...codes: string[]) => `# Errors\n\n## RPM: \`RPM_\`\n\n${codes.map(entry).join('\n')}`;

  test('accepts one entry for each code', () => {
    expect(pageIssues(page('RPM_A', 'RPM_B'), ['RPM_A', 'RPM_B'])).toEqual([]);
  });

  test('lists what is missing and what is obsolete', () => {
    expect(pageIssues(page('RPM_A', 'RPM_C'), ['RPM_A', 'RPM_B'])).toEqual([
      'missing: add the entry "### RPM_B"',
      'obsolete: remove "### RPM_C", not used in libs',
    ]);
  });

  test('reports entries that are repeated, unsorted or in the section of others', () => {
    expect(pageIssues(page('RPM_A', 'RPM_A'), ['RPM_A'])).toEqual(['repeated: "### RPM_A"']);
    expect(pageIssues(page('RPM_B', 'RPM_A'), ['RPM_A', 'RPM_B'])).toEqual([
      'unsorted: "### RPM_A" must come before "### RPM_B"',
    ]);
    expect(pageIssues(page('OCI_A'), ['OCI_A'])).toEqual(['misplaced: "### OCI_A" is in the section "RPM_"']);
  });

  test('reports entries without a cause or a remedy', () => {
    const text = page('RPM_A').replace('it is damaged.', '').replace('- Remedy', 'Remedy');
    expect(pageIssues(text, ['RPM_A'])).toEqual([
      'incomplete: "### RPM_A" has no line "- Cause: …"',
      'incomplete: "### RPM_A" has no line "- Remedy: …"',
    ]);
  });
});
