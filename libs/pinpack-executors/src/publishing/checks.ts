// A list of checks, printed line by line as ok or FAIL. Pure.

export interface Check {
  /** What is true if the check passes. */
  title: string;
  /** Why it is not; undefined if the check passed. */
  problem: string | undefined;
}

export class Checks {
  readonly all: Check[] = [];

  get havePassed(): boolean {
    return this.all.every(({ problem }) => problem === undefined);
  }

  /** @param problem - a reason, or whether it holds. @returns whether it passed */
  add(title: string, problem: string | boolean | undefined): boolean {
    const reason = problem === true ? undefined : problem === false ? 'it does not' : problem;
    this.all.push({ title, problem: reason });
    return reason === undefined;
  }

  format(): string {
    return this.all
      .map(({ title, problem }) => (problem === undefined ? `ok    ${title}` : `FAIL  ${title}\n      ${problem}`))
      .join('\n');
  }
}
