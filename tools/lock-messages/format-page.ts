// Formats docs/lock-messages.md.
import type { MessageCase, MessageGroup } from './cases.js';
import type { CaseOutput } from './run-case.js';

const HEAD = `# Messages of lock

What \`nx run demo:lock\` prints for inputs that it cannot lock, or that it comments on, each with the input. A test runs every input and compares this page; it also writes it:
\`npx vitest run --project integration tools/lock-messages -u\`. Causes and remedies by code: [Error codes](errors.md).

A message names its subject, what was found and what was expected, and ends with the next step. Unless shown otherwise, \`reqset.json\` is \`{"python": "3.11.2"}\`.
`;

export function formatPage(groups: readonly MessageGroup[], outputs: ReadonlyMap<string, CaseOutput>): string {
  const parts = groups.flatMap(({ title, cases }) => [
    `## ${title}\n`,
    ...cases.map((one) => formatCase(one, outputs.get(one.title)?.text ?? '')),
  ]);
  return [HEAD, ...parts].join('\n');
}

function formatCase(one: MessageCase, output: string): string {
  const { requirements, files = {}, options = {}, environment = {} } = one;
  const all = { ...(requirements !== undefined && { 'reqsets/demo/requirements.txt': requirements }), ...files };
  const shown = Object.entries(all).map(([path, content]) => {
    const text = typeof content === 'string' ? content : '(ISO-8859-1)';
    return block('text', `# ${path}\n${text.trimEnd()}`);
  });
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value} `);
  const words = Object.entries(options).map(([name, value]) => ` --${kebab(name)}${value === true ? '' : `=${value}`}`);
  const command = `$ ${variables.join('')}npx nx run demo:lock${words.join('')}`;
  return [`### ${one.title}\n`, ...shown, ...indexOf(one), block('console', `${command}\n${output}`)].join('\n');
}

function indexOf({ wheels = [], sdists = {}, answer }: MessageCase): string[] {
  if (answer !== undefined) {
    if (answer === 'silence') return ['The index does not answer.\n'];
    return [
      'status' in answer
        ? `The index answers with status ${answer.status}.\n`
        : `The index answers \`${answer.text}\`.\n`,
    ];
  }
  const names = [...wheels.map(describeWheel), ...Object.keys(sdists).map((name) => `\`${name}\``)];
  return names.length === 0 ? [] : [`The index has ${names.join(', ')}.\n`];
}

function describeWheel(wheel: NonNullable<MessageCase['wheels']>[number]): string {
  if (typeof wheel === 'string') return `\`${wheel}\``;
  const { fileName, requires = [], yanked, uploaded, declaredCount } = wheel;
  const notes = [
    ...(requires.length > 0 ? [`requires \`${requires.join(', ')}\``] : []),
    ...(yanked === undefined ? [] : ['yanked']),
    ...(uploaded === undefined ? [] : [`uploaded ${uploaded.slice(0, 10)}`]),
    ...(declaredCount === undefined ? [] : ['damaged']),
  ];
  return `\`${fileName}\`${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

function kebab(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
