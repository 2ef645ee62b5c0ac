// The option `--exclude-newer` of `lock`, spelled as in uv. Nx takes every option that starts with `--exclude-` for its own `--exclude` and drops it,
// so the plugin reads it from Nx's arguments before the tasks run and passes it on in the environment.

/** The value of the last `--exclude-newer` in Nx's arguments; an empty text if it has none. @returns undefined without the option */
export function excludeNewerIn(argv: readonly string[]): string | undefined {
  return argv.reduce<string | undefined>((found, argument, index) => {
    if (argument === '--exclude-newer') return argv[index + 1] ?? '';
    return argument.startsWith('--exclude-newer=') ? argument.slice('--exclude-newer='.length) : found;
  }, undefined);
}
