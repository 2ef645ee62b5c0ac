// Checks a downloaded wheel against the limits before anything unpacks it.
import { throwIssues } from '../dist-error.js';
import type { WheelLimits } from '../limits/limits.js';
import { PositionedFile } from '../zip/positioned-file.js';
import { readWheelFiles } from '../zip/zip-files.js';

/** @param path - of any name. @param fileName - the wheel's, for messages. @throws DistError `DIST_WHEEL_*` */
export async function checkWheelSize(path: string, fileName: string, limits: WheelLimits): Promise<void> {
  const file = new PositionedFile(path, fileName);
  try {
    const { issues } = await readWheelFiles(file, limits);
    throwIssues(fileName, issues);
  } finally {
    file.close();
  }
}
