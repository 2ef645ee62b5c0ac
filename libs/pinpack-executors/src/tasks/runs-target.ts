// Finds out from Nx's command line whether a run includes a target.

/** Whether the command line runs a target: `nx run x:publish`, `nx publish x`, `nx run-many -t build,publish`. */
export function runsTarget(argv: readonly string[], target: string): boolean {
  const [command = '', ...words] = argv.slice(2);
  if (command === target) return true;
  if (command === 'run') return words.some((word) => /^[^-]/.test(word) && word.split(':')[1] === target);
  if (command !== 'run-many' && command !== 'affected') return false;
  return words.some((word, at) => {
    const value = /^(?:--targets?|-t)=(.*)$/.exec(word)?.[1];
    return value === undefined ? isTargetList(words, at) && listed(word, target) : listed(value, target);
  });
}

/** Whether the word follows `-t`: yargs takes all words up to the next option. */
function isTargetList(words: readonly string[], at: number): boolean {
  const before = words.slice(0, at).findLast((word) => word.startsWith('-'));
  return before !== undefined && /^(?:--targets?|-t)$/.test(before) && !(words[at] ?? '').startsWith('-');
}

function listed(text: string, target: string): boolean {
  return text.split(',').includes(target);
}
