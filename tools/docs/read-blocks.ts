/**
 * Reads the commands of a documentation page and the output that it shows. A block is run if its info string says so (```` ```console run ````); otherwise
 * a comment before it gives the reason: `<!-- not run: needs an S3 bucket -->`.
 */
export interface Command {
  /** A host of the block: `$` is typed on the workstation, `#` by root on a server. */
  prompt: '$' | '#';
  text: string;
  /** The lines shown below the command. `…` stands for any text, and a line of it alone for any lines. */
  output: string[];
  fails?: boolean;
  /** Of the page, from 1. */
  line: number;
}

export interface Block {
  language: string;
  isRun: boolean;
  /** Whether the last command fails: `run fails`. */
  fails: boolean;
  /** Why it is not run. */
  reason?: string;
  line: number;
  text: string;
}

const FENCE = /^```(\S*)\s*(.*)$/;
const REASON = /^<!-- not run: (.+) -->$/;
const LANGUAGES = new Set(['console', 'sh', 'bash']);

/** The blocks of commands. */
export function readBlocks(page: string): Block[] {
  const lines = page.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, language = '', info = ''] = FENCE.exec(lines[at] ?? '') ?? [];
    if (!(lines[at] ?? '').startsWith('```')) continue;
    const end = lines.indexOf('```', at + 1);
    const stop = end === -1 ? lines.length : end;
    if (LANGUAGES.has(language)) blocks.push(blockOf({ language, info, at, stop }, lines));
    at = stop;
  }
  return blocks;
}

interface Place {
  language: string;
  info: string;
  at: number;
  stop: number;
}

function blockOf({ language, info, at, stop }: Place, lines: readonly string[]): Block {
  const before = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '';
  const reason = REASON.exec(before)?.[1];
  const words = info.split(/\s+/);
  return {
    language,
    isRun: words.includes('run'),
    fails: words.includes('fails'),
    line: at + 1,
    text: lines.slice(at + 1, stop).join('\n'),
    ...(reason !== undefined && { reason }),
  };
}

/** The commands of a block: of `console` the lines after a prompt, of a script the whole text. */
export function commandsOf({ language, text, line, fails }: Block): Command[] {
  if (language !== 'console') return [{ prompt: '$', text, output: [], line: line + 1 }];
  const commands: Command[] = [];
  const lines = text.split('\n');
  for (const [at, one] of lines.entries()) {
    const [, prompt, words] = /^([$#]) (.*)$/.exec(one) ?? [];
    const last = commands.at(-1);
    if (last !== undefined && (isContinued(last) || isHereDocument(last))) last.text += `\n${one}`;
    else if (words === undefined) last?.output.push(one);
    else commands.push({ prompt: prompt === '$' ? '$' : '#', text: words, output: [], line: line + 1 + at });
  }
  const last = commands.at(-1);
  if (fails && last !== undefined) last.fails = true;
  return commands;
}

function isContinued({ text, output }: Command): boolean {
  return output.length === 0 && text.endsWith('\\');
}

/** Until the line with its end. */
function isHereDocument({ text }: Command): boolean {
  const end = /<<'?([A-Z]+)'?/.exec(text)?.[1];
  return end !== undefined && !text.split('\n').includes(end);
}

/** The first shown line that the output does not have in this order; undefined if it has all. */
export function missingLine(shown: readonly string[], output: string): string | undefined {
  const actual = output.split('\n').map((line) => line.trim());
  let next = 0;
  for (const line of shown) {
    if (['', '…'].includes(line.trim())) continue;
    const pattern = new RegExp(`^${line.trim().split('…').map(escape).join('.*')}$`);
    const found = actual.findIndex((one, index) => index >= next && pattern.test(one));
    if (found === -1) return line;
    next = found + 1;
  }
  return undefined;
}

/** Columns may be wider elsewhere. */
function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ {2,}/g, ' +');
}
