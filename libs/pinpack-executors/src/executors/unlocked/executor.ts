// Stands for `rpm` and `wheel` where a reqset's lock can't be used: the reason is told when it is built, so that `lock` can still be run.
export interface UnlockedOptions {
  problem: string;
}

export default function unlocked({ problem }: UnlockedOptions): Promise<{ success: boolean }> {
  console.error(problem);
  return Promise.resolve({ success: false });
}
