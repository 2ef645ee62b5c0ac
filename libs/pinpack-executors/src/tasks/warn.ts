// Prints warnings. Their texts may contain names from wheels.
import { escapeControlCharacters } from '@pinpack/common/control-characters';

export function warn(message: string): void {
  console.warn(escapeControlCharacters(`warning: ${message}`));
}
