// Replaces the targets of a reqset whose lock or settings are unusable. It reports the reason when it runs, so that `lock` still works.
export interface UnlockedOptions {
  problem: string;
}

export default function unlocked({ problem }: UnlockedOptions): Promise<{ success: boolean }> {
  console.error(problem);
  return Promise.resolve({ success: false });
}
